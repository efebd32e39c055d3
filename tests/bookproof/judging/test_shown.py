"""What of an output a page shows, in words."""

import hashlib

import pandas
import pytest
import sympy
from myst_nb.core.render import base_render_priority
from nbformat.v4 import new_output

from bookproof import Kind
from bookproof.judging.alike import same_symbols, same_words
from bookproof.judging.html_words import words
from bookproof.judging.mime import shown_type
from bookproof.judging.shown import observe, removed
from bookproof.judging.state import widget_words
from bookproof.reading.settings import Settings

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
DIGEST = "sha_" + hashlib.sha256(b"data:text/csv,1").hexdigest()[:16]
DRAWING = "<svg><text>one</text></svg>"
DRAWN = words(DRAWING).text
SCRIPT = "<div id=a></div><script>draw()</script>"


def seen(data, **options):
    return observe([new_output("display_data", data)], **options)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"text/plain": "1"}, "1"),
        ({"text/html": "<b>41 %</b>", "text/plain": "Card"}, "41 %"),
        ({"text/html": "<b>Card</b>", "text/plain": "Card"}, "Card"),
        ({"text/markdown": "*a*", "text/plain": "<Markdown object>"}, "*a*"),
        ({"text/markdown": " ", "text/plain": "plain"}, "plain"),
        ({"text/latex": "$x$", "text/markdown": "*a*", "text/plain": "x"}, "*a*"),
        ({"text/latex": "$x^2$", "text/plain": "formula"}, "$x^2$"),
        ({"image/png": "AAAA", "text/latex": "$x^2$", "text/plain": "formula"}, "$x^2$"),
        ({"text/html": "<a href='data:text/csv,1'>get</a>"}, f"get <text/csv {DIGEST}>"),
        ({"image/svg+xml": f"<?xml version='1.0'?>\n{DRAWING}"}, DRAWN),
        ({"application/x-own": "data", "text/plain": "own"}, "own"),
        ({"application/x-own": "data"}, ""),
        ({"application/vnd.plotly.v1+json": {"b": 1, "a": 2}}, '{\n "a": 2,\n "b": 1\n}'),
        ({"application/vnd.bokehjs_exec.v0+json": ""}, ""),
        ({"application/json": {"b": 1, "a": 2}, "text/plain": "x"}, 'x\n{\n "a": 2,\n "b": 1\n}'),
        ({"application/papermill.record/text/plain": "1"}, ""),
        ({"text/html": "<style>p {color: red}</style>", "text/plain": "<HTML object>"}, ""),
    ],
)
def test_what_is_shown_is_put_into_words(data, text):
    assert (seen(data).part("text"), seen(data).opaque) == (text, [])


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ({"text/html": SCRIPT, "text/plain": "Figure()"}, "script"),
        ({"application/javascript": "x", "text/html": "<b>x</b>"}, "script"),
        ({"image/png": "AAAA", "text/plain": "<Image>"}, "picture"),
        ({"image/svg+xml": "<svg><path/></svg>", "text/plain": "<SVG>"}, "picture"),
        ({VIEW: {"model_id": "gone"}, "text/plain": "Slider(value=1)"}, "widget"),
        ({"text/html": "<div id=chart></div>", "text/plain": "chart"}, "empty element"),
    ],
)
def test_what_cannot_be_put_into_words_is_opaque(data, what):
    assert (seen(data).part("text"), seen(data).opaque) == ("", [what])


@pytest.mark.parametrize(
    ("data", "text", "what"),
    [
        ({"text/html": "<p>Fig. 3</p><img src=loss.png>"}, "Fig. 3\n[image loss.png]", ["picture"]),
        ({"text/html": "a<img src='data:image/png;base64,AA'>"}, None, []),
        ({"image/svg+xml": "<svg><text>a</text><image href='b.png'/></svg>"}, None, ["picture"]),
        ({"image/svg+xml": "<svg><text>a</text><use href='#b'/></svg>"}, None, []),
        ({"text/markdown": "![loss](loss.png)"}, "![loss](loss.png)", ["picture"]),
        ({"text/markdown": "| a |\n|---|\n| [![a][b]](c) |\n\n[b]: d.png"}, None, ["picture"]),
        ({"text/markdown": "a <img src=x.png> b"}, None, ["picture"]),
        ({"text/markdown": "<script>draw()</script> a"}, None, ["script"]),
        ({"text/markdown": "a <b onclick='draw()'>b</b>"}, None, ["script"]),
        ({"text/markdown": "a\n\n<iframe src=x></iframe>"}, None, ["frame"]),
        ({"text/markdown": "`<script>` and <b>1</b> < 2, <br> <!-- no -->"}, None, []),
        ({"text/markdown": "```html\n<img src=x.png>\n```"}, None, []),
        ({"text/markdown": "```{image} x.png\n```"}, None, []),
    ],
)
def test_what_comes_from_elsewhere_is_told_beside_the_words(data, text, what):
    found = seen(data)
    assert found.opaque == what
    assert found.part("text") == text or (text is None and found.part("text"))


