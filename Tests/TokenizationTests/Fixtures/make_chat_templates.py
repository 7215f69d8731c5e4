"""Renders chat templates with Python's jinja2, set up as transformers does, and writes the expected results.

    pip install jinja2==3.1.6 transformers==5.23.0
    TZ=UTC python make_chat_templates.py

Writes chat_templates.json: `templates` (published templates with many conversations), `truncations` (every beginning
of them) and `snippets` (small templates that use one feature each). An expected result is the text, or its length and
FNV-1a hash where it is long, or null where jinja2 raises. The clock stands at 2023-11-14 22:13:20 UTC.
"""

import copy
import datetime
import json
import os
import time
from pathlib import Path

os.environ["TZ"] = "UTC"
time.tzset()

import jinja2
import transformers
from transformers.utils import chat_template_utils

import chat_snippets

assert jinja2.__version__ == "3.1.6", jinja2.__version__
assert transformers.__version__ == "5.23.0", transformers.__version__

HERE = Path(__file__).parent


class StoppedClock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromtimestamp(1_700_000_000)


chat_template_utils.datetime = StoppedClock


def fnv(data: bytes) -> str:
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def render(source, variables):
    try:
        template = chat_template_utils._cached_compile_jinja_template(source)
        text = template.render(**copy.deepcopy(variables))
        text.encode("utf-8")
        return text
    except Exception:
        return None


def expected(text, limit=400):
    if text is None or len(text) <= limit:
        return text
    data = text.encode("utf-8")
    return {"length": len(data), "fnv": fnv(data)}


TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get «weather» <b>&</b>",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": " The city "},
                "days": {"type": ["integer", "null"]},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["city"],
        },
        "return": {"type": "object", "description": "x"},
    },
}
CALL = {"id": "abcdefghi", "type": "function",
        "function": {"name": "get_weather", "arguments": {"city": "Zürich", "days": 2, "f": 1.5}}}
TEXT_CALL = {"id": "abcdefghi", "type": "function", "function": {"name": "f", "arguments": "{\"a\": 1}"}}
S = {"role": "system", "content": "  Be brief. 你好 "}
U = {"role": "user", "content": "Hëllo 👩‍👩‍👧 'quoted' \"x\""}
A = {"role": "assistant", "content": "Hi there"}
E = {"role": "user", "content": ""}
THINK = {"role": "assistant", "content": "<think>\nhm\n</think>\n\nanswer"}
REASON = {"role": "assistant", "content": "answer", "reasoning_content": "\nbecause\n"}
C = {"role": "assistant", "content": None, "tool_calls": [CALL]}
C2 = {"role": "assistant", "content": "calling", "tool_calls": [CALL, CALL]}
CS = {"role": "assistant", "content": "", "tool_calls": [TEXT_CALL]}
R = {"role": "tool", "content": "22°C", "tool_call_id": "abcdefghi", "name": "get_weather"}
RD = {"role": "tool", "content": {"t": 22, "u": None}, "tool_call_id": "abcdefghi"}
CONVERSATIONS = [
    [], [U], [S, U], [U, A], [U, A, U], [S, U, A, U], [U, C, R], [S, U, C, R, A], [U, C2, R, R, A, U], [U, CS, R], [E],
    [E, {"role": "assistant", "content": ""}], [A, U], [U, U], [S], [U, S], [U, THINK, U], [U, THINK], [U, REASON],
    [U, C, RD], [{"role": "user"}], [{"role": "user", "content": None}], [{"role": "weird", "content": "x"}],
    [{"role": "user", "content": [{"type": "text", "text": "hi"}]}], [S, U, A, U, C, R, A, U, THINK, E],
]


def option_sets():
    base = {"bos_token": "<s>", "eos_token": "</s>"}
    yield {**base, "tools": None, "documents": None, "add_generation_prompt": True}
    yield {**base, "tools": [TOOL], "documents": [{"title": "T", "text": "é"}], "add_generation_prompt": False}
    yield {**base, "tools": [TOOL, TOOL["function"]], "add_generation_prompt": True, "enable_thinking": False}
    yield {"bos_token": "<s>"}
    yield {**base, "builtin_tools": ["code_interpreter", "brave_search"], "date_string": "1 Jan", "tools": None}
    yield {"tools": [TOOL], "tools_in_user_message": False, "custom_tools": [TOOL]}


def main():
    sources = {path.stem: path.read_text("utf-8") for path in sorted((HERE / "chat-templates").glob("*.jinja"))}
    options = list(option_sets())
    templates = {
        name: [[expected(render(source, {**option, "messages": messages})) for messages in CONVERSATIONS]
               for option in options]
        for name, source in sources.items()
    }
    truncations = {}
    for name, source in sources.items():
        good = []
        for length in range(len(source)):
            text = render(source[:length], {**options[0], "messages": CONVERSATIONS[3]})
            if text is not None:
                good.append([length, fnv(text.encode("utf-8"))])
        truncations[name] = good
    snippets = [
        {"template": source, "expected": expected(render(source, chat_snippets.VARIABLES), 4000)}
        for source in chat_snippets.EXPRESSIONS + chat_snippets.TEMPLATES
    ]
    # The addresses that Python prints are not repeatable.
    snippets = [s for s in snippets if " at 0x" not in str(s["expected"])]
    result = {
        "conversations": CONVERSATIONS, "options": options, "templates": templates, "truncations": truncations,
        "variables": chat_snippets.VARIABLES, "snippets": snippets,
    }
    (HERE / "chat_templates.json").write_text(json.dumps(result, ensure_ascii=False, indent=0), "utf-8")
    raised = sum(s["expected"] is None for s in snippets)
    print(f"{len(snippets)} snippets ({raised} raise), {sum(map(len, truncations.values()))} good truncations")


main()
