"""The drawing style: no missing glyph, the same bytes twice, set up anywhere."""

import doctest
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import combinations

import matplotlib as mpl
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure

from dlnotes import draw


@pytest.fixture(autouse=True)
def _style():
    with mpl.rc_context():
        draw.setup()
        yield


def chart():
    figure = Figure()
    left, right = figure.subplots(1, 2)
    left.plot([0, 1, 2], [3, -1, 2], label="训练损失")
    left.set(title="第 1 轮 → 第 3 轮：×, ≥, −∞", xlabel="轮（epoch）", ylabel="损失")
    left.legend()
    right.imshow([[0.0, 1.0], [1.0, 0.5]])
    return figure


def test_chinese_is_drawn_without_a_missing_glyph():
    """Warnings are errors here, and matplotlib warns about each glyph it cannot find."""
    assert len(draw.svg(chart())) > 5000


def test_a_missing_glyph_would_be_noticed():
    figure = Figure()
    figure.text(0.5, 0.5, "\U0001f70f")  # alchemical symbol: in neither font
    with pytest.warns(UserWarning, match="missing from font"):
        draw.svg(figure)


def test_two_renders_are_the_same_bytes():
    assert draw.svg(chart()) == draw.svg(chart())


def test_the_same_bytes_in_another_process(tmp_path):
    code = (
        "import pathlib, sys\n"
        "from matplotlib.figure import Figure\n"
        "from dlnotes import draw\n"
        "draw.setup()\n"
        "figure = Figure()\n"
        "figure.subplots().plot([1, 2], label='损失')\n"
        "pathlib.Path(sys.argv[1]).write_bytes(draw.svg(figure))\n"
    )
    for name in ("a.svg", "b.svg"):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code, str(tmp_path / name)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_background_is_opaque_white_and_text_is_paths():
    root = ET.fromstring(draw.svg(chart()))
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert "path" in tags
    assert "text" not in tags
    first = next(e for e in root.iter() if e.tag.endswith("}path"))
    assert "fill: #ffffff" in first.get("style")
    assert "opacity: 0" not in first.get("style")


def test_no_date_in_the_file():
    assert b"<dc:date>" not in draw.svg(chart())


def test_setting_up_twice_registers_the_font_once():
    draw.setup()
    draw.setup()
    path = str(draw.sans_path())
    assert [f.fname for f in font_manager.fontManager.ttflist].count(path) == 1


def test_inline_figures_are_svg_without_a_date():
    """Run a real IPython shell with the inline backend, as a chapter's kernel does."""
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_cell('''\n"
        "from dlnotes import draw\n"
        "draw.setup()\n"
        "from matplotlib.figure import Figure\n"
        "figure = Figure()\n"
        "figure.subplots().set_title('损失')\n"
        "data, metadata = get_ipython().display_formatter.format(figure)\n"
        "assert set(data) == {'text/plain', 'image/svg+xml'}, set(data)\n"
        "assert '<dc:date>' not in data['image/svg+xml']\n"
        "print('inline ok')\n"
        "''').raise_error()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.endswith("inline ok\n")


def test_a_figure_is_not_drawn_as_pixels_before_it_is_shown():
    """IPython shows it all the same: in a shell with the inline backend, as a chapter's is."""
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "cells = [\n"
        "    'import matplotlib.pyplot as plt',\n"
        "    'from matplotlib.backends.backend_agg import FigureCanvasAgg',\n"
        "    'from dlnotes import draw',\n"
        "    'draw.setup()',\n"
        "    'drawn = []',\n"
        "    'FigureCanvasAgg.draw = lambda self: drawn.append(self)',\n"
        "    'shown = []',\n"
        "    'get_ipython().display_pub.publish = lambda data, **_: shown.append(sorted(data))',\n"
        "    '_ = plt.plot([1, 2])',\n"
        "    'print(drawn, shown, plt.get_fignums())',\n"
        "]\n"
        "for cell in cells:\n"
        "    shell.run_cell(cell).raise_error()\n"
    )
    environment = os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.endswith("[] [['image/svg+xml', 'text/plain']] []\n")


def test_colours_of_neighbouring_lines_differ_in_lightness_or_hue():
    """Any two colours of the cycle are well apart in RGB; no two are the same."""
    for a, b in combinations(draw.CYCLE, 2):
        distance = sum(
            (x - y) ** 2 for x, y in zip(mpl.colors.to_rgb(a), mpl.colors.to_rgb(b), strict=True)
        )
        assert distance > 0.05, (a, b)


def test_docstring_examples():
    with mpl.rc_context():
        result = doctest.testmod(draw)
    assert result.attempted >= 3
    assert result.failed == 0
