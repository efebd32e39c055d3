"""Every visible character of every kind of output, changed one at a time, is caught.

A small book shows each kind. What `accept` proposes stands under its cells, a reason under what
it cannot propose. Chromium says what a reader sees: of the page that Sphinx built, which type of
an output is shown; of HTML, which characters are visible.
"""

import copy
import dataclasses
import json
import re
from io import StringIO

import nbformat
import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace
from tests.bookproof.conftest import FRONT
from tests.bookproof.judging.conftest import changed

from bookproof.authoring.accept import accept
from bookproof.judging.compare import compare
from bookproof.judging.verdict import Kind
from bookproof.running.result import Run

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"

SPEC = {
    "mark": "bar",
    "data": {"values": [{"a": "left", "b": 28.5}, {"a": "right", "b": 55.1}]},
    "encoding": {"x": {"field": "a", "title": "side"}, "y": {"field": "b"}},
}
PLOTLY = {"data": [{"type": "bar", "x": ["one", "two"], "y": [1.5, 2.25]}], "layout": {}}
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30">
<rect width="40" height="20" fill="none" stroke="black"/><text x="9" y="15">conv 3x3</text>
<text x="50" y="15">28 to <tspan>14</tspan></text></svg>"""
SCRIPTED = f"""<div id="chart"></div><script>draw("chart", {json.dumps(SPEC)})</script>"""
MARKDOWN = "## Result\n\nThe **loss** is `0.25` after 3 epochs:\n\n- train: 0.21\n- test: 0.25"
WIDGET = """
from comm import create_comm
def model(name, **state):
    state = {"_model_name": name, "_model_module": "@jupyter-widgets/controls", **state}
    return "IPY_MODEL_" + create_comm("jupyter.widget", data={"state": state}).comm_id
layout = model("LayoutModel", width=None)
slider = model("IntSliderModel", description="rate", value=41, max=100, layout=layout)
choice = model("DropdownModel", _options_labels=["adam", "sgd"], index=1, layout=layout)
box = model("VBoxModel", children=[slider, choice], layout=layout)
display({"application/vnd.jupyter.widget-view+json": {"model_id": box[10:],
    "version_major": 2, "version_minor": 0}, "text/plain": "VBox(children=...)"}, raw=True)
