"""Writes chat_rows.json: a small tokenizer, published chat templates with and without marks of what the assistant wrote,
conversations, and the ids and masks that transformers makes of them.

    python3 -m pip install transformers==5.23.0 tokenizers==0.23.3
    python3 Tests/TrainingTests/Fixtures/make_chat_rows.py

The marks are put in here; the templates without them are those as published, of which the same masks are expected.
"""
import json
import pathlib

import tokenizers
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

assert transformers.__version__.startswith("5.23"), transformers.__version__
assert tokenizers.__version__ == "0.23.3", tokenizers.__version__

HERE = pathlib.Path(__file__).parent
TEMPLATES = HERE.parents[1] / "TokenizationTests" / "Fixtures" / "chat-templates"

SPECIAL = ["<s>", "</s>", "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<bos>", "<eos>", "<start_of_turn>",
           "<end_of_turn>", "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|system|>",
           "<|user|>", "<|assistant|>", "<|end|>", "[INST]", "[/INST]", "<｜User｜>", "<｜Assistant｜>",
           "<｜end▁of▁sentence｜>"]

CORPUS = [
    "user assistant system model You are a helpful assistant. created by Alibaba Cloud Qwen",
    "What is the capital of France? The capital of France is Paris. And of Italy? Rome, of course!",
    "Cutting Knowledge Date: December 2023 Today Date: 26 Jul 2024", "法国的首都是哪里？是巴黎。<think>\n\n</think>\n\n",
] * 4

CONVERSATIONS = [
    [("user", "What is the capital of France?"), ("assistant", "The capital of France is Paris.")],
    [("user", "法国的首都？"), ("assistant", "是巴黎 🗼。"), ("user", "And of Italy?"), ("assistant", "Rome!")],
    [("user", "Hi"), ("assistant", "line one\n\nline two"), ("user", "1\n2"), ("assistant", "x"), ("user", "y"),
     ("assistant", "The capital of France is Paris. 👩‍👩‍👧")],
    [("system", "Be brief."), ("user", "Hi"), ("assistant", "Rome, of course")],
]


def swap(source, old, new):
    assert source.count(old) == 1, (source.count(old), old)
    return source.replace(old, new)


def chatml(source):
    role = "'<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n'"
    return swap(
        source, "{{- " + role + " }}",
        "{%- if message.role == 'assistant' %}{{- '<|im_start|>assistant\\n' }}{%- generation %}"
        "{{- message.content + '<|im_end|>' }}{%- endgeneration %}{{- '\\n' }}{%- else %}{{- " + role
        + " }}{%- endif %}")


def gemma(source):
    head, tail = source.index("{{ '<start_of_turn>' + role"), source.index("{% endfor %}")
    return (source[:head] + "{{ '<start_of_turn>' + role + '\n' }}{% if role == 'model' %}{% generation %}"
            "{{ message['content'] | trim + '<end_of_turn>' }}{% endgeneration %}{% else %}"
            "{{ message['content'] | trim + '<end_of_turn>' }}{% endif %}{{ '\n' }}" + source[tail:])


def llama(source):
    old = ("{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + "
           "'<|eot_id|>' }}")
    return swap(
        source, old,
        "{%- if message.role == 'assistant' %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}"
        "{%- generation %}{{- message['content'] | trim + '<|eot_id|>' }}{%- endgeneration %}{%- else %}" + old
        + "{%- endif %}")


def phi(source):
    return swap(
        source, "{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}",
        "{{'<|assistant|>\n'}}{% generation %}{{ message['content'] + '<|end|>' }}{% endgeneration %}{{ '\n'}}")


def mistral(source):
    return swap(
        source, '{{- message["content"] + eos_token}}',
        '{%- generation %}{{- message["content"] + eos_token}}{%- endgeneration %}')


def deepseek(source):
    return swap(
        source, "{{'<｜Assistant｜>' + content + '<｜end▁of▁sentence｜>'}}",
        "{{'<｜Assistant｜>'}}{%- generation -%}{{ content + '<｜end▁of▁sentence｜>'}}{%- endgeneration -%}")


def qwen3(source):
    for first in ("<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}",):
        old = "{{- '<|im_start|>' + message.role + '\\n" + first
        source = swap(source, old, "{{- '<|im_start|>' + message.role + '\\n' }}{%- generation %}{{- '" + first
                      + "{{- '<|im_end|>' }}{%- endgeneration %}")
    plain = "{{- '<|im_start|>' + message.role + '\\n' + content }}"
    assert source.count(plain) == 2
    source = source.replace(plain, "{{- '<|im_start|>' + message.role + '\\n' }}{%- generation %}{{- content + "
                                   "'<|im_end|>' }}{%- endgeneration %}")
    # Calls of tools are left out: their marks would have to span several blocks.
    start, end = source.index("        {%- if message.tool_calls %}"), source.index("        {{- '<|im_end|>\\n' }}")
    return source[:start] + swap(source[end:], "        {{- '<|im_end|>\\n' }}\n    {%- elif",
                                 "        {{- '\\n' }}\n    {%- elif")


FAMILIES = [
    ("Qwen-Qwen2.5-7B-Instruct", chatml, None, "<|im_end|>"),
    ("Qwen-Qwen3-0.6B", qwen3, None, "<|im_end|>"),
    ("google-gemma-2-2b-it", gemma, "<bos>", "<end_of_turn>"),
    ("meta-llama-Llama-3.1-8B-Instruct", llama, "<|begin_of_text|>", "<|eot_id|>"),
    ("microsoft-Phi-3.5-mini-instruct", phi, "<s>", "<|end|>"),
    ("mistralai-Mistral-Nemo-Instruct-2407", mistral, "<s>", "</s>"),
    ("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", deepseek, "<s>", "<｜end▁of▁sentence｜>"),
]


def make_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"'s|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"),
                             "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=480, special_tokens=[AddedToken(text, special=True, normalized=False) for text in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def main():
    tokenizer = make_tokenizer()
    templates, cases = {}, []
    for name, mark, bos, eos in FAMILIES:
        source = (TEMPLATES / f"{name}.jinja").read_text("utf-8")
        marked = mark(source)
        templates[name] = {"plain": source, "marked": marked, "bos": bos, "eos": eos}
        fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=bos, eos_token=eos)
        for conversation in CONVERSATIONS:
            messages = [{"role": role, "content": content} for role, content in conversation]
            try:
                text = fast.apply_chat_template(messages, chat_template=source, tokenize=False)
            except Exception:  # Gemma has no system messages.
                continue
            assert text == fast.apply_chat_template(messages, chat_template=marked, tokenize=False), name
            result = fast.apply_chat_template(
                messages, chat_template=marked, tokenize=True, return_dict=True, return_assistant_tokens_mask=True)
            cases.append({"template": name, "messages": messages, "ids": result["input_ids"],
                          "mask": result["assistant_masks"]})
    output = {"tokenizer": json.loads(tokenizer.to_str()), "templates": templates, "cases": cases}
    (HERE / "chat_rows.json").write_text(json.dumps(output, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


main()
