"""The numbers of figures and tables are those that Sphinx itself gives."""

import shutil

import pytest
from sphinx.application import Sphinx
from sphinx.environment.collectors.toctree import TocTreeCollector
from sphinx.util.docutils import docutils_namespace

from bookproof.pages import numbering

_INDEX = "Book\n====\n\n.. toctree::\n   :numbered:\n\n   a\n   b\n"
_FIGURE = ".. figure:: {}.png\n\n   A figure\n\n"
_PAGE = f"""
{{0}}
=========

{_FIGURE.format("x")}
.. table:: A table

   == ==
   1  2
   == ==

== ==
3  4
== ==

Part
----

.. code-block:: python
   :caption: Code

   1

.. note::

   {_FIGURE.format("y").replace(chr(10), chr(10) + "   ")}
.. code-block:: python

   2

.. toctree::

   {{0}}/deep

Last
----

.. figure:: z.png

{_FIGURE.format("w")}"""


@pytest.fixture
def numbers(tmp_path, monkeypatch):
    """What gives a build's numbers, by Sphinx itself or by ours."""
    root = tmp_path / "book"
    root.mkdir()
    (root / "conf.py").write_text("numfig = True\nnumfig_secnum_depth = 2\n")
    sphinx_own = vars(TocTreeCollector)["assign_figure_numbers"]
    sphinx_own = getattr(sphinx_own, "_assign", sphinx_own)

    def build(ours: bool) -> dict:
        assign = numbering._Numbering(sphinx_own) if ours else sphinx_own
        monkeypatch.setattr(TocTreeCollector, "assign_figure_numbers", assign)
        trees = tmp_path / f"trees-{ours}"
        with docutils_namespace():
            app = Sphinx(
                root, root, tmp_path / f"out-{ours}", trees, "dummy", status=None, warning=None
            )
            if ours:
                numbering.work_ahead(app.env)
            app.build()
        found = app.env.toc_fignumbers
        return {
            doc: {kind: [*of.values()] for kind, of in kinds.items()}
            for doc, kinds in found.items()
        }

    def both() -> dict:
        found = build(ours=False)
        assert build(ours=True) == found
        return found

    return root, both


def test_they_are_sphinxs_after_every_change(numbers):
    root, both = numbers
    (root / "index.rst").write_text(_INDEX)
    for name in "ab":
        (root / name).mkdir()
        (root / f"{name}.rst").write_text(_PAGE.format(name))
        (root / name / "deep.rst").write_text(f"Deep\n====\n\n{_FIGURE.format('x')}")
    found = both()
    assert found["a"]["figure"] == [(1, 1), (1, 1, 1), (1, 2, 1)]
    assert found["a"]["table"] == [(1, 1)]
    assert found["a"]["code-block"] == [(1, 1, 1)]
    assert found["a/deep"]["figure"]
    text = (root / "a.rst").read_text()
    (root / "a.rst").write_text(text + _FIGURE.format("more"))
    changed = both()
    assert len(changed["a"]["figure"]) == 4
    assert changed["b"] == found["b"]
    (root / "index.rst").write_text(_INDEX.replace("   a\n   b\n", "   b\n   a\n"))
    assert both()["b"]["table"] == [(1, 1)]
    shutil.rmtree(root / "a")
    (root / "a.rst").write_text("A\n=\n\nWords.\n")
    assert set(both()) == {"b", "b/deep"}
