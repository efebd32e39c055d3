"""Simulated measurements: each kind of error by itself, against what it must do."""

import doctest
from math import sqrt

import numpy as np
import pytest
from scipy import stats

from dlnotes import measurements
from dlnotes.measurements import readings


def test_without_errors_every_reading_is_the_true_value():
    assert (readings(7.25, (3, 4)) == 7.25).all()


def test_offset_moves_every_reading_by_the_same():
    assert (readings(10.0, 50, noise=1, offset=2) - readings(10.0, 50, noise=1) == 2).all()


def test_random_error_is_normal_with_the_spread_asked_for():
    errors = readings(0.0, 5000, noise=3.0, seed=1)
    assert stats.kstest(errors / 3, "norm").pvalue > 0.01
    assert abs(errors.mean()) < 4 * 3 / sqrt(5000)


@pytest.mark.parametrize("slips", [0, 1, 3, 6])
def test_every_series_has_exactly_so_many_slips(slips):
    values = readings(100.0, (500, 6), noise=1.0, slips=slips)
    assert ((values > 500).sum(axis=1) == slips).all()


def test_slips_are_spread_over_all_places_and_only_multiply():
    plain, slipped = readings(100.0, (4000, 5), noise=1.0), readings(100.0, (4000, 5), 1.0, slips=2)
    ratio = slipped / plain
    assert set(np.unique(ratio.round(9))) == {1.0, 10.0}
    assert (ratio > 5).mean(axis=0) == pytest.approx(2 / 5, abs=0.04)


def test_series_are_independent():
    first, second = readings(0.0, (2, 5000), noise=1.0)
    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / sqrt(5000)


def test_seed_decides():
    assert (readings(1.0, 9, noise=1) == readings(1.0, 9, noise=1)).all()
    assert (readings(1.0, 9, noise=1) != readings(1.0, 9, noise=1, seed=1)).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"noise": -0.1}, "noise must be at least 0, got -0.1"),
        ({"slips": 5}, "slips must be from 0 to 4"),
        ({"slips": -1}, "slips must be from 0 to 4"),
    ],
)
def test_bad_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        readings(1.0, 4, **options)


def test_docstring_examples():
    result = doctest.testmod(measurements)
    assert result.attempted >= 3
    assert result.failed == 0
