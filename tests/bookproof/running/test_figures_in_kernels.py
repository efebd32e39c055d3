"""Figures as a chapter shows them: described in the kernel, never lost, never called empty."""

import pytest

from bookproof.judging.verdict import Kind

CELL = """\
```{{code-cell}} python
{code}
```
```{{expect}} figure contains
{facts}
```
"""

# What a cell draws, and what its description must then hold.
SHOWN = {
    """\
import matplotlib.pyplot as plt
from matplotlib.artist import Artist
from matplotlib.offsetbox import AnchoredText

axes = plt.figure().add_subplot()
axes.plot([2, 3])
axes.secondary_yaxis("right").set_ylabel("again");""": """\
line 2 points x 0.0 1.0 y 2.0 3.0
secondary y [1.95, 3.05] "again" at right""",
    """\
plt.figure().add_subplot().add_artist(AnchoredText("vanishing", "center"));""": """\
AnchoredText "vanishing" at center""",
    """\
figure = plt.figure()
figure.subfigures(2, 1)[1].supxlabel("shared")
figure.add_subplot();""": """\
subfigure in row 2 column 1
text "shared\"""",
    """\
figure = plt.figure()
figure.add_subplot()
figure.legend(handles=[plt.Line2D([], [], label="accuracy")]);""": """\
legend "accuracy\"""",
    """\
deep = plt.figure().add_subplot(projection="3d", zlabel="error")
deep.scatter([1], [2], [3]);""": """\
projection 3d
"error"
scatter 1 points x 1.0 y 2.0 z 3.0""",
    """\
class Nameless(plt.Line2D):
    def get_drawstyle(self):
        raise LookupError("no style")


axes = plt.figure().add_subplot()
axes.plot([0, 1], [5, 6])
axes.add_line(Nameless([], []));""": """\
line 2 points x 0.0 1.0 y 5.0 6.0
Nameless not described: LookupError: no style""",
    """\
class Halo(Artist):
    def draw(self, renderer):
        pass


figure = plt.figure()
figure.add_subplot()
figure.add_artist(Halo());""": """\
unknown Halo from __main__ zorder 0.0""",
}


@pytest.fixture(scope="module")
def verdicts(make_book):
    book = make_book()
    cells = (CELL.format(code=code, facts=facts) for code, facts in SHOWN.items())
    book.chapter("figures.md", "\n".join(cells))
    return [verdict for _, verdict in book.check()]


def test_every_figure_is_shown_and_described(verdicts):
    assert [(v.kind, v.message) for v in verdicts] == [(Kind.VERIFIED, "")] * len(SHOWN)
