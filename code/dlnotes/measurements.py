"""Synthetic measurements with the three kinds of error, each to be turned on by itself."""

import numpy as np


def readings(
    true_value: float,
    shape: int | tuple[int, ...],
    noise: float = 0.0,
    offset: float = 0.0,
    slips: int = 0,
    seed: int = 0,
) -> np.ndarray:
    """Simulate readings of one quantity: random, systematic and gross error.

    A reading is ``true_value + offset + random error``. In every series (the last axis),
    ``slips`` readings at random places are ten times that, as if the decimal point had slipped.
    These are synthetic data: real errors are seldom normal and seldom independent.

    Args:
        true_value: What is measured, in any unit.
        shape: Number of readings, or (..., readings) for many independent series.
        noise: Standard deviation of the random error (normal, independent), at least 0; in the
            unit of true_value.
        offset: Systematic error, the same in every reading; in the unit of true_value.
        slips: Number of gross errors in every series, from 0 to its length.
        seed: Seed of the random errors and places, at least 0.

    Returns:
        Readings of that shape, float64, in the unit of true_value.

    Raises:
        ValueError: If noise is negative, or slips is negative or exceeds a series.

    Examples:
        >>> readings(100.0, 3, offset=0.5)
        array([100.5, 100.5, 100.5])
        >>> sorted(readings(100.0, 3, slips=1).tolist())
        [100.0, 100.0, 1000.0]
        >>> readings(100.0, (2, 5), noise=1.0).shape
        (2, 5)

    Source:
        JCGM 200:2012, International vocabulary of metrology, 2.16 to 2.19 (error, systematic and
        random error); gross errors are not part of its definition.
    """
    if noise < 0:
        raise ValueError(f"noise must be at least 0, got {noise}")
    generator = np.random.default_rng(seed)
    values = true_value + offset + noise * generator.standard_normal(shape)
    length = values.shape[-1]
    if not 0 <= slips <= length:
        raise ValueError(f"slips must be from 0 to {length}, the length of a series, got {slips}")
    places = generator.random(values.shape).argsort(axis=-1)
    return np.where(places < slips, 10 * values, values)
