"""Describing a figure leaves no trace: its owner cannot tell that anybody has looked."""

import io
import logging
import random
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from bookproof.running.inside.describe import bundle

mpl.use("Agg")

UNDRAWABLE = "\U0001f9ea"


def crowded(**options):
    """Return a figure with something of everything whose drawing settles something."""
    figure = Figure(figsize=(5, 4), dpi=30, **options)
    left, right = figure.subplots(1, 2)
    left.plot([1, 2, 3], [4, 1, 7], label="long label")
    left.set_title("a title")
    left.legend(loc="best")
    left.secondary_yaxis("right")
    left.axis("equal")
    mesh = right.pcolormesh(np.arange(12.0).reshape(3, 4))
    figure.colorbar(mesh)
    right.quiver([1, 2], [1, 2], [1, 2], [3, 4])
    return figure


def printed(figure):
    png = io.BytesIO()
    figure.savefig(png, format="png", bbox_inches="tight")
    return png.getvalue()


@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
def test_a_figure_prints_alike_whether_it_was_described_or_not(layout):
    described, other = crowded(layout=layout), crowded(layout=layout)
    assert printed(described) == printed(other)
    bundle(described)
    assert printed(described) == printed(other)
    assert type(described.get_layout_engine()) is type(other.get_layout_engine())


def test_limits_that_are_still_to_be_found_stay_so():
    figure = Figure()
    axes = figure.add_subplot()
    axes.plot([10, 20])
    figure.stale = False
    axes.stale = True
    bundle(figure)
    assert axes._stale_viewlims == {"x": True, "y": True}
    assert axes.stale
    axes.set_autoscale_on(False)
    assert axes.get_ylim() == (0, 1), "the data were looked up already"


def test_nothing_else_changes():
    figure = crowded()
    figure.canvas.mpl_connect("draw_event", lambda event: pytest.fail("drawn"))
    parameters, state, chance = dict(mpl.rcParams), np.random.get_state()[1], random.getstate()
    level, open_figures = logging.root.manager.disable, plt.get_fignums()
    bundle(figure)
    assert dict(mpl.rcParams) == parameters
    assert (np.random.get_state()[1] == state).all()
    assert random.getstate() == chance
    assert logging.root.manager.disable == level
    assert plt.get_fignums() == open_figures


def test_warnings_are_neither_given_nor_given_twice(caplog):
    figure = Figure()
    figure.suptitle(UNDRAWABLE, fontfamily="no such family")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("default")
        filters, show = warnings.filters, warnings.showwarning
        for _ in range(2):
            warnings.warn("the owner's own", stacklevel=1)
            found = bundle(figure)["missing_glyphs"]
        assert (warnings.filters, warnings.showwarning) == (filters, show)
    assert [str(one.message) for one in heard] == ["the owner's own"]
    assert len(found) == 1
    assert caplog.messages == []


def test_missing_glyphs_are_found_however_often_and_wherever():
    figure = Figure()
    left, right = figure.subfigures(1, 2)
    right.subplots().set_xticks([0], [UNDRAWABLE])
    left.legend(handles=[mpl.lines.Line2D([], [], label="卷")])
    for _ in range(2):
        assert len(bundle(figure)["missing_glyphs"]) == 2
    figure.draw_without_rendering = figure.savefig = None  # nothing of the figure's own is needed
    assert len(bundle(figure)["missing_glyphs"]) == 2


def test_a_figure_that_cannot_be_drawn_is_described():
    figure = Figure()
    figure.text(0, 0, "$\\undefined$")
    assert bundle(figure) == {
        "description": 'figure 6.4 x 4.8\ntext "$\\undefined$"',
        "empty": False,
        "missing_glyphs": [],
    }
