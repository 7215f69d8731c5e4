"""Small templates, one feature each, that make_chat_templates.py renders with jinja2.

Each entry is a template; all see the same VARIABLES.
"""

VARIABLES = {
    "x": 7, "y": 2, "neg": -7, "f": 2.5, "t": True, "fl": False, "n": None, "s": "Hello World", "e": "",
    "u": "Größe ΑΣ ß İ 你好 👩‍👩‍👧 é", "ws": " \t a b  c \n ", "l": [3, 1, 2], "words": ["pear", "Apple", "fig"],
    "d": {"b": 2, "a": 1, "items": "own", "x y": None}, "nested": {"k": [1, {"z": "deep"}], "empty": {}, "list": []},
    "users": [
        {"name": "Bo", "age": 30, "on": True, "city": "X"}, {"name": "al", "age": 25, "on": False, "city": "y"},
        {"name": "Cy", "age": 30, "on": True, "city": "Y"},
    ],
    "lines": "one\ntwo\n\nthree\n", "html": "<b>\"a\" & 'b'</b>", "tree": [{"v": 1, "c": [{"v": 2, "c": []}]}, {"v": 3}],
    "messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "<think>a</think>b"}],
}

EXPRESSIONS = r"""
x + y
x - y * 2
x / y
x // y
neg // y
neg % y
x % -3
x ** y
2 ** -1
-2 ** 2
2 ** 3 ** 2
(-8) ** 3
f * 2
f // 1
-f // 1
-f % 1
7.5 % -2
1 / 3
1e16
1e15
123456789012345680.0
1e-5
0.0001
1.5e300 * 1e10
0.1 + 0.2
10 / 5
-0.0
1_000 + 0x1F + 0b101 + 0o17
1e3
true + true
x + f
x / 0
x // 0
x % 0
f / 0
"a" + 1
"a" * 3
3 * "ab"
[1] * 2
[1] + [2, 3]
(1, 2) + (3,)
[1] + (2,)
"ab" "cd"
x ~ y ~ n ~ t ~ f
"%s-%d-%5.2f|%-5s|%05d|%x|%X|%o|%e|%g|%c|%%|%r" % ("a", 3, 2.345, "b", 42, 255, 255, 8, 12345.678, 0.00001, 65, "q'")
"%(a)s %(b)05.1f" % {"a": 1, "b": 2.25}
"%s" % 1
"%s" % [1, 2]
"%s %s" % (1,)
"%s" % (1, 2)
"%d" % "x"
"%5s|%-5s|%.2s" % ("ab", "ab", "abc")
"%+d % d %+.1f" % (1, 2, 3.0)
"%*d" % (5, 3)
"x" % []
"%i" % 3.9
"abc"[1]
"abc"[-1]
"abc"[5]
s[1:4]
s[::-1]
s[::2]
s[-3:]
s[:-3]
u[2:5]
u[::-1]
l[1:]
l[::-1]
l[-2:]
l[5:]
l[3:0:-1]
l[::0]
range(10)[2:8:3]
(1, 2, 3)[1:]
l[0]
l[9]
l["a"]
l.0
l.5
d.a
d["a"]
d.items
d["items"]
d.items()
d.missing
d.missing.more
d["missing"]["more"]
d["x y"]
nested.k[1].z
nested["k"][1]["z"]
missing
missing.attr
missing[0]
missing()
missing + 1
missing ~ "a"
missing == missing2
missing is defined
not missing
missing or "fallback"
missing and 1
missing|length
missing|list
missing|join
missing|upper
missing|int
missing|default("d")
e|default("d")
e|default("d", true)
n|default("d")
n|d("d", true)
missing|tojson
-missing
missing < 1
missing in [1]
1 in missing
1 < 2 < 3
1 < 3 < 2
1 == 1.0
1 == true
"a" == "a"
"a" < "b"
"a" < 1
[1, 2] < [1, 3]
[1, 2] == (1, 2)
{"a": 1} == {"a": 1}
n == none
none < 1
x in [1, 7]
x not in [1, 7]
"el" in s
"" in s
1 in s
"a" in d
1 in d
[] in d
1 in 5
not x
not not x
not x == 7
x == 7 and y == 2 or fl
fl or n or e or "last"
t and 1 and "z"
1 if t else 2
1 if fl else 2
1 if fl
(1 if fl) is defined
"a" if fl else "b" if fl else "c"
x is odd
x is even
x is divisibleby 7
x is divisibleby(2)
x is number
f is float
x is integer
t is integer
t is boolean
t is true
fl is false
n is none
n is not none
s is string
d is mapping
l is sequence
d is sequence
x is sequence
l is iterable
x is iterable
s is iterable
s is lower
"abc" is lower
"ABC" is upper
x is sameas x
n is sameas none
t is sameas true
1 is sameas 1.0
x is eq 7
x is equalto 7
x is ne 7
x is gt 3
x is ge(7)
x is lt 3
x is le 7
x is lessthan 8
x is greaterthan 8
x is in [7]
x is not in [7]
"upper" is filter
"nope" is filter
"odd" is test
range is callable
x is callable
x is defined and y is defined
x is nosuchtest
x|nosuchfilter
s.upper()
s.lower()
s.title()
s.capitalize()
s.swapcase()
u.upper()
u.lower()
u.title()
u.capitalize()
u.casefold()
ws.strip()
ws.lstrip()
ws.rstrip()
"xxaxx".strip("x")
"abcba".lstrip("ab")
"abcba".rstrip("ab")
s.strip(1)
ws.split()
ws.split(" ")
ws.split(none, 1)
ws.rsplit(none, 1)
"a,b,c".split(",")
"a,b,c".split(",", 1)
"a,b,c".rsplit(",", 1)
"a,b,c".split(",", maxsplit=1)
"abc".split("")
"".split()
"".split(",")
lines.splitlines()
lines.splitlines(true)
lines.splitlines(keepends=true)
s.replace("l", "L")
s.replace("l", "L", 1)
s.replace("", "-")
"".replace("", "-")
s.startswith("He")
s.startswith(("x", "H"))
s.endswith("ld")
s.startswith("l", 2)
s.endswith("l", 0, 3)
s.startswith(1)
s.find("o")
s.find("o", 5)
s.find("zz")
s.rfind("o")
s.index("o")
s.index("zz")
s.rindex("o")
s.count("l")
s.count("")
u.find("好")
u.index("👩")
s.removeprefix("Hello ")
s.removesuffix("World")
s.removesuffix("")
"5".zfill(3)
"-5".zfill(4)
"ab".center(5)
"ab".center(6, "*")
"abc".center(6)
"ab".ljust(5, ".")
"ab".rjust(5)
s.partition(" ")
s.rpartition("o")
s.partition("zz")
s.rpartition("zz")
",".join(["a", "b"])
",".join([1])
",".join(d)
"".join([])
"a\tb".expandtabs(4)
"abc".isalpha()
"ab1".isalnum()
"12".isdigit()
"²".isdigit()
"½".isnumeric()
"12".isdecimal()
" ".isspace()
"".isspace()
"Ab Cd".istitle()
"AB".isupper()
"ab".islower()
"a_1".isidentifier()
"é".isascii()
"a\n".isprintable()
"{} {}".format(1, "b")
"{0} {1} {0}".format(1, 2)
"{a} {b[0]} {c.x}".format(a=1, b=[2], c={"x": 3})
"{:>5}|{:<5}|{:^5}|{:05d}|{:.2f}|{:,}|{:x}|{:#x}|{:b}|{:e}|{:%}".format("a", "b", "c", 42, 3.14159, 1234567, 255, 255, 5, 12345.678, 0.25)
"{!r} {!s}".format("a", "b")
"{:{w}}|".format("a", w=4)
"{} {1}".format(1, 2)
"{".format()
"{}".format()
"{{}}".format()
"{:.3}".format("abcdef")
"{:+}".format(5)
"{:g}".format(0.1)
"{:.3}".format(1234.5)
"{:_}".format(1234567)
"{:*^9}".format("mid")
"{a.upper}".format(a="x")
s.nosuch()
s.__class__
s.__class__.x
s._private
d.keys()
d.values()
d.get("a")
d.get("zz")
d.get("zz", 5)
d.copy()
d.keys()|list
d.items()|list
d.update({"q": 1})
d.pop("a")
d.clear
d.clear()
l.append(1)
l.sort()
l.index(2)
l.index(9)
l.count(1)
l.copy()
(1, 2).index(2)
(5).bit_length()
(2.0).is_integer()
x.real
[1, "a", 2.0, none, true, [], {}, ()]
(1,)
()
{"a": 1, 2: [3], none: true, (1, 2): 3.5}
{"it's": "a\"b", "n": "a\nb\t\\ \x00 é 你 \u200b"}
["it's", 'say "hi"', "both ' and \""]
"\x41\u00e9\U0001F600\101\n\q"
'\''
"a\
b"
{"a": 1, "a": 2}
{1: "a", 1.0: "b", true: "c"}
{[]: 1}
l|length
s|length
u|length
d|length
x|length
l|first
l|last
e|first
[]|last
d|first
l|max
l|min
[]|max
words|max
words|min
users|max(attribute="age")
users|min(attribute="name")
l|sum
users|sum(attribute="age")
users|sum("age", 100)
words|sum
l|sort
l|sort(reverse=true)
words|sort
words|sort(case_sensitive=true)
users|sort(attribute="age,name")|map(attribute="name")|list
users|sort(attribute="age", reverse=true)|map(attribute="name")|list
[1, "a"]|sort
l|reverse|list
s|reverse
d|reverse|list
x|reverse
words|join
words|join(", ")
users|join("|", attribute="name")
[1, none, true]|join("-")
x|join
words|map("upper")|list
words|map("length")|list
users|map(attribute="name")|join(",")
users|map(attribute="zip", default="?")|join(",")
users|map(attribute="age")|sum
words|map("replace", "p", "P")|list
words|map|list
words|map("nope")|list
l|select("odd")|list
l|select|list
[0, 1, none, ""]|select|list
l|select(">", 1)|list
l|reject("even")|list
users|selectattr("on")|map(attribute="name")|list
users|rejectattr("on")|map(attribute="name")|list
users|selectattr("age", "equalto", 30)|list|length
users|selectattr("age", ">=", 30)|map(attribute="name")|list
users|selectattr("zip", "defined")|list
users|selectattr|list
l|select("nope")|list
l|select("in", [1, 2])|list
users|groupby("age")|map(attribute="grouper")|list
users|groupby("city")|map("first")|list
users|groupby("city", case_sensitive=true)|map("first")|list
users|groupby("zip", default="z")|length
users|groupby("age")|first
(users|groupby("age")|first).list|length
[3, 1, 3, 2]|unique|list
["a", "A", "b"]|unique|list
["a", "A"]|unique(case_sensitive=true)|list
users|unique(attribute="age")|map(attribute="name")|list
[1, 2, 3, 4, 5]|batch(2)|list
[1, 2, 3, 4, 5]|batch(2, "x")|list
[1, 2, 3, 4, 5]|slice(3)|list
[1, 2, 3, 4, 5]|slice(3, "x")|list
d|dictsort
d|dictsort(by="value")
{"b": 1, "A": 2}|dictsort
{"b": 1, "A": 2}|dictsort(true)
{"b": 1, "a": 2}|dictsort(false, "value", true)
d|items|list
x|items|list
missing|items|list
d|list
s|list
s|upper
s|lower
s|title
"foo-bar (baz) it's"|title
s|capitalize
x|upper
ws|trim
"xxaxx"|trim("x")
s|replace("o", "0")
s|replace("o", "0", 1)
x|replace(7, 8)
s|center(20)
lines|indent
lines|indent(2, true)
lines|indent(2, first=true, blank=true)
lines|indent("> ")
e|indent
x|indent
s|truncate(5)
s|truncate(8, true)
s|truncate(8, false, "!", 0)
s|truncate(8, true, "…", 0)
s|truncate(1)
"a long sentence with-hyphens and more words"|wordwrap(10)
"abcdefghijklmnop qr"|wordwrap(5)
"abcdefghijklmnop qr"|wordwrap(5, false)
s|wordcount
u|wordcount
"3"|int
"3.7"|int
"x"|int
"x"|int(5)
"0x1f"|int(0, 16)
"ff"|int(base=16)
" 12 "|int
3.9|int
-3.9|int
n|int
l|int
t|int
"1_000"|int
"3.5"|float
"x"|float
"x"|float(1.5)
"1e3"|float
x|float
"inf"|float
2.5|round
3.5|round
2.675|round(2)
2.345|round(1, "floor")
2.345|round(1, "ceil")
x|round
1234|round(-2)
1250|round(-2)
2.5|round|int
neg|abs
-2.5|abs
s|abs
s|string
x|string
l|string
html|e
html|escape|upper
html|safe
html|forceescape
(html|safe) + "<i>"
"<i>" + (html|safe)
(html|e)|replace("<", "x")
("<%s>"|safe) % "<"
html|striptags
"a b&c=/é"|urlencode
{"a b": "c d", "e": 1}|urlencode
{"class": "x", "id": none, "q": "<"}|xmlattr
1000|filesizeformat
1|filesizeformat
1500000|filesizeformat
1536|filesizeformat(true)
"%s %s"|format("a", 1)
"%(a)s"|format(a=2)
d|attr("items") is callable
d|attr("a")
x|attr("real")
d|pprint
d|tojson
nested|tojson
nested|tojson(indent=2)
nested|tojson(indent=0)
[]|tojson(indent=2)
l|tojson(indent=4)
d|tojson(sort_keys=true)
d|tojson(separators=(",", ":"))
d|tojson(indent=2, separators=(",", " = "))
u|tojson
u|tojson(ensure_ascii=true)
"a\"\\/\b\f\n\r\t\x01\x7f\u2028<&'"|tojson
[1.0, 1e20, 0.1, true, none, 1]|tojson
{1: 2, true: 3, none: 4, 1.5: 5}|tojson
(1, (2,))|tojson
range(3)|tojson
d|tojson(indent="\t")
d|tojson(true)
x|tojson(nope=1)
{"z": {"y": 1, "x": [1, {"w": []}]}}|tojson(indent=2, sort_keys=true)
range(5)|list
range(2, 10, 3)|list
range(5, 0, -2)|list
range(0)|list
range(3)
range(1, 4)|sum
range(1000000)
range(1.5)
range()
range(5)|last
3 in range(5)
dict(a=1, b=2)
dict({"a": 1}, b=2)
dict([("a", 1), ["b", 2]])
dict(1)
namespace(a=1).a
namespace({"a": 1}, b=2).b
namespace(_a=1)
namespace(a=1)["a"]
namespace().q
cycler("a", "b").next()
cycler()
joiner("|")()
raise_exception("no " ~ x)
raise_exception()
strftime_now("%Y-%m-%d %H:%M:%S")
strftime_now("%d %b %Y") ~ strftime_now("%B, %A %j %-d %f%%")
strftime_now()
[x, y][0]
{"a": {"b": 1}}.a.b
"abc".upper().lower()[1]
(x, y)
x, y
l | map("string") | join("+") | length
not x in l
x not in l and y in l
(s|length > 3) and (s|first == "H")
messages[0].role
messages[-1]["content"].split("</think>")[-1]
messages|length - 1
messages[::-1][0].role
messages[1:]|length
messages|selectattr("role", "equalto", "user")|list|last
s is string and s is not mapping
dict(**{"a": 1})
dict(*[{"a": 1}], **{"b": 2})
range(*[1, 4])|list
"{}-{}".format(*[1, 2])
"{a}".format(**{"a": 1})
(1, 2, 3) is sequence
x.y.z
x["y"]
"a" is string
"a" ~ 1 + 2
1 + 2 ~ "a"
1 - 1 ~ 2
2 * 3 ~ 4
-1|abs
-x|abs
+x
- - x
--x
x if x > 5 else y
[1, 2, 3,]
{"a": 1,}
(1, 2,)
[1, 2
{"a" 1}
x +
x y
x..y
x[
'abc
"a' 
@
x | | y
x | upper()
x is
f(a=1, 2)
f(**a, *b)
[a for a in b]
lambda: 1
x = 1
x := 1
a.b.1c
1a
é
$x
`x`
x ? y
x && y
x !y
"\u12"
"\xg"
1.
.5
1..real
"a"."upper"
True, False, None
TRUE
self
self.nothing
loop
loop.index
caller()
super()
x is none is none
x is not defined
x is not not defined
x[1:2, 3]
d[1:2]
n[0]
n.a
x[0]
n()
x()
"a"()
9223372036854775807
-9223372036854775807 - 1
""".strip("\n").split("\n")
# Expressions that span lines in the list above are joined here.
_joined = []
for _line in EXPRESSIONS:
    if _joined and _joined[-1] == '"a\\':
        _joined[-1] += "\n" + _line
    else:
        _joined.append(_line)
