"""Every class of artists that matplotlib has is described, alone or as a part of its owner."""

import importlib
import pkgutil
import sys
import warnings

import matplotlib as mpl
import mpl_toolkits
import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bookproof.running.inside import artists
from bookproof.running.inside.describe import bundle, describe, is_description, is_empty

mpl.use("Agg")

NOT_LOADED = {"backends", "sphinxext", "testing", "tests"}

# What is no kind of its own, by who describes it.
OWNED = {
    "its subclasses": """
        matplotlib.artist.Artist
        matplotlib.axes._base._AxesBase
        matplotlib.colorizer.ColorizingArtist
        matplotlib.figure.FigureBase
        matplotlib.image._ImageBase
    """,
    "the figure": """
        matplotlib.axes._axes.Axes
        matplotlib.figure.Figure
        matplotlib.figure.SubFigure
        matplotlib.projections.geo.AitoffAxes
        matplotlib.projections.geo.GeoAxes
        matplotlib.projections.geo.HammerAxes
        matplotlib.projections.geo.LambertAxes
        matplotlib.projections.geo.MollweideAxes
        matplotlib.projections.polar.PolarAxes
        mpl_toolkits.axes_grid1.mpl_axes.Axes
        mpl_toolkits.axisartist.axislines.Axes
        mpl_toolkits.axisartist.axislines.AxesZero
        mpl_toolkits.mplot3d.axes3d.Axes3D
    """,
    "the frame of an axes": """
        matplotlib.axes._secondary_axes.SecondaryAxis
        matplotlib.axis.Axis
        matplotlib.axis.Tick
        matplotlib.axis.XAxis
        matplotlib.axis.XTick
        matplotlib.axis.YAxis
        matplotlib.axis.YTick
        matplotlib.projections.polar.RadialAxis
        matplotlib.projections.polar.RadialTick
        matplotlib.projections.polar.ThetaAxis
        matplotlib.projections.polar.ThetaTick
        mpl_toolkits.axes_grid1.mpl_axes.SimpleAxisArtist
        mpl_toolkits.axisartist.axis_artist.AxisArtist
        mpl_toolkits.mplot3d.axis3d.Axis
        mpl_toolkits.mplot3d.axis3d.XAxis
        mpl_toolkits.mplot3d.axis3d.YAxis
        mpl_toolkits.mplot3d.axis3d.ZAxis
    """,
}


def load(package):
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if module.name.rpartition(".")[2] in NOT_LOADED:
            continue
        loaded = importlib.import_module(module.name)
        if module.ispkg:
            load(loaded)


def subclasses(cls):
    return {cls}.union(*map(subclasses, cls.__subclasses__()))


def test_every_class_of_artists_has_a_kind_or_an_owner():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some modules are deprecated
        load(mpl)
        load(mpl_toolkits)
    found = {
        f"{cls.__module__}.{cls.__name__}": artists.kind(cls)
        for cls in subclasses(Artist)
        if cls.__module__.partition(".")[0] in ("matplotlib", "mpl_toolkits")
        and getattr(sys.modules[cls.__module__], cls.__name__, None) is cls
    }
    owned = [name for names in OWNED.values() for name in names.split()]
    assert sorted(name for name, kind in found.items() if kind is None) == sorted(owned)
    assert len(owned) == 35
    assert len(found) == 126
    assert {kind for kind in found.values() if kind} == set(artists._kinds())


class Compass(Artist):
    """An artist of somebody else's, who knows nothing of descriptions."""

    def get_extent(self):
        return (1, 2, 3, 4)

    def get_children(self):
        return [Line2D([0, 1], [2, 3], label="needle"), self]


class Broken(Line2D):
    """A line whose data have been lost."""

    def get_xdata(self, orig=True):
        raise KeyError(f"gone from <object at {id(self):#x}>")


@pytest.fixture
def axes():
    axes = Figure(figsize=(4, 3)).add_subplot()
    axes.plot([1, 2], [3, 4])
    return axes


def test_an_unknown_artist_is_told_with_what_is_known_in_it(axes):
    axes.add_artist(Compass()).set(label="north", zorder=7)
    text = describe(axes.figure)
    assert f'unknown Compass from {__name__} "north" zorder 7.0 x 1.0 2.0 y 3.0 4.0\n' in text
    assert '    line "needle" 2 points x 0.0 1.0 y 2.0 3.0' in text
    assert text.count("unknown") == 1
    alone = Figure()
    alone.add_artist(Compass())
    assert not is_empty(alone)


def test_what_fails_costs_a_line_and_no_figure(axes):
    axes._children.append(Broken([0, 1], [0, 1]))
    text = describe(axes.figure)
    assert "line 2 points x 1.0 2.0 y 3.0 4.0" in text
    assert "Broken not described: KeyError: 'gone from <object>'" in text
    assert not is_empty(axes.figure)


def test_whatever_is_wrong_with_an_artist_the_rest_is_described(axes):
    """Let each method that a description may call fail, one after the other."""
    axes.bar([0, 1], [2, 3])
    axes.errorbar([0, 1], [2, 3], yerr=1)
    axes.scatter([5], [6])
    axes.imshow(np.eye(2))
    axes.text(0, 0, "there")
    axes.table([["cell"]])
    axes.legend(handles=[Line2D([], [], label="entry")])
    failed = 0
    for artist in [*axes.get_children(), *axes.containers, axes]:
        for name in {name for name in dir(artist) if name.startswith("get_")}:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(artist, name, lambda *_: 1 / 0)
                text = describe(axes.figure)
                is_empty(axes.figure)
            assert is_description(text)
            if "ZeroDivisionError" in text:
                failed += 1
                assert artist is axes or len(text.split("\n")) > 8
    assert failed > 20


def test_a_figure_that_cannot_be_described_is_still_a_figure():
    class Lost(Figure):
        @property
        def texts(self):
            raise RuntimeError("nothing to see")

        @texts.setter
        def texts(self, _):
            pass

    shown = bundle(Lost(figsize=(4, 3)))
    assert "figure 4.0 x 3.0\nLost not described: RuntimeError: nothing" in shown["description"]
    assert not shown["empty"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "get_size_inches", lambda _: 1 / 0)
        assert is_description(bundle(Figure())["description"])
