#!/usr/bin/env python3
"""Draws docs/images/*.svg from what the program really shows in a terminal: Scripts/make-pictures.py [PROGRAM]

Needs tmux, which plays the terminal; nothing else beyond Python's own library.
"""

import html
import pathlib
import re
import subprocess
import sys
import time
import unicodedata

root = pathlib.Path(__file__).resolve().parent.parent
program = sys.argv[1] if len(sys.argv) > 1 else str(root / ".build/release/apus")
width, height, size = 8.4, 20, 14  # of a character's cell, and of the letters
basic = ["#1b1f27", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d7dae0"]
paper, ink, soft = "#1b1f27", "#d7dae0", "#8b92a0"


def screen(columns, rows, steps, folder="/tmp"):
    """What a terminal shows after the steps: keys to press, or a pattern to wait for."""
    name = f"apus-picture-{time.monotonic_ns()}"

    def tmux(*words):
        return subprocess.run(["tmux", "-u", "-L", name, *words], check=True, capture_output=True, text=True).stdout

    tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), "-c", folder,
         f"env -i TERM=xterm-256color PATH={pathlib.Path(program).parent}:/usr/bin:/bin LC_ALL=C.UTF-8 PS1='$ ' "
         "bash --norc --noprofile")
    try:
        for step in steps:
            if isinstance(step, re.Pattern):
                for _ in range(300):
                    if step.search(tmux("capture-pane", "-p")):
                        break
                    time.sleep(0.1)
                else:
                    sys.exit(f"'{step.pattern}' did not come:\n" + tmux("capture-pane", "-p"))
            else:
                tmux("send-keys", "-l", step)
                tmux("send-keys", "Enter")
        time.sleep(0.3)
        return tmux("capture-pane", "-e", "-p").rstrip().split("\n")
    finally:
        subprocess.run(["tmux", "-L", name, "kill-server"], check=False)


def colour(number):
    if number < 8:
        return basic[number]
    if number < 16:
        return basic[number - 8]
    if number > 231:
        level = 8 + 10 * (number - 232)
        return f"#{level:02x}{level:02x}{level:02x}"
    levels = [0, 95, 135, 175, 215, 255]
    r, g, b = (number - 16) // 36, (number - 16) // 6 % 6, (number - 16) % 6
    return f"#{levels[r]:02x}{levels[g]:02x}{levels[b]:02x}"


def cells(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


def svg(lines, title):
    columns = max(cells(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines)
    w, h = round(columns * width + 40), len(lines) * height + 64
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img">',
        f"<title>{html.escape(title)}</title>",
        f'<rect width="{w}" height="{h}" rx="10" fill="{paper}"/>',
        *(f'<circle cx="{20 + 18 * i}" cy="20" r="5.5" fill="{c}"/>' for i, c in
          enumerate(["#ed6a5e", "#f5bf4f", "#61c554"])),
        f'<g font-family="ui-monospace,\'DejaVu Sans Mono\',Menlo,Consolas,monospace" font-size="{size}" '
        f'xml:space="preserve">',
    ]
    for row, line in enumerate(lines):
        y, x = 44 + row * height, 20.0
        style = {"fg": None, "bg": None, "bold": False, "dim": False}
        for part in re.split(r"(\x1b\[[0-9;]*m)", line):
            if part.startswith("\x1b"):
                codes = [int(c or 0) for c in part[2:-1].split(";")]
                while codes:
                    code = codes.pop(0)
                    if code == 0:
                        style = {"fg": None, "bg": None, "bold": False, "dim": False}
                    elif code in (1, 2):
                        style["bold" if code == 1 else "dim"] = True
                    elif code == 22:
                        style["bold"] = style["dim"] = False
                    elif 30 <= code <= 37:
                        style["fg"] = basic[code - 30]
                    elif code in (38, 48) and codes[:1] == [5]:
                        style["fg" if code == 38 else "bg"] = colour(codes[1])
                        codes = codes[2:]
                    elif code in (39, 49):
                        style["fg" if code == 39 else "bg"] = None
                continue
            if not part:
                continue
            span = cells(part) * width
            if style["bg"]:
                out.append(f'<rect x="{x:.1f}" y="{y}" width="{span:.1f}" height="{height - 1}" rx="2" '
                           f'fill="{style["bg"]}"/>')
            if part.strip():
                fill = style["fg"] or (soft if style["dim"] else ink)
                weight = ' font-weight="bold"' if style["bold"] else ""
                out.append(f'<text x="{x:.1f}" y="{y + 15}" textLength="{span:.1f}" fill="{fill}"{weight}>'
                           f"{html.escape(part).replace(chr(32), chr(160))}</text>")
            x += span
    return "\n".join(out + ["</g>", "</svg>", ""])


def draw(name, title, lines):
    target = root / "docs/images" / f"{name}.svg"
    target.parent.mkdir(exist_ok=True)
    target.write_text(svg(lines, title), encoding="utf-8")
    print(target.relative_to(root), target.stat().st_size, "bytes")


def answered(question):
    """The figures that follow the answer to a question."""
    return re.compile(re.escape(question) + r"[\s\S]*\[\d+ tokens, [\d.,]+ tokens/s.*\]")


draw("chat", "apus chat: questions in English and Chinese, answers, and figures after each reply",
     screen(84, 24, ["clear; apus chat", re.compile("Ctrl-D leaves"), "What is a token?", answered("a token?"),
                     "什么是微调？", answered("微调？"), "Which wine goes with fish?", answered("fish?"),
                     "/stats", re.compile("window")]))
draw("tokenize", "apus tokenize: a text in colours, a token each, with ids, pieces and byte offsets",
     screen(84, 30, ["clear; apus tokenize 'The old king said nothing: naïve café, 你好!'", re.compile('"!"')])[:-1])