@pytest.mark.parametrize(
    ("markdown", "what"),
    [
        ("```{image} x.png\n```", ["picture"]),
        (":::{figure} x.png\n:::", ["picture"]),
        ("```{include} x.md\n```", ["directive"]),
        ("the answer is {eval}`a`", ["role"]),
        ("{{ answer }}", ["role"]),
        (":::{note}\ntext\n:::", []),
        ("a {math}`x` b", []),
    ],
)
def test_what_myst_brings_in_is_told(markdown, what):
    settings = Settings(render_markdown_format="myst")
    assert seen({"text/markdown": markdown}, settings=settings).opaque == what


def test_the_priorities_are_those_of_the_author():
    data = {"text/html": "<b>41 %</b>", "text/plain": "Card"}
    for overrides, text in [
        ((("html", "text/plain", 5),), "Card"),
        ((("*", "text/html", None),), "Card"),
        ((("latex", "text/plain", 5),), "41 %"),
    ]:
        settings = Settings(mime_priority_overrides=overrides)
        assert seen(data, settings=settings).part("text") == text


def test_every_type_that_mystnb_shows_is_known():
    for mime in base_render_priority()["html"]:
        assert shown_type({mime: "x", "text/plain": "y"}) == mime


def test_what_is_removed_from_the_page():
    assert removed(frozenset()) == frozenset()
    assert removed(frozenset(), Settings(output_stderr="remove-warn")) == {"stderr"}
    assert removed(frozenset({"remove-stderr", "remove-stdout"})) == {"stdout", "stderr"}
    for tag in ("remove-output", "remove_output", "remove-cell", "remove_cell"):
        assert {"text", "figure", "error", "opaque", "stderr"} < removed(frozenset({tag}))
    outputs = [new_output("stream", text="a\n"), new_output("display_data", {"text/plain": "b"})]
    some = observe(outputs, frozenset({"remove-stdout"}))
    assert (some.part("text"), some.part("stdout"), some.shows("stdout")) == ("b", "a", "")
    nothing = observe(outputs[:1], frozenset({"remove-stdout"}))
    assert (nothing.part("text"), nothing.shows("text")) == ("a", "")
    none = observe(outputs, frozenset({"remove-output"}))
    assert (none.part("text"), none.shows("text")) == ("a\nb", "")


x, y = sympy.symbols("x y")
FORMULAS = [
    sympy.Integer(2),
    x**2,
    x**2 / 3 - 1,
    sympy.sqrt(x) + sympy.pi,
    sympy.Integral(x**2, (x, 0, sympy.oo)),
    sympy.Matrix([[1, x], [sympy.sin(y), 4]]),
    sympy.Eq(sympy.exp(x), y),
    sympy.Symbol("alpha") * sympy.cos(x) ** 2,
    {x, y + 1},
]


@pytest.mark.parametrize("formula", FORMULAS, ids=range(len(FORMULAS)))
def test_a_formula_in_plain_text_has_the_signs_of_its_latex(formula):
    plain = sympy.pretty(formula, use_unicode=True)
    latex = f"$\\displaystyle {sympy.latex(formula)}$"
    assert same_symbols(latex, plain)
    for place, sign in enumerate(plain):
        if sign.isalnum() or sign in "+-=,":
            other = "7" if sign != "7" else "8"
            assert not same_symbols(latex, plain[:place] + other + plain[place + 1 :])


@pytest.mark.parametrize(
    ("latex", "plain"), [("$accuracy 41$", "Card"), (r"$\sin x$", "cos x"), ("$x - 1$", "x + 1")]
)
def test_other_formulas_are_not_the_same(latex, plain):
    assert not same_symbols(latex, plain)


def frames():
    """Return data frames of all shapes."""
    numbers = [[n / 7 + m for m in range(30)] for n in range(80)]
    columns = [f"column {n}" for n in range(30)]
    many = pandas.DataFrame(numbers, columns=columns)
    pairs = pandas.MultiIndex.from_product([range(8), list("abcdefghij")], names=["one", "two"])
    few = pandas.DataFrame(
        {"t": ["a b", "<c>", "d\ne"], "n": [1.5, None, -2e9], "e": ["", "x", ""]}
    )
    return {
        "few": few,
        "named": few.rename_axis(index="row", columns="what"),
        "long": many[columns[:2]],
        "wide": many[columns[:12]][:3],
        "long and wide": many,
        "pairs": many.set_index(pairs)[columns[:3]],
        "wide pairs": many.set_index(pairs)[columns[:12]][:9],
        "pairs of columns": many.set_index(pairs)[columns[:3]][:9].T,
        "summary": many[columns[:3]].describe(),
        "dates": few.set_index(pandas.date_range("2024-01-01", periods=3)),
        "long texts": pandas.DataFrame({"t": ["word " * 40, "..."]}),
    }


