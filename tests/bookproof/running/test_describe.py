"""The description of a figure, by figures whose every number is known beforehand."""

import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from bookproof.running.inside.describe import bundle, describe, is_description, is_empty

mpl.use("Agg")


def says(figure, *facts):
    """Check that one line of the description holds the facts, in this order."""
    text = describe(figure)
    assert re.search(".*".join(map(re.escape, facts)), text), f"{facts} not in\n{text}"


@pytest.fixture
def axes():
    return Figure(figsize=(4, 3)).add_subplot()


def test_titles_scales_and_labels():
    figure = Figure(figsize=(6, 4.5))
    figure.suptitle("all")
    left, right = figure.subplots(1, 2)
    left.set(title="middle", xlim=(1, 100), ylim=(-1, 1), xscale="log", ylabel="two\nlines")
    left.set_title("l", loc="left")
    left.set_title("r", loc="right")
    right.set(xlim=(0, 1), ylim=(0, 7))
    right.yaxis.set_visible(False)
    inset = right.inset_axes([0, 0, 1, 1])
    inset.set(title="inset", xlim=(3, 4))
    inset.set_axis_off()
    says(figure, "figure 6.0 x 4.5")
    says(figure, 'text "all"')
    says(figure, 'axes "middle"', 'left "l"', 'right "r"')
    says(figure, "x [1.0, 100.0] log")
    says(figure, 'y [-1.0, 1.0] "two\\nlines"')
    says(figure, "x [0.0, 1.0]")
    says(figure, 'axes "inset"')
    for hidden in ("7.0]", "[3.0"):
        assert hidden not in describe(figure)


def test_lines_points_and_legend(axes):
    axes.plot([0, 0.5, 1], [1, 2, 1 / 3], label="up")
    axes.plot(np.linspace(0, 1, 101), np.linspace(0, 2, 101))
    axes.scatter([0.25, 0.75], [1, 2], c=[1, 3], label="dots")
    axes.legend(title="kinds")
    says(axes.figure, 'line "up"', "3 points", "x 0.0 0.5 1.0", "y 1.0 2.0 0.3333")
    says(axes.figure, "101 points", "x from 0.0 to 1.0 evenly", "y from 0.0 to 2.0 evenly")
    says(axes.figure, 'scatter "dots"', "x 0.25 0.75", "y 1.0 2.0", "values 1.0 3.0")
    says(axes.figure, 'legend "kinds" "up" "dots"')


def test_the_course_of_a_long_line_counts(axes):
    steps = np.arange(200)
    lines = [np.minimum(steps / warm_up, 1) for warm_up in (10, 20)]
    lines += [np.full(200, 3.5), np.where(steps == 7, np.nan, np.sqrt(steps))]
    for line in lines:
        axes.plot(steps, line)
    found = re.findall(r"200 points x from 0.0 to 199.0 evenly y (.*)", describe(axes.figure))
    means = [np.nanmean(part) for line in lines for part in np.array_split(line, 8)]
    means = [f"{mean:.4g}" if mean % 1 else f"{mean:.1f}" for mean in means]
    assert found == [
        f"from 0.0 to 1.0, 0.0..1.0 means {' '.join(means[:8])}",
        f"from 0.0 to 1.0, 0.0..1.0 means {' '.join(means[8:16])}",
        "all 3.5",
        f"from 0.0 to 14.11, 0.0..14.11 means {' '.join(means[24:])}, 1 not finite",
    ]
    assert (means[0], means[8]) == ("0.78", "0.58")


def test_points_that_are_not_drawn(axes):
    axes.scatter([0.25, np.nan, 0.75], [1, 2, np.nan])
    axes.plot([1, np.nan], [3, 4])
    says(axes.figure, "scatter", "3 points x 0.25 nan nan", "y 1.0 nan nan")
    says(axes.figure, "line", "2 points x 1.0 nan", "y 3.0 4.0")


def test_bars_many_bars_and_words_on_an_axis(axes):
    axes.bar(["a", "b"], [1, 2], label="few")
    axes.barh(range(13), range(13))
    says(axes.figure, 'bars "few"', "2: 1.0 2.0")
    says(axes.figure, "horizontal bars", " 13: 0.0 1.0 2.0 3.0 ", " 12.0")
    says(axes.figure, "x [", 'ticks "a" "b"')


