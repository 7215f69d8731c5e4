"""Writes folding.json: pairs of texts, and whether they are the same whatever their case and width. What is expected
comes from Python 3.11's unicodedata (Unicode 14): decompositions <wide> and <narrow> undone, NFC, casefold, NFC.

    python make_folding.py
"""
import json
import pathlib
import platform
import unicodedata


def usual_width(c):
    kind, _, rest = unicodedata.decomposition(c).partition(" ")
    return "".join(chr(int(x, 16)) for x in rest.split()) if kind in ("<wide>", "<narrow>") else c


def fold(text):
    text = unicodedata.normalize("NFC", "".join(map(usual_width, text)))
    return unicodedata.normalize("NFC", text.casefold())


# Every character that has another width, and every character that case folding changes.
characters = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
changed = [c for c in characters if unicodedata.category(c) != "Cn" and fold(c) != c]
texts = [
    "ＡＢＣ１２３", "abc123", "ｶﾞｷﾞｸﾞ", "ガギグ", "ﾊﾟ", "パ", "café", "cafe\u0301", "CAFÉ", "Straße", "STRASSE", "straẞe",
    "ΌΣΟΣ", "όσος", "ＴＥＭＰＥＲＡＴＵＲＥ　０．７", "temperature 0.7", "温度，０．７", "温度,0.7", "10²", "102", "１０２",
    "½", "1/2", "ﬁne", "fine", "①", "1", "İ", "i̇", "ı", "i", "I", "ﾡ", "ㄱ", "￦", "₩", "￣", "¯", "Å", "Å", "ﬀ", "FF", "",
]
data = {
    "python": platform.python_version(), "unicode": unicodedata.unidata_version,
    "characters": "".join(changed), "folded": [fold(c) for c in changed],
    "texts": texts, "foldedTexts": [fold(t) for t in texts],
}
pathlib.Path(__file__).with_name("folding.json").write_text(json.dumps(data) + "\n")
