"""matplotlib's own gallery of plot types: of each, the data are found in the description."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.tri import Triangulation

from bookproof.running.inside.describe import bundle, describe, is_empty

mpl.use("Agg")

X = np.arange(4.0)
DATA = np.array([1.0, 4.0, 2.5, 3.0])
OTHER = np.array([1.0, 4.5, 2.5, 3.5])
GRID = np.add.outer(X, X)
SQUARE = Triangulation([0, 1, 0, 1], [0, 0, 1, 1], [[0, 1, 2], [1, 3, 2]])


def four(number):
    """Write a number as descriptions do."""
    text = f"{number:.4g}"
    return text if set(text) & set(".en") else f"{text}.0"


def each(name, values):
    return f"{name} {' '.join(map(four, values))}".strip()


def ends(name, values):
    return f"{name} {four(np.min(values))}..{four(np.max(values))}".strip()


def spread(name, values):
    return f"{ends(name, values)} mean {four(np.mean(values))}"


def levels(data):
    return np.linspace(data.min(), data.max(), 4)


def quartiles(data):
    return f"median {four(np.median(data))} {each('quartiles', np.percentile(data, [25, 75]))}"


# What to draw of the data, and the facts that the description must then hold.
FLAT = {
    # Pairwise data
    "plot": (lambda ax, d: ax.plot(X, d), lambda d: [each("x", X), each("y", d)]),
    "scatter": (
        lambda ax, d: ax.scatter(X, d, s=d, c=d),
        lambda d: [each("y", d), each("sizes", d), each("values", d)],
    ),
    "bar": (lambda ax, d: ax.bar(X, d), lambda d: [each("4:", d)]),
    "stem": (lambda ax, d: ax.stem(X, d), lambda d: ["stems", each("y", d), "baseline x 0.0 3.0"]),
    "fill_between": (lambda ax, d: ax.fill_between(X, d, -d), lambda d: [ends("y", [*d, *-d])]),
    "stackplot": (
        lambda ax, d: ax.stackplot(X, [d, d]),
        lambda d: [ends("y", [0, *d]), ends("y", [*d, *(2 * d)])],
    ),
    "stairs": (lambda ax, d: ax.stairs(d), lambda d: [each("steps", d), "between 0.0 1.0 2.0"]),
    # Statistical distributions
    "hist": (
        lambda ax, d: ax.hist(d, bins=3, range=(0, 4.4)),
        lambda d: [each("3:", np.histogram(d, bins=3, range=(0, 4.4))[0])],
    ),
    "boxplot": (
        lambda ax, d: ax.boxplot(d),
        lambda d: ["box at 1.0", quartiles(d), each("whiskers", [d.min(), d.max()])],
    ),
    "errorbar": (
        lambda ax, d: ax.errorbar(X, d, yerr=d / 10),
        lambda d: [each("y", d), f"{each('y between', d * 0.9)} {each('and', d * 1.1)}"],
    ),
    "violinplot": (lambda ax, d: ax.violinplot(d), lambda d: [ends("y", d)]),
    "eventplot": (lambda ax, d: ax.eventplot(d), lambda d: ["4 paths", spread("x", d)]),
    "hist2d": (
        lambda ax, d: ax.hist2d(X, d, bins=2, range=((0, 3), (0, 4.4))),
        lambda d: [spread("values", np.histogram2d(X, d, 2, ((0, 3), (0, 4.4)))[0])],
    ),
    "hexbin": (
        lambda ax, d: ax.hexbin(X, d, C=d, gridsize=9),
        lambda d: ["at 4 points", each("values", d)],
    ),
    "pie": (
        lambda ax, d: ax.pie(d, labels=list("abcd")),
        lambda d: [f'"{n}" share {four(v)}' for n, v in zip("abcd", d / d.sum(), strict=True)],
    ),
    "ecdf": (
        lambda ax, d: ax.ecdf(d),
        lambda d: [each("x", [d.min(), *np.sort(d)]), each("y", np.arange(5) / 4)],
    ),
    # Gridded data
    "imshow": (
        lambda ax, d: ax.imshow(np.outer(d, d)),
        lambda d: ["image 4 x 4 viridis", spread("values", np.outer(d, d))],
    ),
    "pcolormesh": (
        lambda ax, d: ax.pcolormesh(np.outer(d, d)),
        lambda d: ["QuadMesh 16", spread("values", np.outer(d, d)), "in viridis"],
    ),
    "contour": (
        lambda ax, d: ax.contour(GRID, levels=levels(d)),
        lambda d: [each("contour levels", levels(d))],
    ),
    "contourf": (
        lambda ax, d: ax.contourf(GRID, levels=levels(d)),
        lambda d: [each("contour levels", levels(d))],
    ),
    "barbs": (
        lambda ax, d: ax.barbs(X, X, 10 * d, -d),
        lambda d: ["Barbs 4", each("x", X), each("u", 10 * d), each("v", -d)],
    ),
    "quiver": (
        lambda ax, d: ax.quiver(X, X, d, -d),
        lambda d: ["Quiver 4", each("y", X), each("u", d), each("v", -d)],
    ),
    "streamplot": (
        lambda ax, d: ax.streamplot(X, X * d.max(), GRID * 0 + 1, GRID * 0, density=0.2),
        lambda d: ["LineCollection", ends("x", X), ends("y", X * d.max()), "FancyArrowPatch"],
    ),
    # Irregularly gridded data
    "tricontour": (
        lambda ax, d: ax.tricontour(SQUARE, X, levels=levels(d)),
        lambda d: [each("contour levels", levels(d))],
    ),
    "tricontourf": (
        lambda ax, d: ax.tricontourf(SQUARE, X, levels=levels(d)),
        lambda d: [each("contour levels", levels(d))],
    ),
    "tripcolor": (
        lambda ax, d: ax.tripcolor(SQUARE, d),
        lambda d: ["2 paths", each("values", [d[[0, 1, 2]].mean(), d[[1, 3, 2]].mean()])],
    ),
    "triplot": (lambda ax, d: ax.triplot(X * X, d), lambda d: [ends("", X * X), ends("", d)]),
}
DEEP = {
    "bar3d": (
        lambda ax, d: ax.bar3d(X, X, 0 * X, 0.5, 0.5, d),
        lambda d: ["24 paths", ends("x", [0, 3.5]), ends("z", [0, *d])],
    ),
    "fill_between 3d": (
        lambda ax, d: ax.fill_between(X, X, d, X, X, 0),
        lambda d: ["Poly3DCollection", ends("x", X), ends("z", [0, *d])],
    ),
    "plot 3d": (
        lambda ax, d: ax.plot(X, 2 * X, d),
        lambda d: [f"{each('x', X)} {each('y', 2 * X)} {each('z', d)}"],
    ),
    "quiver 3d": (
        lambda ax, d: ax.quiver(X, X, X, d, d, d),
        lambda d: ["Line3DCollection 12", ends("z", X + d).rpartition("..")[2]],
    ),
    "scatter 3d": (
        lambda ax, d: ax.scatter(X, X, d, s=10 * d),
        lambda d: ["scatter 4 points", each("z", d), "sizes"],
    ),
    "stem 3d": (lambda ax, d: ax.stem(X, X, d), lambda d: ["stems 4 points", each("z", d)]),
    "plot_surface": (
        lambda ax, d: ax.plot_surface(GRID, GRID.T, np.outer(d, d)),
        lambda d: ["9 paths", ends("z", np.outer(d, d))],
    ),
    "plot_trisurf": (
        lambda ax, d: ax.plot_trisurf(SQUARE, d),
        lambda d: ["2 paths", spread("z", d[[0, 1, 2, 1, 3, 2]])],
    ),
    "voxels": (
        lambda ax, d: ax.voxels((d > 2.6).reshape(1, 2, 2)),
        lambda d: ["Poly3DCollection 5 paths", ends("z", [1, 2])],
    ),
    "plot_wireframe": (
        lambda ax, d: ax.plot_wireframe(*np.meshgrid(X, X), np.outer(d, d)),
        lambda d: ["8 paths", spread("z", np.outer(d, d))],
    ),
}
VISIBLY_OTHER = {"hist": OTHER + 1, "hist2d": OTHER + 1, "voxels": 5 - OTHER}


def drawn(name, data):
    plain = name in FLAT
    axes = Figure().add_subplot(projection=None if plain else "3d")
    (FLAT if plain else DEEP)[name][0](axes, data)
    return axes.figure


def test_every_kind_of_the_gallery_is_here():
    assert (len(FLAT), len(DEEP)) == (27, 10)


@pytest.mark.parametrize("name", [*FLAT, *DEEP])
def test_data_are_found_and_their_change_is_seen(name):
    figure = drawn(name, DATA)
    text = describe(figure)
    for fact in (FLAT | DEEP)[name][1](DATA):
        assert fact in text, f"{fact!r} not in\n{text}"
    assert not is_empty(figure)
    assert "unknown" not in text
    assert "not described" not in text
    assert describe(drawn(name, VISIBLY_OTHER.get(name, OTHER))) != text


@pytest.mark.parametrize("name", ["quiver", "hexbin", "contour", "scatter 3d", "plot_surface"])
def test_a_figure_is_described_alike_before_and_after_it_is_drawn(name):
    figure = drawn(name, DATA)
    text = describe(figure)
    assert bundle(figure)["description"] == text
    figure.draw_without_rendering()
    assert describe(figure) == text