def test_images_contours_collections_and_what_is_not_finite(axes):
    axes.imshow([[0.0, 1.0, np.nan], [2.0, 3.0, np.inf]], aspect="auto")
    axes.contour(np.arange(9.0).reshape(3, 3), levels=[2, 4])
    axes.fill_between([0, 1], [0, 0], [5, 5])
    says(
        axes.figure,
        "image 2 x 3",
        "values 0.0..3.0 mean 1.5, 2 not finite centre x 0.6667 y 0.8333",
    )
    says(axes.figure, "contour", "levels 2.0 4.0")
    says(axes.figure, "1 paths x 0.0..1.0", "y 0.0..5.0")


@pytest.mark.parametrize(
    "change",
    {
        "mirrored": lambda pixels: pixels[:, ::-1],
        "upside down": lambda pixels: pixels[::-1],
        "transposed": lambda pixels: pixels.swapaxes(0, 1),
        "BGR": lambda pixels: pixels[..., ::-1],
        "shifted": lambda pixels: np.roll(pixels, 1, axis=1),
        "scrambled": lambda pixels: np.random.default_rng(1).permuted(pixels, axis=0),
    }.values(),
)
def test_pictures_of_the_same_values_are_told_apart(change):
    pixels = np.random.default_rng(0).integers(0, 255, (24, 24, 3), dtype=np.uint8)
    pixels[4:10, 5:20, 0] = 254

    def told(array, draw):
        axes = Figure().add_subplot()
        draw(axes, array)
        return spoken(axes.figure)

    draws = [lambda axes, array: axes.imshow(array)]
    if change(pixels[..., 0]).tolist() != pixels[..., 0].tolist() and change(pixels).shape[2] == 3:
        draws.append(lambda axes, array: axes.imshow(array[..., 0]))
        draws.append(lambda axes, array: axes.pcolormesh(array[..., 0]))
        draws.append(lambda axes, array: axes.bar(range(24), array[5, :, 0]))
    for draw in draws:
        assert told(change(pixels), draw) != told(pixels, draw)
        assert told(pixels.copy(), draw) == told(pixels, draw)


def test_pictures_without_a_bright_part_have_no_centre(axes):
    for array in (np.zeros((2, 2)), np.full((2, 2, 3), 0.1), np.full((2, 2), np.nan)):
        axes.imshow(array)
    told = str(spoken(axes.figure))
    assert told.count("image 2 x 2") == 3
    assert "channels 0.1 0.1 0.1" in told
    assert "centre" not in told
    assert "not described" not in told


def test_patches_texts_and_tables(axes):
    from matplotlib.patches import Rectangle

    for x in (0, 2):
        axes.add_patch(Rectangle((x, 0), 1, 1))
    axes.text(0.25, 0.5, "here\nand")
    axes.text(0.75, 0.5, "")
    axes.table([["1", "2"]])
    says(axes.figure, "Rectangle", "2 x 0.0..3.0 mean 1.5 y 0.0..1.0")
    says(axes.figure, "texts 1", '"here\\nand"', "x 0.25", "y 0.5")
    says(axes.figure, "table", '"1" "2"')


def test_emptiness_and_missing_glyphs():
    figure = Figure()
    assert is_empty(figure)
    axes = figure.add_subplot()
    assert is_empty(figure)
    axes.plot([1])
    assert not is_empty(figure)
    assert bundle(figure)["missing_glyphs"] == []
    axes.set_title("\U0001f9ea", fontfamily="DejaVu Sans")
    assert len(bundle(figure)["missing_glyphs"]) == 1
    words = Figure()
    words.text(0, 0, "x")
    assert not is_empty(words)


def spoken(figure):
    """Return the description without its first line and the usual limits."""
    lines = describe(figure).split("\n")[1:]
    return [line.strip() for line in lines if not line.startswith(("  x [0.0, 1", "  y [0.0, 1"))]


