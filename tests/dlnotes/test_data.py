"""The digits: what scikit-learn ships, split without loss and the same every time."""

import doctest
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import torch
from scipy.ndimage import map_coordinates
from sklearn.datasets import load_digits

from dlnotes import data
from dlnotes.data import digits


def test_sizes_types_and_ranges():
    d = digits(size=28)
    assert d.train_images.shape == (1437, 1, 28, 28)
    assert d.test_images.shape == (360, 1, 28, 28)
    assert d.train_labels.shape == (1437,)
    assert d.test_labels.shape == (360,)
    for images in (d.train_images, d.test_images):
        assert images.dtype == torch.float32
        assert images.min() == 0
        assert images.max() == 1
    for labels in (d.train_labels, d.test_labels):
        assert labels.dtype == torch.int64
        assert set(labels.tolist()) == set(range(10))


def test_every_original_image_is_on_exactly_one_side():
    d = digits(size=8)
    images = torch.cat([d.train_images, d.test_images]).squeeze(1)
    labels = torch.cat([d.train_labels, d.test_labels])
    bunch = load_digits()

    def rows(pixels, target):
        table = np.column_stack([target, pixels.reshape(len(target), -1)])
        return table[np.lexsort(table.T)]

    back = np.asarray((images * 16).tolist())
    assert np.array_equal(rows(back, labels.tolist()), rows(bunch.images, bunch.target))


def test_classes_keep_their_shares():
    d = digits(size=28)
    train = torch.bincount(d.train_labels) / len(d.train_labels)
    test = torch.bincount(d.test_labels) / len(d.test_labels)
    assert (train - test).abs().max() < 0.005


def test_enlarging_is_bilinear():
    """SciPy samples the 8x8 original at the pixel centres of the 20x20 one."""
    small, large = digits(size=8), digits(size=20)
    centres = np.clip((np.arange(20) + 0.5) * 8 / 20 - 0.5, 0, 7)
    grid = np.meshgrid(centres, centres, indexing="ij")
    for index in (0, 7, 359):
        expected = map_coordinates(small.test_images[index, 0].numpy(), grid, order=1)
        assert np.allclose(large.test_images[index, 0].numpy(), expected, atol=1e-6)


def test_seed_decides_the_split():
    a, b, c = digits(size=8, seed=3), digits(size=8, seed=3), digits(size=8, seed=4)
    assert torch.equal(a.train_images, b.train_images)
    assert torch.equal(a.test_labels, b.test_labels)
    assert not torch.equal(a.test_images, c.test_images)


def test_split_ignores_and_keeps_the_global_generators():
    torch.manual_seed(1)
    np.random.seed(1)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    first = digits(size=8).test_labels
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])
    torch.manual_seed(2)
    assert torch.equal(digits(size=8).test_labels, first)


def test_result_is_frozen_and_short_to_print():
    d = digits(size=8)
    assert repr(d) == "Digits(train=1437, test=360, size=8)"
    with pytest.raises(FrozenInstanceError):
        d.train_images = None


def test_too_small_is_refused():
    with pytest.raises(ValueError, match="size must be at least 8, the original size, got 7"):
        digits(size=7)


def test_docstring_examples():
    result = doctest.testmod(data)
    assert result.attempted == 1
    assert result.failed == 0