@pytest.mark.parametrize("name", frames())
def test_a_frame_in_plain_text_has_the_words_of_its_html(name):
    frame = frames()[name]
    with pandas.option_context("display.max_columns", 20):  # as in a kernel
        html, plain = frame._repr_html_(), repr(frame)
    assert same_words(words(html), plain)
    for old in ("1", "2", "a", "</td>", "</th>"):
        new = {"1": "3", "2": "5", "a": "y"}.get(old, f"0{old}")
        head, _, tail = html.partition("<thead>")
        changed = head + "<thead>" + tail.replace(f">{old}", f">{new}", 1)
        changed = changed if changed != html else head + "<thead>" + tail.replace(old, new, 1)
        if words(changed).text != words(html).text:
            assert not same_words(words(changed), plain)


def test_a_widget_is_its_state_with_all_that_it_holds():
    def model(name, **state):
        return {"model_name": name, "state": {"_model_name": name, "_view_name": "V", **state}}

    state = {
        "1": model("VBoxModel", children=["IPY_MODEL_2", "IPY_MODEL_1"], layout="IPY_MODEL_3"),
        "2": model("SliderModel", value=41, _options_labels=["a"], disabled=False, tooltip=None),
        "3": model("LayoutModel", width=None),
    }
    state["2"]["buffers"] = [{"path": ["image"], "data": "AAAA", "encoding": "base64"}]
    text = widget_words({"model_id": "1"}, {STATE: {"state": state}})
    assert all(word not in text for word in ("IPY_MODEL", "_view_name", "layout"))
    for word in ('"value": 41', '"a"', '"SliderModel"', '"disabled": false', '"image": "sha_'):
        assert word in text
    assert widget_words({"model_id": "4"}, {STATE: {"state": state}}) is None


CODES = """\
```{code-cell}
:tags: [raises-exception]
import sys
import matplotlib.pyplot as plt
from IPython.display import HTML, Image
print("to stderr", file=sys.stderr)
fig, ax = plt.subplots()
```
```{unverified} all of it
```

```{code-cell}
plt.plot([0, 1]); plt.title("卷积");
```
```{expect} figure contains
line
```
```{unverified} no such font here
```

```{code-cell}
HTML("<div id=a></div><script>draw()</script>")
```
```{unverified} drawn by a script
```

```{code-cell}
HTML("<div id=a></div><script>draw()</script>")
```

```{code-cell}
:tags: [remove-stderr]
print("noise", file=sys.stderr)
```

```{code-cell}
:tags: [remove-stderr]
print("noise", file=sys.stderr)
```
```{expect} stream=stderr
noise
```

```{code-cell}
:tags: [remove-output]
plt.subplots()
```

```{code-cell}
:tags: [remove-output]
1
```
```{unverified} not on the page
```

```{code-cell}
print(1)
```
```{expect}
2
```
```{unverified} this is no way out
```
"""


def test_every_verdict_on_an_output_can_be_waived_and_nothing_else(book):
    book.chapter("a.md", CODES)
    report = book.check()
    found = [(v.kind, v.message, v.waived) for _, v in report]
    assert found == [
        (Kind.UNVERIFIED, "all of it", ("figure empty", "unexpected stderr")),
        (Kind.VERIFIED, "", ()),
        (Kind.UNVERIFIED, "no such font here", ("missing glyph",)),
        (Kind.UNVERIFIED, "drawn by a script", ()),
        (
            Kind.MISSING,
            "the cell shows 1 script that no {expect} can check: "
            "say why with {unverified} under it",
            (),
        ),
        (Kind.VERIFIED, "", ()),
        (
            Kind.MALFORMED,
            "{unverified} without need: the cell shows nothing that is not verified",
            (),
        ),
        (Kind.MISMATCH, "first difference at line 1, column 1", ()),
        (
            Kind.MALFORMED,
            "{unverified} without need: the cell shows nothing that is not verified",
            (),
        ),
    ]
    assert '"waived": [\n      "figure empty",' in report.as_json()


def test_a_mismatch_says_which_type_the_page_shows(book):
    code = "from IPython.display import Markdown\nMarkdown('*a*')"
    book.chapter("a.md", f"```{{code-cell}}\n{code}\n```\n```{{expect}}\n<Markdown object>\n```\n")
    [(_, verdict)] = book.check()
    assert verdict.message.endswith("column 1 (the page shows text/markdown)")
    assert verdict.actual == "*a*"