def test_a_second_scale_is_named_and_has_its_limits():
    figure = Figure()
    axes = figure.add_subplot(xlim=(0, 10))
    axes.plot([0, 10], [1, 2])
    top = axes.secondary_xaxis("top", functions=(lambda x: x * 2, lambda x: x / 2))
    top.set_xlabel("twice")
    axes.secondary_yaxis(0.5)
    says(figure, "secondary x [0.0, 20.0]", '"twice" at top')
    says(figure, "secondary y [", "at 0.5")
    assert is_empty_without_lines(figure)


def is_empty_without_lines(figure):
    for axes in figure.axes:
        for line in list(axes.lines):
            line.remove()
    return is_empty(figure)


def test_axes_in_space():
    axes = Figure().add_subplot(projection="3d", elev=20, azim=10)
    axes.set(xlabel="depth", ylabel="width", zlabel="loss", zlim=(0, 7), title="space")
    assert is_empty(axes.figure)
    axes.text(1, 2, 3, "peak")
    axes.bar([0, 1], [2, 3], zs=5, zdir="y")
    axes.contour(*np.meshgrid([0, 1], [0, 1]), np.eye(2), levels=[0.5])
    says(axes.figure, 'axes "space"')
    says(axes.figure, "projection 3d elevation 20.0 azimuth 10.0")
    for line in ('"depth"', '"width"', 'z [0.0, 7.0] "loss"'):
        says(axes.figure, line)
    assert "hidden" not in describe(axes.figure)
    says(axes.figure, 'texts 1 "peak" x 1.0 y 2.0 z 3.0')
    says(axes.figure, "Patch3D", "2 x -0.4..1.4 mean 0.5 y 5.0..5.0 mean 5.0 z 0.0..3.0")
    says(axes.figure, "contour levels 0.5 1 paths x 0.0..1.0", "z 0.5..0.5")
    axes.set_axis_off()
    says(axes.figure, "z [0.0, 7.0] hidden")


def test_projections_and_the_axes_of_the_toolkits():
    from mpl_toolkits import axisartist
    from mpl_toolkits.axes_grid1 import parasite_axes

    figure = Figure()
    round_one = figure.add_subplot(221, projection="polar")
    round_one.set_theta_zero_location("N")
    round_one.set_theta_direction(-1)
    figure.add_subplot(222, projection="mollweide").plot([0, 1], [0, 0.5])
    other = figure.add_subplot(223, axes_class=axisartist.Axes)
    other.plot([1, 2])
    other.axis["bottom"].label.set_text("own label")
    host = figure.add_subplot(224, axes_class=parasite_axes.HostAxes)
    host.twinx().plot([0, 1], [7, 9])
    says(figure, "projection polar zero at 1.571 clockwise")
    says(figure, "projection mollweide")
    says(figure, 'axis bottom "own label"')
    says(figure, "line 2 points x 0.0 1.0 y 7.0 9.0")
    assert "hidden" not in describe(figure)


def test_subfigures_and_what_a_figure_holds_itself():
    figure = Figure()
    upper, lower = figure.subfigures(2, 1)
    upper.suptitle("above")
    upper.subplots().plot([1, 2], label="inside")
    upper.legend()
    lower.text(0.5, 0.5, "below")
    figure.lines.append(mpl.lines.Line2D([0, 1], [0.25, 0.75]))
    figure.patches.append(mpl.patches.Rectangle((0, 0), 0.5, 0.25))
    figure.figimage(np.eye(3))
    assert spoken(figure) == [
        "line 2 points x 0.0 1.0 y 0.25 0.75",
        "FigureImage 3 x 3 viridis values 0.0..1.0 mean 0.3333 centre x 1.0 y 1.0 at x 0.0 y 0.0",
        "Rectangle #1f77b4 1 x 0.0..0.5 mean 0.25 y 0.0..0.25 mean 0.125",
        "subfigure in row 1 column 1",
        'text "above"',
        'legend "inside"',
        "axes",
        "x [-0.05, 1.05]",
        "y [0.95, 2.05]",
        'line "inside" 2 points x 0.0 1.0 y 1.0 2.0',
        "subfigure in row 2 column 1",
        'text "below"',
    ]


