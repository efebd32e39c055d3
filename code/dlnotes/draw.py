"""The book's one visual language: Chinese labels, colour-blind-safe colours, stable SVG."""

import io
import sys

import matplotlib as mpl
from cycler import cycler
from matplotlib import font_manager
from matplotlib.figure import Figure
from pylopdf_fonts_zh_cn import sans_path

# Okabe and Ito's palette, told apart with any common colour vision (jfly.uni-koeln.de/color).
# Vermillion, orange and sky are darker than theirs: as lines on white they need a contrast of 3.
BLUE = "#0072B2"
VERMILLION = "#BF4400"
GREEN = "#009E73"
PURPLE = "#CC79A7"
ORANGE = "#CC8400"
SKY = "#2C99E8"
YELLOW = "#F0E442"
INK = "#222222"
GREY = "#767676"
PALE = "#E6E6E6"

# Yellow is left out: as a line on white it is too faint.
CYCLE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, INK)

_SVG_METADATA = {"Date": None}

# 6 inches and 11 points: shrunk to a 360 px phone, letters are still about 9 px high.
_STYLE = {
    "font.family": ["Noto Sans SC", "DejaVu Sans"],
    "font.size": 11,
    "figure.figsize": (6.0, 3.6),
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.transparent": False,
    "axes.facecolor": "white",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "text.color": INK,
    "xtick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.color": GREY,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=CYCLE),
    # Titles stay where they are, also where ticks are above the axes: to make room, each drawing
    # would measure all ticks again, a sixth of its time.
    "axes.titley": 1.0,
    "axes.unicode_minus": True,
    "legend.frameon": False,
    "image.cmap": "gray",
    "image.interpolation": "none",
    "svg.fonttype": "path",
    "svg.hashsalt": "dlnotes",
}


def setup() -> None:
    """Make matplotlib draw in the book's style; call it once, in a chapter's first cell.

    Registers Noto Sans SC, so that Chinese labels need no font of the machine, and within
    IPython switches inline figures to SVG that is the same at every run. Calling it again
    changes nothing.

    Examples:
        >>> setup()
        >>> mpl.rcParams["font.family"]
        ['Noto Sans SC', 'DejaVu Sans']
    """
    path = str(sans_path())
    if all(font.fname != path for font in font_manager.fontManager.ttflist):
        font_manager.fontManager.addfont(path)
    mpl.rcParams.update(_STYLE)
    _use_svg_inline()


def svg(figure: Figure) -> bytes:
    """Render a figure as SVG, byte for byte the same for the same drawing.

    Args:
        figure: Any matplotlib figure, drawn after `setup`.

    Returns:
        A complete SVG document, encoded as UTF-8.

    Examples:
        >>> svg(Figure())[:5]
        b'<?xml'
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata=_SVG_METADATA)
    return buffer.getvalue()


def _use_svg_inline() -> None:
    """Let IPython show figures as SVG without a time stamp; do nothing elsewhere."""
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        return
    from matplotlib import pyplot
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats("svg", metadata=_SVG_METADATA)
    if mpl.get_backend().endswith("inline"):
        # It would draw each figure as pixels that nobody sees, before IPython shows it.
        pyplot.uninstall_repl_displayhook()