"""

CELLS = {  # by what is shown: the code, and the type in which a page shows it
    "stream": ("print('epoch 1: 0.25', end=''); print(' (best)')", "stream"),
    "plain": ("{'loss': [0.25, 0.5], 'name': 'mlp'}", "text/plain"),
    "array": ("import numpy as np\nnp.arange(6).reshape(2, 3) / 4", "text/plain"),
    "frame": (
        "import pandas as pd\nframe = pd.DataFrame({'name': ['a b', 'c'], 'n': [1.5, -2]})\nframe",
        "text/html",
    ),
    "wide": ("pd.DataFrame({f'column number {n}': [n, n / 7] for n in range(9)})", "text/html"),
    "long": (
        "pd.DataFrame({'n': range(100)}, index=pd.MultiIndex.from_product([range(10)] * 2))",
        "text/html",
    ),
    "empty": ("frame[:0]", "text/html"),
    "series": ("frame.n", "text/plain"),
    "index": ("frame.columns", "text/plain"),
    "styler": (
        "frame.style.format({'n': '{:.1f} %'}).set_caption('Scores').hide(axis='index')",
        "text/html",
    ),
    "html": (
        "class Card:\n    def __repr__(self): return 'Card'\n"
        "    def _repr_html_(self): return '<b>accuracy</b> <i>41 %</i>'\nCard()",
        "text/html",
    ),
    "markdown": (f"from IPython.display import *\nMarkdown({MARKDOWN!r})", "text/markdown"),
    "latex": (r"Latex(r'$\frac{1}{2} \sum_{i=1}^n x_i$')", "text/latex"),
    "sympy": (
        "import sympy\nsympy.init_printing()\nx = sympy.Symbol('x')\n"
        "sympy.Integral(sympy.sqrt(x) + x**2 / 3, x)",
        "text/latex",
    ),
    "svg": (f"SVG({DRAWING!r})", "image/svg+xml"),
    "altair": (
        f"display({{'text/html': {SCRIPTED!r}, 'text/plain': 'Chart()'}}, raw=True)",
        "text/html",
    ),
    "vegalite": (
        f"display({{'application/vnd.vegalite.v5+json': {SPEC!r}, "
        "'text/plain': '<VegaLite 5 object>'}, raw=True)",
        "text/plain",
    ),
    "plotly": (
        f"display({{'application/vnd.plotly.v1+json': {PLOTLY!r}, 'text/html': "
        f"{SCRIPTED!r}, 'text/plain': 'Figure()'}}, raw=True)",
        "text/html",
    ),
    "widget": (WIDGET.strip(), VIEW),
    "picture": (
        "import base64\ndisplay({'image/png': 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAw"
        "CAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=', 'text/plain': '<a dot>'}, "
        "raw=True)",
        "image/png",
    ),
    "error": ("raise ValueError('41 is not 42')", "error"),
}
OPAQUE = {"altair", "plotly", "picture"}


@pytest.fixture(scope="module")
def checked(make_book):
    """Return the checked chapter, with what `accept` proposed."""
    book = make_book()
    cells = [
        f"```{{code-cell}}\n:tags: [raises-exception]\n# {name}\n{code}\n```\n"
        for name, (code, _) in CELLS.items()
    ]
    book.chapter("a.md", "\n".join(cells))
    accept(book.check().chapters[0], force=True, everything=True)
    report = book.check()
    assert report.green, report.failures()
    assert report.totals["unverified"] == len(OPAQUE)
    assert report.totals["verified"] == len(CELLS) - len(OPAQUE)
    return report.chapters[0]


TURNS = """
```{code-cell}
for n in (1, 2):
    print("step", n)
    display({"n": n})
print("done")
```
```{expect}
step 1
{'n': 1}
step 2
{'n': 2}
done
```
"""


@pytest.fixture(scope="module")
def built(checked):
    """Return the folder in which Sphinx built the pages."""
    root = checked.chapter.path.parent
    (root / "index.md").write_text("# Index\n\n```{toctree}\na\nturns\n```\n", "utf-8")
    (root / "turns.md").write_text(FRONT + TURNS, "utf-8")
    config = {"extensions": ["myst_nb", "bookproof.sphinx_ext"], "html_theme": "basic"}
    config |= {"nb_merge_streams": True, "bookproof_notebooks": ["a"]}
    config["exclude_patterns"] = ["_build"]
    with docutils_namespace():
        out = root / "_build" / "html"
        where = root, None, out, out / "t", "html"
        app = Sphinx(*where, config, status=None, warning=StringIO())
        app.build()
    assert app.statuscode == 0
    return out


@pytest.fixture(scope="module")
def texts(built, reader):
    """Return what a reader sees below each cell of the page."""
    return dict(zip(CELLS, reader.outputs(built / "a.html"), strict=True))


def test_the_page_shows_outputs_in_the_order_that_was_compared(built, reader):
    assert reader.outputs(built / "turns.html") == ["step 1 {'n': 1} step 2 {'n': 2} done"]


def test_widgets_keep_their_state(checked, built):
    page = (built / "a.html").read_text("utf-8")
    pattern = '<script type="application/vnd.jupyter.widget-{}[+]json">(.*?)</script>'
    [state] = re.findall(pattern.format("state"), page)
    [view] = re.findall(pattern.format("view"), page)
    models = json.loads(state)["state"]
    box = models[json.loads(view)["model_id"]]["state"]
    slider = models[box["children"][0].removeprefix("IPY_MODEL_")]["state"]
    assert (slider["description"], slider["value"]) == ("rate", 41)
    notebook = nbformat.read(built / "a.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.widgets[STATE]["state"] == models
    assert sorted(models) == [f"{n:032x}" for n in range(1, 5)]  # the same at every run


def caught(checked, name, outputs, widgets=None):
    """Tell whether the judge sees other outputs of a cell, or leaves them unverified."""
    chapter, run = checked.chapter, checked.run
    cell = dataclasses.replace(chapter.cells[list(CELLS).index(name)], index=0)
    alone = dataclasses.replace(chapter, cells=(cell,), blocks=cell.blocks)
    verdicts = compare(alone, Run((outputs,), widgets=widgets or run.widgets))
    kinds = {verdict.kind for verdict in verdicts} - {Kind.UNCHECKED}
    return kinds != {Kind.VERIFIED}


def places(content, path=()):
    """Yield where in a JSON value there are strings and numbers."""
    if isinstance(content, dict | list):
        pairs = content.items() if isinstance(content, dict) else enumerate(content)
        for key, value in pairs:
            yield from places(value, (*path, key))
    elif isinstance(content, str | int | float) and not isinstance(content, bool):
        yield path, content


def put(content, path, value):
    """Return a JSON value with another value in one place."""
    if not path:
        return value
    content = copy.copy(content)
    content[path[0]] = put(content[path[0]], path[1:], value)
    return content


def mutants(checked, name, reader):
    """Yield the outputs of a cell, and the state of widgets, with one visible character changed."""
    outputs, widgets = checked.run.outputs[list(CELLS).index(name)], checked.run.widgets
    [output] = outputs
    kind = CELLS[name][1]
    if kind == VIEW:
        for path, value in places(widgets[STATE]["state"]):
            if "state" in path and not str(path[-1]).startswith(("_model_", "_view_")):
                for new in changed(str(value).removeprefix("IPY_MODEL_")):
                    yield outputs, put(widgets, (STATE, "state", *path), new)
    elif kind == "stream":
        for text in changed(output.text):
            yield [put(output, ("text",), text)], None
    elif kind == "error":
        for key in ("ename", "evalue"):
            for text in changed(output[key]):
                yield [put(output, (key,), text)], None
    elif kind == "image/png":
        yield [put(output, ("data", kind), "iVBORw0KGgo=")], None
    else:
        content = output.data[kind]
        visible = kind in ("text/html", "image/svg+xml") and name not in OPAQUE
        for text in reader.visible(content) if visible else changed(content):
            yield [put(output, ("data", kind), text)], None
        drawn = [mime for mime in output.data if mime.endswith("vegalite.v5+json")]
        for mime in drawn:  # which the page does not show, and a notebook does
            for path, value in places(output.data[mime]):
                for new in changed(str(value)):
                    yield [put(output, ("data", mime, *path), new)], None


@pytest.mark.parametrize("name", CELLS)
def test_the_page_shows_what_was_compared(name, checked, texts, reader):
    [output] = checked.run.outputs[list(CELLS).index(name)]
    kind = CELLS[name][1]
    if kind in ("text/html", "image/svg+xml"):
        [text] = reader.texts([output.data[kind]])
        assert texts[name] == (text if kind == "text/html" else "")  # it is a picture there
        return
    wanted = {
        "stream": output.get("text"),
        "error": output.get("evalue"),
        VIEW: "",
        "image/png": "",
    }
    text = wanted[kind] if kind in wanted else output.data[kind]
    if kind == "text/markdown":
        text = text.replace("#", "").replace("*", "").replace("`", "").replace("\n- ", "\n")
    if kind == "text/latex":
        # Of sympy's formula the page shows the picture that is drawn from its LaTeX.
        text = "" if "image/png" in output.data else text.strip("$")
    assert " ".join(text.split()) in texts[name]


def test_every_visible_character_is_caught_or_unverified(checked, reader):
    count, missed = {}, []
    for name in CELLS:
        found = list(mutants(checked, name, reader))
        count[name] = len(found)
        missed += [(name, o, w) for o, w in found if not caught(checked, name, o, w)]
        assert not caught(checked, name, checked.run.outputs[list(CELLS).index(name)]) or (
            name in OPAQUE
        )
    assert missed == []
    assert min(count[name] for name in CELLS if name != "picture") > 4, count
    assert sum(count.values()) > 1000, count