def test_boxes_keys_and_insets(axes):
    from matplotlib import offsetbox
    from mpl_toolkits.axes_grid1.anchored_artists import AnchoredSizeBar

    axes.add_artist(offsetbox.AnchoredText("gradient\nflow", "upper left"))
    picture = offsetbox.OffsetImage(np.eye(3))
    stack = offsetbox.VPacker(children=[offsetbox.TextArea("under"), picture])
    axes.add_artist(offsetbox.AnnotationBbox(stack, (0.5, 0.25), (1, 2), arrowprops={}))
    axes.add_artist(AnchoredSizeBar(axes.transData, 0.25, "5 m", "center"))
    arrows = axes.quiver([0], [0], [3], [4])
    axes.quiverkey(arrows, 0.75, 0.5, 2, "2 m/s")
    inset = axes.inset_axes([0.5, 0.5, 0.25, 0.25], xlim=(0, 0.5), ylim=(0.25, 1))
    axes.indicate_inset_zoom(inset)
    says(axes.figure, 'AnchoredText "gradient\\nflow" at upper left')
    says(axes.figure, 'AnnotationBbox "under" at x 1.0 y 2.0 arrow to x 0.5 y 0.25')
    says(axes.figure, "    BboxImage 3 x 3 viridis values 0.0..1.0 mean 0.3333")
    says(axes.figure, 'AnchoredSizeBar "5 m" at center')
    says(axes.figure, "    Rectangle", "x 0.0..0.25")
    says(axes.figure, "Quiver 1 arrows x 0.0 y 0.0 u 3.0 v 4.0")
    says(axes.figure, 'quiver key "2 m/s" length 2.0 at x 0.75 y 0.5')
    says(axes.figure, "inset indicator x 0.0 0.5 y 0.25 1.0")


@pytest.mark.parametrize("options", [{}, {"notch": True}, {"patch_artist": True}])
@pytest.mark.parametrize("orientation", ["vertical", "horizontal"])
def test_box_plots_are_told_whole(axes, options, orientation):
    data = [np.array([1, 2, 3, 4, 9.0, 30]), np.arange(5.0), np.array([2, 2.5, 3])]
    axes.boxplot(data, positions=[1, 4, 6], showmeans=True, orientation=orientation, **options)
    for place, values, stats in zip((1, 4, 6), data, mpl.cbook.boxplot_stats(data), strict=True):
        numbers = [stats["med"], stats["q1"], stats["q3"], stats["whislo"], stats["whishi"]]
        median, *ends = (f"{number:.4g}" for number in numbers)
        says(
            axes.figure,
            *["horizontal " * (orientation == "horizontal") + "box", f"at {place}.0"],
            *[f"median {median}", "quartiles", *ends[:2], "whiskers", *ends[2:]],
            *["mean", f"{values.mean():.4g}", *["outliers 1: 30.0"] * (30 in values)],
        )
    text = describe(axes.figure)
    assert text.count("notch") == 3 * ("notch" in options)
    assert "line" not in text
    assert "Patch" not in text


def test_lines_that_only_look_like_a_box_stay_lines(axes):
    for x in range(7):
        axes.plot([x, x], [0, 1])
        axes.plot([x - 1, x + 1], [1, 1])
    assert describe(axes.figure).count("line 2 points") == 14


def test_a_line_before_a_box_is_not_taken_for_its_outline(axes):
    axes.plot([1, 2, 3, 4, 5], [5, 4, 3, 2, 1], label="own")
    axes.boxplot([1, 2, 3], patch_artist=True)
    axes.plot(1, 2.25, "o")
    says(axes.figure, 'line "own" 5 points x 1.0 2.0 3.0 4.0 5.0')
    says(axes.figure, "box #1f77b4 at 1.0 median 2.0 quartiles 1.5 2.5 whiskers 1.0 3.0")
    says(axes.figure, "line 1 points x 1.0 y 2.25")


