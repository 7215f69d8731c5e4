"""Writes schemas.json: schemas with texts, and whether jsonschema (4.26.0, formats asserted) takes each text.

`own` are texts in the form that a constraint writes (properties in the schema's order, a space or none after a comma and
colon): those that are valid must be accepted. `other` are changed ones: those that are not valid must not be accepted.

    pip install 'jsonschema[format-nongpl]==4.26.0'
    python make_schemas.py
"""

import json
import pathlib
import random

from jsonschema import Draft202012Validator

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 8},
        "age": {"type": "integer", "minimum": 0, "maximum": 130},
        "tags": {"type": "array", "items": {"enum": ["a", "b", "ab"]}, "maxItems": 3},
        "note": {"type": ["string", "null"]},
    },
    "required": ["name", "age"],
    "additionalProperties": False,
}
TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"v": {"type": "integer"}, "c": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
            "required": ["v"],
            "additionalProperties": False,
        }
    },
}

# Schema, own texts.
CASES = [
    (True, ["1", "-0.5e+9", '"x"', "[]", "{}", '{"a":[1,{"b":null}]}', "true", '"\\ud83d\\ude00"', '"😀é"']),
    ({"type": "object"}, ["{}", '{"a": 1, "b": [true, false]}', '{"": ""}']),
    ({"type": "array"}, ["[]", "[1]", '[1,"x", {"a": []}]']),
    ({"type": "string"}, ['""', '"a\\n\\u00e9\\"\\\\"', '"日本語"']),
    ({"type": ["integer", "null"]}, ["0", "-12", "null", "1234567"]),
    ({"type": "number"}, ["0", "-0.25", "1e5", "12.5E-3"]),
    (PERSON, [
        '{"name":"Ann","age":5}', '{"name": "é😀", "age": 130, "tags": ["a", "ab"], "note": null}',
        '{"name":"12345678","age":0,"note":"x"}', '{"name":"a","age":7,"tags":[]}']),
    (TREE, ['{"v":1}', '{"v":1,"c":[{"v":-2,"c":[]},{"v":3,"c":[{"v":4}]}]}']),
    ({"type": "integer", "minimum": -17, "maximum": 203}, ["-17", "-9", "0", "5", "99", "100", "203"]),
    ({"type": "integer", "exclusiveMinimum": 0}, ["1", "10", "987654321"]),
    ({"type": "integer", "maximum": -5}, ["-5", "-6", "-70"]),
    ({"type": "integer", "minimum": 3, "maximum": 3}, ["3"]),
    ({"type": "integer", "multipleOf": 7}, ["0", "7", "-14", "700", "1001"]),
    ({"type": "integer", "multipleOf": 4, "minimum": 6, "maximum": 99}, ["8", "12", "96"]),
    ({"type": "integer", "minimum": 0.5, "maximum": 9.5}, ["1", "9"]),
    ({"type": "number", "minimum": 0, "maximum": 1}, ["0", "1", "0.5", "0.999", "1.0", "0.000"]),
    ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, ["0.5", "0.001", "0.9999"]),
    ({"type": "number", "minimum": -2.5, "maximum": 12.75}, ["-2.5", "-2.49", "0", "12.75", "12.7", "9.99", "-0.1"]),
    ({"type": "number", "minimum": 1e-7}, ["0.0000001", "1", "0.1"]),
    ({"minimum": 10}, ["10", "11.5", "100"]),
    ({"type": "string", "minLength": 2, "maxLength": 4}, ['"ab"', '"abcd"', '"é😀"', '"\\n\\n"', '"\\ud83d\\ude00a"']),
    ({"type": "string", "maxLength": 0}, ['""']),
    ({"type": "string", "minLength": 3}, ['"abc"', '"abcdefgh"']),
    ({"type": "string", "pattern": "^[a-c]{2,3}$"}, ['"ab"', '"abc"', '"cc"']),
    ({"type": "string", "pattern": "b+"}, ['"b"', '"abba"', '"xbx"']),
    ({"type": "string", "pattern": "^x|y$"}, ['"x1"', '"1y"', '"x"', '"xy"']),
    ({"type": "string", "pattern": "^(\\d{3}-)?\\w+\\.(com|org)$"}, ['"123-a.com"', '"ab_1.org"']),
    ({"type": "string", "pattern": "^[^\"]*$", "maxLength": 3}, ['""', '"a\\\\b"', '"日"', '"a b"']),
    ({"type": "string", "pattern": "^\\S+ \\S+$"}, ['"a b"', '"日 x"']),
    ({"type": "string", "pattern": "^a?b*c+(de){2}$"}, ['"cdede"', '"abbccdede"']),
    ({"type": "string", "pattern": "a", "minLength": 2}, ['"ab"', '"ba"', '"xxa"']),
    ({"type": "string", "format": "date"}, ['"2024-02-29"', '"1999-12-31"', '"2023-04-30"']),
    ({"type": "string", "format": "date-time"}, ['"2024-02-29T23:59:59Z"', '"1985-04-12T23:20:50.52+01:30"']),
    ({"type": "string", "format": "time"}, ['"08:30:06Z"', '"23:59:59.25-02:00"']),
    ({"type": "string", "format": "uuid"}, ['"123e4567-e89b-12d3-a456-426614174000"']),
    ({"type": "string", "format": "email"}, ['"a.b@example.com"', '"x+y@sub.example.org"']),
    ({"type": "string", "format": "ipv4"}, ['"0.0.0.0"', '"192.168.10.255"']),
    ({"type": "string", "format": "ipv6"}, ['"2001:db8:0:0:0:0:0:1"']),
    ({"type": "string", "format": "hostname"}, ['"example"', '"a-b.example.com"']),
    ({"type": "string", "format": "uri"}, ['"https://example.com/a/b?c=d#e"', '"http://localhost:80"']),
    ({"type": "string", "format": "duration"}, ['"P1D"', '"PT3H20M"', '"P2Y3M"', '"P4W"']),
    ({"enum": ["red", "green", 1, 1.5, None, True, ["x"], {"a": 1}]},
     ['"red"', '"green"', "1", "1.5", "null", "true", '["x"]', '{"a":1}']),
    ({"enum": [1, 12, 123]}, ["1", "12", "123"]),
    ({"const": "x\"y\\z\n"}, ['"x\\"y\\\\z\\n"']),
    ({"type": "integer", "enum": [1, "a", 2.5, 3]}, ["1", "3"]),
    ({"anyOf": [{"type": "integer"}, {"type": "string", "maxLength": 2}]}, ["5", '"ab"', '""']),
    ({"anyOf": [PERSON, TREE], "$defs": TREE["$defs"]}, ['{"name":"Ann","age":5}', '{"v":3}']),
    ({"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
      "anyOf": [{"required": ["a"]}, {"required": ["b"]}], "additionalProperties": False},
     ['{"a":1}', '{"b":2}', '{"a":1,"b":2}']),
    ({"allOf": [{"type": "object", "properties": {"a": {"type": "integer", "minimum": 3}}, "required": ["a"]},
                {"properties": {"a": {"maximum": 5}, "b": {"type": "boolean"}}}]},
     ['{"a":3}', '{"a":5,"b":true}']),
    ({"allOf": [{"type": "integer", "minimum": 3}, {"maximum": 9}, {"multipleOf": 2}]}, ["4", "8"]),
    ({"allOf": [{"enum": [1, 2, 3]}, {"enum": [2, 3, 4]}]}, ["2", "3"]),
    ({"$ref": "#/$defs/s", "maxLength": 2, "$defs": {"s": {"type": "string", "minLength": 1}}}, ['"a"', '"ab"']),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3}, ["[1,2]", "[1, 2, 3]"]),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 1}, ["[1]", "[1,2,3,4,5]"]),
    ({"type": "array", "items": {"type": "integer"}, "maxItems": 1}, ["[]", "[1]"]),
    ({"type": "array", "maxItems": 0}, ["[]"]),
    ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False},
     ["[]", "[1]", '[1,"a"]']),
    ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": {"type": "null"},
      "minItems": 3, "maxItems": 4}, ['[1,"a",null]', '[1,"a", null,null]']),
    ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 1, "maxItems": 1}, ["[1]"]),
    ({"type": "array", "items": {"type": "array", "items": {"type": "boolean"}, "minItems": 1}, "minItems": 1},
     ["[[true]]", "[[true,false],[false]]"]),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, ["{}", '{"x":1}', '{"x":1, "y":-2}']),
    ({"type": "object", "properties": {"a": {"type": "string"}, "ab": {"type": "null"}},
      "additionalProperties": {"type": "integer"}},
     ["{}", '{"a":"x"}', '{"a":"x","c":1}', '{"abc":1,"":2}', '{"ab":null,"b":3}']),
    ({"type": "object", "required": ["x"]}, ['{"x":1}', '{"x":{"y":[]}}']),
    ({"type": "object", "properties": {"é\"": {"type": "null"}, "b/c~d": {"$ref": "#/properties/é\""}}},
     ['{"é\\"":null}', '{"b/c~d":null}']),
    ({"type": "object", "properties": {"a": True, "b": False}}, ['{"a":[1]}', "{}"]),
    ({"type": "boolean"}, ["true", "false"]),
    ({"type": "null", "title": "t", "description": "d", "default": None, "examples": [None]}, ["null"]),
    ({"type": "object", "properties": {"k": {"$ref": "#"}}, "additionalProperties": False}, ["{}", '{"k":{"k":{}}}']),
]