EXPRESSIONS = ["{{ " + e + " }}" for e in _joined]

TEMPLATES = [
    # White space control.
    "a\n{% if t %}\nb\n{% endif %}\nc\n", "a\n  {% if t %}  \n  b\n  {% endif %}  \nc", "  {{ x }}  \n  {{ y }}\n",
    "a {%- if t -%} b {%- endif -%} c", "a\n\n  {%- if t %}\n  b\n  {%- endif %}\n  c", "{%+ if t +%}\n b {%+ endif %}",
    "  {%+ if t %} b{% endif %}", "a  {{- x -}}  b", "a\n {{- x }}\n b", "{# c #}\nx", "a {# c #} b", "a {#- c -#} b",
    "a\n  {# c #}\nb", "{#+ c +#}\nx", "  {#+ c #}x", "{# {{ x }} {% if %} #}ok", "{# a\nb\n#}\n\nx",
    "{% raw %}{{ x }} {% if %}{% endraw %}", "a\n  {% raw %}\n  b\n  {% endraw %}\n  c", "{%- raw -%}\n b \n{%- endraw -%}\n c",
    "{% raw +%}x{% endraw %}", "{% raw %}x{% endraw +%}\ny", "{% raw %}", "{% raw %}x", "{#", "{# x", "{{", "{%", "{% if", "{{ x",
    "\n\nx\n\n", "x\r\ny\rz\r\n", "{{ 'a\r\nb' }}", "\t{% if t %}\tx{% endif %}", "\u00a0{% if t %}x{% endif %}",
    "{% if t %}\u2003\n{% endif %}|", "{{ x }}\n", "{{ x }}\n\n", "{% set a = 1 %}\n{% set b = 2 %}\n{{ a }}{{ b }}", "{ { % } } #", "{", "}}", "%}",
    "a{% if t %}\n\nb{% endif %}", "{%if t%}x{%endif%}", "{{x}}{{-y-}}", "{%-if t-%} x {%-endif-%}", "{% if t: %}x{% endif %}",
    # for
    "{% for i in l %}{{ i }}{% endfor %}", "{% for i in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}",
    "{% for i in l %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }} {% endfor %}", "{% for i in l %}{{ loop.previtem.x }}{% endfor %}",
    "{% for i in l %}{{ loop.cycle('a', 'b') }}{{ loop.depth }}{{ loop.depth0 }}{% endfor %}", "{% for i in [1,1,2,2,1] %}{{ loop.changed(i) }} {% endfor %}",
    "{% for i in [] %}x{% else %}none{% endfor %}", "{% for i in l %}x{% else %}none{% endfor %}", "{% for i in missing %}x{% else %}none{% endfor %}", "{% for i in n %}x{% endfor %}", "{% for i in x %}x{% endfor %}",
    "{% for i in l if i > 1 %}{{ loop.index }}/{{ loop.length }}:{{ i }} {% else %}none{% endfor %}", "{% for i in l if i > 9 %}x{% else %}none{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in d %}{{ k }};{% endfor %}", "{% for k, v in d|dictsort %}{{ k }}{% endfor %}", "{% for a, b in [(1, 2), (3, 4)] %}{{ a + b }} {% endfor %}",
    "{% for a, b in [1, 2] %}x{% endfor %}", "{% for a, b in [(1, 2, 3)] %}x{% endfor %}", "{% for a, b, c in [(1, 2)] %}x{% endfor %}", "{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "{% for (a, b) in [(1, 2)] %}{{ a }}{{ b }}{% endfor %}", "{% for a, in [(1,)] %}{{ a }}{% endfor %}",
    "{% for c in 'aé你' %}[{{ c }}]{% endfor %}", "{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}", "{% for i in l %}{% continue %}{% else %}E{% endfor %}", "{% for i in l %}{% break %}{% else %}E{% endfor %}",
    "{% break %}", "{% if t %}{% continue %}{% endif %}", "{% for i in l %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}", "{% for i in l %}{% set q %}{% break %}{% endset %}{% endfor %}x", "{% for i in l %}{% for j in l %}{% if j == 1 %}{% break %}{% endif %}{{ j }}{% endfor %}{{ i }};{% endfor %}",
    "{% for i in l %}a{% else %}{% break %}{% endfor %}", "{% for n in tree recursive %}{{ n.v }}({{ loop.depth }}){% if n.c %}[{{ loop(n.c) }}]{% endif %}{% endfor %}", "{% for n in tree recursive %}{{ n.v }}{{ loop(n.c or []) }}{% else %}-{% endfor %}", "{% for n in l %}{{ loop(l) }}{% endfor %}",
    "{% for i in l %}{% set z = i %}{% endfor %}{{ z }}", "{% set z = 0 %}{% for i in l %}{% set z = z + i %}{{ z }}{% endfor %}{{ z }}", "{% set ns = namespace(z=0) %}{% for i in l %}{% set ns.z = ns.z + i %}{% endfor %}{{ ns.z }}", "{% for i in l %}{% for j in l %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}",
    "{% for i in l %}{% if loop.first %}{% set q = 1 %}{% endif %}{{ q }}{% endfor %}", "{% for i in l %}{% set loop = 1 %}{% endfor %}", "{% for loop in l %}{% endfor %}", "{% for i in l if loop.index %}x{% endfor %}", "{% for i in l|map('string') %}{{ loop.length }}{{ i }}{{ loop.last }}{% endfor %}", "{% for i in l|select('odd') %}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}",
    "{% for x in l %}{{ x }}{% endfor %}{{ x }}", "{% for true in l %}{% endfor %}", "{% for a.b in l %}{% endfor %}", "{% for [a, b] in l %}{% endfor %}", "{% for 1 in l %}{% endfor %}", "{% for i in l, 4 %}{{ i }}{% endfor %}", "{% for i in 1, 2 %}{{ i }}{% endfor %}", "{% for i in l if t else 5 %}{{ i }}{% endfor %}", "{% for i in (l if t else 5) %}{{ i }}{% endfor %}",
    "{% for i in l %}{{ i }}", "{% for i in l %}{% endif %}", "{% endfor %}", "{% for %}{% endfor %}", "{% for i l %}{% endfor %}", "{% for i in l %}{% else %}{% else %}{% endfor %}", "{% set s2 = loop %}{{ s2 is defined }}",
    "{% set g = l|map('string') %}{% for i in g %}{{ i }}{% endfor %}{% for i in g %}{{ i }}{% endfor %}", "{% set ns = namespace(on=true) %}{% for i in l if ns.on %}{{ i }}{% set ns.on = false %}{% endfor %}", "{% for i in l %}{{ loop }}{% endfor %}",
    # if
    "{% if x > 5 %}a{% elif x > 3 %}b{% else %}c{% endif %}", "{% if fl %}a{% elif t %}b{% else %}c{% endif %}", "{% if fl %}a{% elif n %}b{% else %}c{% endif %}", "{% if %}x{% endif %}", "{% if t %}x", "{% if t %}{% else %}{% elif t %}{% endif %}", "{% if fl %}{{ x|nofilter }}{% endif %}ok", "{% if fl %}{% for i in l %}{{ x|nofilter }}{% endfor %}{% endif %}", "{% if t %}{{ x|nofilter }}{% endif %}", "{% if fl %}{{ x is notest }}{% endif %}ok", "{{ x if t else x|nofilter }}", "{% if fl %}{% set w = 1 %}{% endif %}{{ w }}", "{% if t %}{% set x = 1 %}{% endif %}{{ x }}", "{% if x, y %}t{% endif %}", "{% if x if t %}{% endif %}",
    # set
    "{% set a = 1 %}{{ a }}", "{% set a, b = 1, 2 %}{{ b }}{{ a }}", "{% set (a, b) = (1, 2) %}{{ a }}", "{% set a, (b, c) = 1, [2, 3] %}{{ c }}", "{% set a = 1, 2 %}{{ a }}", "{% set a %}x{{ x }}{% endset %}[{{ a }}]", "{% set a | upper %}x{{ s }}{% endset %}{{ a }}", "{% set a | replace('x', 'y') | upper %}xx{% endset %}{{ a }}", "{% set a %}{% set b = 1 %}{% endset %}{{ b }}", "{% set ns = namespace() %}{% set ns.a = 1 %}{{ ns.a }}", "{% set ns = namespace() %}{% set ns.a, ns.b = 1, 2 %}{{ ns.b }}", "{% set ns = namespace() %}{% set ns._a = 1 %}", "{% set d.q = 1 %}", "{% set nope.q = 1 %}", "{% set ns = namespace(a=1) %}{% set ns.b %}q{% endset %}{{ ns.b }}{{ ns }}", "{% set true = 1 %}", "{% set 1 = 2 %}", "{% set a.b.c = 2 %}", "{% set a['b'] = 2 %}", "{% set a %}", "{% set a = %}", "{% set a, b = 1 %}", "{% set a, b = 1, 2, 3 %}", "{{ w }}{% set w = 1 %}{{ w }}", "{% set x = x + 1 %}{{ x }}", "{% set messages = messages[1:] %}{{ messages|length }}", "{% set range = 3 %}{{ range }}", "{% set _p = 1 %}{{ _p }}", "{% set ns = namespace(l=[]) %}{% for i in l %}{% set ns.l = ns.l + [i * 2] %}{% endfor %}{{ ns.l }}", "{% set ns = namespace(d={}) %}{% set ns.d = dict(ns.d, **{'k': 1}) %}{{ ns.d }}",
    # macro and call
    "{% macro m() %}hi{% endmacro %}{{ m() }}", "{% macro m(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(1, c=5) }} {{ m(a=1) }}", "{% macro m(a) %}[{{ a }}]{% endmacro %}{{ m() }}", "{% macro m(a) %}{{ a.b }}{% endmacro %}{{ m() }}", "{% macro m(a) %}x{% endmacro %}{{ m(1, 2) }}", "{% macro m(a) %}x{% endmacro %}{{ m(b=2) }}", "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, z=3) }}", "{% macro m(a) %}{{ varargs|length }}{% endmacro %}{{ m(1, 2, 3) }}", "{% macro m(a, varargs) %}{{ varargs }}{% endmacro %}{{ m(1, 2) }}", "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}body{{ x }}{% endcall %}", "{% macro m() %}<{{ caller(1, 'b') }}>{% endmacro %}{% call(a, b) m() %}{{ a }}{{ b }}{% endcall %}", "{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}", "{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}", "{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}", "{% macro m(caller) %}{{ caller() }}{% endmacro %}{% call m() %}y{% endcall %}", "{% macro m(caller=none) %}{{ caller() if caller else 'no' }}{% endmacro %}{{ m() }}{% call m() %}y{% endcall %}", "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(5) }}", "{% macro m() %}{{ later }}{% endmacro %}{% set later = 5 %}{{ m() }}", "{% for i in l %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}", "{% macro m() %}{% set x = 99 %}{{ x }}{% endmacro %}{{ m() }}{{ x }}", "{{ m() }}{% macro m() %}{% endmacro %}", "{% macro m(a, a) %}{% endmacro %}", "{% macro m(a=1, b) %}{% endmacro %}", "{% macro m(a.b) %}{% endmacro %}", "{% macro m %}{% endmacro %}", "{% macro m() %}", "{{ m.name }}{% macro m(a) %}{% endmacro %}", "{% macro m(a, b=1) %}{% endmacro %}{{ m.name }}{{ m.arguments }}{{ m.catch_kwargs }}{{ m.caller }}{{ m }}", "{% macro a() %}{% macro b() %}in{% endmacro %}{{ b() }}{% endmacro %}{{ a() }}{{ b }}", "{% macro m() %} x \n{% endmacro %}[{{ m()|trim }}]", "{% macro m(x) -%}\n {{ x }}\n{%- endmacro %}{{ m(1) ~ m(2) }}", "{% call 5 %}{% endcall %}", "{% call x %}{% endcall %}", "{% macro m(f) %}{{ f(1) }}{% endmacro %}{% macro g(v) %}<{{ v }}>{% endmacro %}{{ m(g) }}", "{% macro m() %}{{ kwargs.a }}{% endmacro %}{{ m(**{'a': 4}) }}", "{% macro m(a, b) %}{{ a }}{{ b }}{% endmacro %}{{ m(*[1, 2]) }}",
    "{% macro outer() %}({{ caller() }}){% endmacro %}{% macro inner() %}{% call outer() %}[{{ caller() }}]{% endcall %}{% endmacro %}{% call inner() %}x{% endcall %}", "{% macro t(x) %}{% if x is string %}{{ x }}{% elif x is mapping %}{% for k, v in x|items %}{{ k }}:{{ t(v) }};{% endfor %}{% elif x is iterable %}{% for i in x %}{{ t(i) }},{% endfor %}{% else %}{{ x }}{% endif %}{% endmacro %}{{ t(nested) }}",
    # filter, with, block, generation, other tags
    "{% filter upper %}a{{ s }}{% endfilter %}", "{% filter replace('a', 'b')|upper %}aa{% endfilter %}", "{% filter nope %}{% endfilter %}", "{% filter %}{% endfilter %}", "{% with a = 1, b = x %}{{ a }}{{ b }}{% endwith %}{{ a }}", "{% with a = 1, b = a %}{{ b }}{% endwith %}", "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q }}", "{% with (a, b) = (1, 2) %}{{ a }}{{ b }}{% endwith %}", "{% with x = 5 %}{{ x }}{% endwith %}{{ x }}", "{% with a %}{% endwith %}",
    "{% block a %}in{{ x }}{% endblock %}", "{% block a %}in{% endblock a %}{{ self.a() }}", "{% set z = 3 %}{% block a %}{{ z }}{% endblock %}", "{% for i in l %}{% block a scoped %}{{ i }}{% endblock %}{% endfor %}", "{% for i in l %}{% block a %}{{ i }}{% endblock %}{% endfor %}", "{% block a %}{% endblock %}{% block a %}{% endblock %}", "{% block a required %}{% endblock %}", "{% block a-b %}{% endblock %}", "{% block a %}{{ super() }}{% endblock %}", "{% block a %}{% set z = 1 %}{% endblock %}{{ z }}",
    "a{% generation %}b{{ x }}{% endgeneration %}c", "{% for m in messages %}{{ m.role }}: {% generation %}{{ m.content }}é{% endgeneration %}\n{% endfor %}", "{% generation %}{% set q = 1 %}{% endgeneration %}{{ q }}", "{% generation %}a", "{%- generation -%} a {%- endgeneration -%} b", "{% for i in l %}{% generation %}{% break %}{% endgeneration %}{% endfor %}", "{% macro m() %}{% generation %}q{% endgeneration %}{% endmacro %}é{{ m() }}", "{% if t %}{% generation %}x{% endgeneration %}{% endif %}",
    "{% include 'x' %}", "{% include 'x' ignore missing %}", "{% import 'x' as y %}", "{% from 'x' import y %}", "{% extends 'x' %}", "{% if fl %}{% include 'x' %}{% endif %}ok", "{% if t %}{% extends 'x' %}{% endif %}", "{% for i in l %}{% extends 'x' %}{% endfor %}", "{% do l.append(1) %}", "{% debug %}", "{% trans %}{% endtrans %}", "{% print x, y %}", "{% print %}", "{% autoescape false %}{{ html }}{% endautoescape %}", "{% nosuch %}", "{% %}", "{% 1 %}", "{% if t %}{% endfor %}", "{% set q = 1 -%}\n\n {{ q }}", "{% endset %}", "{% macro m() %}{% endcall %}",
    "{{ cycler }}"[:0] + "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.current }}{{ c.pos }}{{ c.items }}", "{% set j = joiner('|') %}{% for i in l %}{{ j() }}{{ i }}{% endfor %}", "{% set j = joiner() %}{{ j() }}a{{ j() }}b", "{% set r = range(3) %}{{ r|list }}{{ r|list }}{{ r.start }}{{ r.stop }}{{ r == range(0, 3) }}", "{{ {'a': namespace(b=1)}.a.b }}", "{% set ns = namespace() %}{% set ns.self = ns %}{{ ns.self.self is sameas ns }}",
    "{{ raise_exception('bad') }}", "{% if fl %}{{ raise_exception('bad') }}{% endif %}ok", "{{ missing.a if missing is defined else 'no' }}", "{{ (missing|default({})).a is defined }}", "{{ messages[0]['nope'] is defined }}", "{{ messages[5] is defined }}", "{{ messages[5].role }}",
    # Typical constructs of published templates, in small.
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\\n' + message['content'] + eos_token|default('</s>') }}\n{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\\n'  + message['content'] }}\n{% endif %}\n{% if loop.last and not add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}",
    "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' }}{% endif %}{% endfor %}",
    "{%- for m in messages %}{%- if m.content is string %}{{ m.content }}{%- else %}{%- for p in m.content %}{%- if p.type == 'image' %}<img>{%- elif 'text' in p %}{{ p.text | trim }}{%- endif %}{%- endfor %}{%- endif %}{%- endfor %}",
    "{%- set ns = namespace(last=-1) -%}{%- for m in messages[::-1] -%}{%- set i = messages|length - 1 - loop.index0 -%}{%- if m.role == 'user' and ns.last < 0 -%}{%- set ns.last = i -%}{%- endif -%}{%- endfor -%}{{ ns.last }}",
    "{%- macro render_extra_keys(json_dict, handled_keys) -%}{%- if json_dict is mapping -%}{%- for json_key in json_dict if json_key not in handled_keys -%}{%- if json_dict[json_key] is mapping or (json_dict[json_key] is sequence and json_dict[json_key] is not string) -%}{{- '\\n<' ~ json_key ~ '>' ~ (json_dict[json_key] | tojson | safe) ~ '</' ~ json_key ~ '>' -}}{%- else -%}{{- '\\n<' ~ json_key ~ '>' ~ (json_dict[json_key] | string) ~ '</' ~ json_key ~ '>' -}}{%- endif -%}{%- endfor -%}{%- endif -%}{%- endmacro -%}{{ render_extra_keys(nested, ['empty']) }}{{ render_extra_keys(d, ['a']) }}",
    "{%- macro visible_text(content) -%}{%- if content is string -%}{{- content }}{%- elif content is iterable and content is not mapping -%}{%- for item in content -%}{%- if item is mapping and item.type == 'text' -%}{{- item.text }}{%- elif item is string -%}{{- item }}{%- endif -%}{%- endfor -%}{%- else -%}{{- content }}{%- endif -%}{%- endmacro -%}{{ visible_text(messages[0].content) }}{{ visible_text(['a', {'type': 'text', 'text': 'b'}]) }}{{ visible_text(none) }}",
    "{%- macro render_type(p) -%}{%- if p.type == 'array' -%}{%- if p['items'] -%}{{ render_type(p['items']) }}[]{%- else -%}any[]{%- endif -%}{%- elif p.type is defined and p.type is iterable and p.type is not string -%}{{ p.type | join(' | ') }}{%- elif p.oneOf -%}{%- for v in p.oneOf -%}{{ render_type(v) }}{%- if not loop.last %} | {% endif -%}{%- endfor -%}{%- elif p.enum -%}{{- '\"' + p.enum|join('\" | \"') + '\"' -}}{%- else -%}{{ p.type or 'any' }}{%- endif -%}{%- endmacro -%}{{ render_type({'type': 'array', 'items': {'type': ['string', 'null']}}) }} {{ render_type({'enum': ['a', 'b']}) }} {{ render_type({'oneOf': [{'type': 'number'}, {}]}) }}",
    "{%- if tools is not defined or tools is none %}{%- set tools = [] %}{%- endif %}{%- if documents %}{%- for document in documents %}{{ document.title }}{%- endfor %}{%- else %}nodocs{%- endif %}{{ tools|length }}",
    "{{ '<think>\\n' ~ messages[1].content.split('</think>')[0].split('<think>')[-1].strip() ~ '\\n</think>' ~ messages[1].content.split('</think>')|last }}",
    "{%- set today = strftime_now('%Y-%m-%d') %}Today: {{ today }}{%- set yesterday = today.split('-') %}{{ yesterday[2]|int - 1 }}",
    "{% for doc in [{'title': 't', 'text': 'x'}] %}\n<doc>{{ loop.index0 }}\n{% for key, value in doc.items() %}{{ key|title }}: {{ value }}\n{% endfor %}</doc>{% endfor %}",
    "{%- set user_messages = messages | selectattr('role', 'equalto', 'user') | list -%}{{ user_messages | length }}{{ (messages | map(attribute='role') | list).index('assistant') }}{{ messages | map(attribute='content') | map('length') | sum }}",
    "{%- set reasoning = none -%}{%- set ns = namespace(found=false) -%}{%- for m in messages -%}{%- if m.get('reasoning') is not none and not ns.found -%}{%- set ns.found = true -%}{%- endif -%}{{ m.get('content', '')[:5] }}{%- endfor -%}{{ ns.found }}",
    "{% set role_map = {'user': 'User', 'assistant': 'Falcon'} %}{% for m in messages %}{{ role_map[m.role] }}: {{ m.content | replace('\\r\\n', '\\n') | replace('\\n\\n', '\\n') }}{% if not loop.last %}\n\n{% endif %}{% endfor %}",
]
