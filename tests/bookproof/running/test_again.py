"""Chapters that chance may rule run more than twice."""

import pytest

from bookproof.book import check_twice
from bookproof.reading.chapter import Cell, Chapter
from bookproof.running.again import _chancy


def chapter(source):
    return Chapter("a.md", None, (Cell(0, 1, 2, 3, source),))


@pytest.mark.parametrize(
    "source",
    [
        "set(words)",
        "{w for w in words}",
        "{'a', 'b'}",
        "frozenset(x)",
        "hash('x')",
        "%%time\nset(x)",
        "%%bash\necho set(x",
        "import random\nrandom.random() < 0.5",
        "np.random.default_rng().normal()",
        "torch.randn(3)",
        "!ls\nx = set(y)",
    ],
)
def test_chance_is_suspected(source):
    assert _chancy(chapter(source))


@pytest.mark.parametrize(
    "source",
    [
        "print(1)",
        "settings = dict(a=1)",
        "{1, 2}",
        "{'a': 1}",
        "np.random.default_rng(7).normal()",
        "torch.manual_seed(0)\ntorch.randn(3)",
        "random.seed(1)\nrandom.random()",
        "train_test_split(x, random_state=0, shuffle=True)",
        "def reset(): pass",
    ],
)
def test_chance_is_not_suspected(source):
    assert not _chancy(chapter(source))


SLOW = """
```{code-cell}
import os, time

time.sleep(0 if os.environ["PYTHONHASHSEED"] == "0" else 3)
print("done")
```
```{expect}
done
```
"""


def test_a_second_run_may_take_longer_than_the_first(book):
    book.write("_config.yml", "execute:\n  timeout: 2\n")
    book.chapter("a.md", SLOW)
    report = check_twice(book.load())
    assert report.green, report.failures()
    assert report.notes == ()  # the clone was not given up