def test_error_bars_stems_and_floating_bars(axes):
    axes.errorbar([1, 2], [3, 4], xerr=0.5, yerr=[[0, 1], [2, 0]], capsize=2, label="seen")
    axes.errorbar([5], [6], yerr=[0.25], fmt="none")
    axes.bar([0, 1], [2, 3], bottom=[1, 4], label="upper")
    axes.axline((0, 1), slope=0.5)
    axes.axline((0, 1), (2, 3))
    axes.step([0, 1], [1, 2])
    says(axes.figure, 'errorbar "seen" 2 points x 1.0 2.0 y 3.0 4.0')
    says(axes.figure, "    x between 0.5 1.5 and 1.5 2.5")
    says(axes.figure, "    y between 3.0 3.0 and 5.0 4.0")
    says(axes.figure, "    y between 5.75 and 6.25 at x 5.0")
    says(axes.figure, 'bars "upper" 2: 2.0 3.0 on 1.0 4.0')
    says(axes.figure, "line through x 0.0 y 1.0 slope 0.5")
    says(axes.figure, "line through x 0.0 y 1.0 and x 2.0 y 3.0")
    says(axes.figure, "line steps-pre 2 points")
    assert describe(axes.figure).count("LineCollection") == 0


def test_wedges_shapes_and_collections_at_places(axes):
    from matplotlib import collections, patches

    axes.add_patch(patches.Wedge((0, 0), 1, 30, 60))
    axes.hist([1, 2, 2, 3, 5], bins=8, range=(1, 5), histtype="step")
    ovals = collections.EllipseCollection(
        [1, 2], [2, 3], [0, 0], offsets=[(0, 1), (3, 4)], offset_transform=axes.transData
    )
    axes.add_collection(ovals)
    axes.vlines([1, 2], 0, 1, colors=["red", "blue"])
    axes.scatter(range(20), range(20), c=["red"] * 15 + ["blue"] * 5)
    says(axes.figure, "Wedge", "angles from 30.0 to 60.0")
    says(axes.figure, "    outline 18 points")
    says(axes.figure, "Ellipse", "at 2 points x 0.0 3.0 y 1.0 4.0 widths 1.0 2.0 heights 2.0 3.0")
    says(axes.figure, "LineCollection 2 paths", "colours #ff0000 #0000ff")
    says(axes.figure, "scatter 20 points", "colours #ff0000 15 #0000ff 5")


def test_images_that_do_not_fill_their_axes(axes):
    from matplotlib.colors import LogNorm

    axes.imshow(np.eye(2), extent=(0, 2, 1, 3))
    clipped = axes.imshow(np.eye(2) + 1, norm=LogNorm())
    axes.set(xlim=(-5, 5), ylim=(-5, 5))
    clipped.set_clip_path(mpl.patches.Circle((0, 0), 1, transform=axes.transData))
    says(axes.figure, "mean 0.5", "on x 0.0 2.0 y 1.0 3.0")
    says(axes.figure, "by LogNorm on x -0.5 1.5 y 1.5 -0.5 clipped")


def test_the_invisible_is_not_described(axes):
    seen = axes.plot([1, 2], label="seen")
    gone = [*axes.plot([3, 4]), axes.text(0, 0, "gone"), axes.legend(handles=seen), *seen]
    gone += [
        axes.scatter([1], [2]),
        *axes.bar([1], [2]),
        axes.annotate("", (0, 0), (1, 1), arrowprops={}),
    ]
    gone += [axes.inset_axes([0, 0, 1, 1]), axes.figure.add_axes([0, 0, 1, 1], title="gone")]
    assert not is_empty(axes.figure)
    for artist in gone:
        artist.set_visible(False)
    assert len(spoken(axes.figure)) == 3
    assert is_empty(axes.figure)


def of_boxed(figure):
    from matplotlib.offsetbox import AnchoredText

    figure.add_subplot().add_artist(AnchoredText("x", "center"))


@pytest.mark.parametrize(
    "draw",
    [
        of_boxed,
        lambda figure: figure.subfigures(1, 2)[1].text(0, 0, "R"),
        lambda figure: figure.legend(handles=[mpl.lines.Line2D([], [], label="loss")]),
        lambda figure: figure.add_subplot().legend(handles=[mpl.lines.Line2D([], [], label="l")]),
        lambda figure: figure.add_subplot().table([["1"]]),
        lambda figure: figure.add_artist(mpl.patches.Circle((0, 0), 1)),
        lambda figure: figure.figimage(np.eye(2)),
        lambda figure: figure.add_subplot().inset_axes([0, 0, 1, 1]).plot([1, 2]),
        lambda figure: figure.add_subplot(projection="3d").plot([0], [1], [2]),
        lambda figure: figure.add_subplot().axhline(0),
        lambda figure: figure.add_subplot().fill_between([0, 1], [0, 1]),
    ],
)
def test_what_is_drawn_is_not_called_empty(draw):
    figure = Figure()
    draw(figure)
    assert not is_empty(figure)
    assert len(describe(figure).split("\n")) > 1


