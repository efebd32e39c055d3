"""Random edits of random chapters, a few: `chance` tries many by hand."""

from tests.bookproof.running.chance import trials

from bookproof.running.warm import Warmth


def test_what_goes_on_is_what_runs_from_the_start(make_book):
    warmth, root = Warmth(lasting=True), make_book().root
    try:
        runs = [found for seed in range(3) for found in trials(root, seed, 3, warmth)]
    finally:
        warmth.close()
    assert [different for different, _ in runs if different] == []
    starts = [start for _, start in runs]
    assert (len(runs), sum(start > 0 for start in starts) >= 5) == (9, True), starts