VALUES = [None, True, False, 0, 1, -1, 2, 3, 5, 7, 12, 100, 0.5, 1.5, -2.5, 131, 204, "", "a", "ab", "abc", "x", "red",
          "2023-02-29", "2023-13-01", "256.0.0.1", "é", [], [1], [1, 2], ["a"], [None], {}, {"a": 1}, {"b": 1}, {"v": 1},
          {"name": "A"}, [[]], {"x": 1}]


def changed(value, rng):
    """The value with a part of it replaced, removed or added."""
    if isinstance(value, dict) and value and rng.random() < 0.8:
        key = rng.choice(list(value))
        result = dict(value)
        if rng.random() < 0.3:
            del result[key]
        elif rng.random() < 0.2:
            result[rng.choice(["a", "z", "name", "v"])] = rng.choice(VALUES)
        else:
            result[key] = changed(value[key], rng)
        return result
    if isinstance(value, list) and value and rng.random() < 0.8:
        result = list(value)
        index = rng.randrange(len(result))
        if rng.random() < 0.3:
            del result[index]
        elif rng.random() < 0.3:
            result.insert(index, rng.choice(VALUES))
        else:
            result[index] = changed(value[index], rng)
        return result
    if isinstance(value, str) and rng.random() < 0.6:
        place = rng.randrange(len(value) + 1)
        return value[:place] + rng.choice(["", "a", "9", "-", "é", "\n", '"']) + value[place + rng.randrange(2):]
    if isinstance(value, (int, float)) and not isinstance(value, bool) and rng.random() < 0.6:
        return rng.choice([value + 1, value - 1, value * 10, -value, value / 2, value + 0.5])
    return rng.choice(VALUES)


def main():
    rng = random.Random(1)
    result = []
    for schema, texts in CASES:
        validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        for text in texts:
            validator.validate(json.loads(text))
        other = {}
        for _ in range(60):
            value = changed(json.loads(rng.choice(texts)), rng)
            text = json.dumps(value, ensure_ascii=False, separators=rng.choice([(",", ":"), (", ", ": ")]))
            other[text] = validator.is_valid(value)
        result.append({"schema": schema, "own": texts, "other": [{"text": t, "valid": v} for t, v in other.items()]})
    path = pathlib.Path(__file__).parent / "schemas.json"
    path.write_text(json.dumps(result, ensure_ascii=False, indent=0) + "\n")
    print(len(result), "schemas,", sum(len(r["own"]) for r in result), "own texts,",
          sum(len(r["other"]) for r in result), "others, of which valid",
          sum(o["valid"] for r in result for o in r["other"]))


if __name__ == "__main__":
    main()