@pytest.mark.parametrize(
    "draw",
    [
        lambda figure: figure.subplots(2, 2),
        lambda figure: figure.subfigures(1, 2)[0].subplots(),
        lambda figure: figure.add_subplot(projection="3d"),
        lambda figure: figure.add_subplot(projection="polar"),
        lambda figure: figure.add_subplot().secondary_xaxis("top"),
        lambda figure: figure.add_subplot().inset_axes([0, 0, 1, 1]),
        lambda figure: figure.add_subplot().plot([], []),
        lambda figure: figure.add_subplot().scatter([], []),
        lambda figure: figure.add_subplot().errorbar([], [], yerr=[]),
        lambda figure: figure.add_subplot().vlines([], 0, 1),
        lambda figure: figure.add_subplot().text(0, 0, " "),
    ],
)
def test_a_frame_without_contents_is_called_empty(draw):
    figure = Figure()
    draw(figure)
    assert is_empty(figure)


def test_a_description_is_known_by_its_head():
    assert is_description(describe(Figure()))
    assert not is_description("figure: 3 x 4")


def test_no_negative_zero_and_four_digits(axes):
    axes.plot([-0.0, -1e-13, 123456.0], [1e-5, 2 / 3, 0.1 + 0.2])
    says(axes.figure, "x 0.0 0.0 1.235e+05", "y 1e-05 0.6667 0.3")


def test_contours_are_told_by_where_they_run(axes):
    across, up = np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 1, 9))
    axes.contour(across, up, across, levels=[0.25, 0.5])
    says(axes.figure, "contour levels 0.25 0.5 2 paths x 0.25..0.5", "y 0.0..1.0 mean 0.5")
    told = set()
    for shift in (0, 0.1, 0.2):
        for draw in ("contour", "contourf"):
            one = Figure().add_subplot()
            getattr(one, draw)(across, up, np.sin(5 * across) + up + shift, levels=[0.3, 0.9])
            told.add(describe(one.figure))
    assert len(told) == 6


DAYS = np.arange("2021-02-27", "2021-03-02", dtype="datetime64[D]")


def test_dates_are_told_as_dates_and_no_share_of_them_is_let_through(axes):
    axes.plot(DAYS, [1, 2, 4])
    axes.scatter(DAYS, [1, 2, 3])
    axes.set_xlim(DAYS[0], np.datetime64("2021-03-01T12:30"))
    says(axes.figure, "x [2021-02-27, 2021-03-01 12:30:00]")
    says(axes.figure, "line 3 points x 18685 18686 18687 y")
    says(axes.figure, "scatter 3 points x 18685 18686 18687 y")


def test_the_periods_of_pandas_are_told():
    import pandas

    axes = Figure().add_subplot()
    months = pandas.period_range("2019-11", periods=15, freq="M")
    pandas.Series(range(15), months).plot(ax=axes)
    says(axes.figure, "x [2019-11, 2021-01]")


@pytest.mark.parametrize(
    ("x", "words"),
    [
        ([2020, 2021, 2023], "x 2020 2021 2023 y"),
        (range(1990, 2010), "x from 1990 to 2009 evenly"),
        ([2020.5, 2021, 2022], "x 2020.0 2021.0 2022.0 y"),
        ([501, 5000, 9000], "x 501.0 5000.0 9000.0 y"),
        ([7, 8, 9], "x 7.0 8.0 9.0 y"),
    ],
)
def test_years_are_integers(axes, x, words):
    axes.plot(x, range(len(x)))
    says(axes.figure, f"points {words}")


def test_what_cannot_tell_its_parts_takes_nothing_else_with_it(axes):
    class Secret(mpl.artist.Artist):
        def get_children(self):
            raise RuntimeError("not for you")

    axes.plot([1, 2], [3, 4])
    axes.add_artist(Secret())
    found = bundle(axes.figure)
    assert "line 2 points x 1.0 2.0 y 3.0 4.0" in found["description"]
    assert "Secret" in found["description"]
    assert not found["empty"]
