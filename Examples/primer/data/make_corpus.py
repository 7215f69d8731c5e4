#!/usr/bin/env python3
"""Write the folder of texts on which the primer model is pre-trained.

Three kinds of text: public-domain books from a folder given by you (*.txt, one
document each), the reading-*.txt beside this script, and every answer of
questions-*.jsonl, talk-*.jsonl and outside-*.jsonl as a document
"question\\nanswer". The last two are written for this project. Prints how many bytes there are of each kind.
Python's standard library only.
"""

import argparse
import json
import pathlib
import re
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
OURS = "corpus.written-by-make_corpus"


def text_of(path):
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        sys.exit(f"{path}, byte {error.start}: not UTF-8; convert the file first")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def book(text, keep_lines):
    """The text of a book: without an e-book's notices around it, paragraphs on one line each, as people type."""
    text = re.sub(r"(?s)\A.*?\*\*\* ?START OF TH[^\n]*\n", "", text)
    text = re.sub(r"(?s)\*\*\* ?END OF TH.*\Z", "", text)
    if not keep_lines:
        # A line that is nearly full runs on; short lines are verse, headings and lists.
        text = re.sub(r"(?m)^([^\n]{45,}?)[ \t]*\n(?=[^\s])", r"\1 ", text)
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def shorten(text, most):
    """The beginning of a text, at most so many bytes, up to the end of a paragraph."""
    data = text.encode("utf-8")
    if len(data) <= most:
        return text
    cut = data[:most].decode("utf-8", "ignore")
    return cut[: cut.rfind("\n\n") + 1]


def count(text):
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text}: give 0 or more")
    return value


def main():
    arguments = argparse.ArgumentParser(
        description=__doc__.split("\n")[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    arguments.add_argument("out", type=pathlib.Path, help="the folder to write; one that this script wrote is replaced")
    arguments.add_argument("--books", type=pathlib.Path, help="folder of public-domain books; left out, there are none")
    arguments.add_argument(
        "--books-bytes", type=count, default=0, help="most bytes of books, an equal part of each; 0 takes all"
    )
    arguments.add_argument("--keep-lines", action="store_true", help="leave the line breaks of the books")
    arguments.add_argument("--data", type=pathlib.Path, default=HERE, help="folder of the texts and questions")
    arguments.add_argument(
        "--questions", type=count, default=0, help="questions of each answer that become documents; 0 takes all"
    )
    arguments.add_argument(
        "--reading-copies", type=count, default=1, help="copies of the reading texts, each beginning elsewhere"
    )
    options = arguments.parse_args()

    if options.out.exists():
        if not (options.out / f".{OURS}").is_file():
            sys.exit(f"{options.out}: exists and was not written by this script; name another folder")
        shutil.rmtree(options.out)
    options.out.mkdir(parents=True)
    (options.out / f".{OURS}").touch()

    def write(name, text):
        path = options.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode("utf-8")
        path.write_bytes(data)
        return len(data)

    figures = []  # (what, documents, bytes of text, by whom)
    if options.books:
        paths = sorted(options.books.glob("*.txt"))
        if not paths:
            sys.exit(f"{options.books}: no .txt files; give a folder of books")
        books = {path.name: book(text_of(path), options.keep_lines) for path in paths}
        if options.books_bytes:
            # Short books leave their part to the longer ones.
            left, shortened = options.books_bytes, {}
            by_length = sorted(books, key=lambda name: len(books[name].encode("utf-8")))
            for index, name in enumerate(by_length):
                shortened[name] = shorten(books[name], left // (len(by_length) - index))
                left -= len(shortened[name].encode("utf-8"))
            books = {name: text for name, text in shortened.items() if text}
        size = sum(write(f"books/{name}", text) for name, text in books.items())
        figures.append(("books", len(books), size, "public domain"))

    for tongue in ("en", "zh"):
        documents, size = 0, 0
        for path in sorted(options.data.glob(f"reading-{tongue}*.txt")):
            paragraphs = [part.strip() for part in text_of(path).split("\n\n") if part.strip()]
            for copy in range(options.reading_copies):
                start = len(paragraphs) * copy // options.reading_copies
                text = "\n\n".join(paragraphs[start:] + paragraphs[:start]) + "\n"
                size += write(f"written/{path.stem}-{copy + 1}.txt", text)
                documents += 1
        figures.append((f"reading texts, {tongue}", documents, size, "written for the project"))
        documents, size, lines = 0, 0, []
        paths = sorted(options.data.glob(f"questions-{tongue}-*.jsonl"))
        paths += [options.data / f"{kind}-{tongue}.jsonl" for kind in ("talk", "outside")]
        for path in paths:
            for line in text_of(path).splitlines():
                if not line.strip():
                    continue
                row = json.loads(line)
                for question in row["questions"][: options.questions or None]:
                    text = f"{question}\n{row['answer']}"
                    size += len(text.encode("utf-8"))
                    lines.append(json.dumps({"text": text}, ensure_ascii=False))
        write(f"written/answers-{tongue}.jsonl", "".join(line + "\n" for line in lines))
        figures.append((f"answers, {tongue}", len(lines), size, "written for the project"))

    whole = sum(size for _, _, size, _ in figures) or 1
    for what, documents, size, source in figures:
        print(f"{what:20} {documents:6} documents {size:11,} bytes {100 * size / whole:5.1f}%  {source}")
    for source in ("public domain", "written for the project"):
        size = sum(figure[2] for figure in figures if figure[3] == source)
        print(f"{source:27} {'':9}{size:11,} bytes {100 * size / whole:5.1f}%")


if __name__ == "__main__":
    main()
