"""The digits, split without loss; the sales, typed as awkwardly as documented."""

import csv
import doctest
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import torch
from scipy.ndimage import map_coordinates
from sklearn.datasets import load_digits

from dlnotes import data
from dlnotes.data import digits, house_sales


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
    assert result.attempted == 4
    assert result.failed == 0


def typed(sales):
    """Read the file with the standard library's parser, every value a string."""
    return list(csv.DictReader(sales.text.splitlines(), strict=True))


def test_sales_have_as_many_awkward_rows_as_documented():
    sales = house_sales(count=300)
    rows = typed(sales)
    assert [row["Id"] for row in rows[:300]] == [f"{number:05}" for number in range(1, 301)]
    repeated = rows[300:]
    assert len(repeated) == 6
    assert len({row["Id"] for row in repeated}) == 6
    assert all(row == rows[int(row["Id"]) - 1] for row in repeated)
    sold = [row["Sold Price"] for row in rows[:300]]
    assert sold.count("unknown") == sold.count("") == 15
    assert [row["Area"] for row in rows[:300]].count("-1") == 15
    assert {row["Pool"] for row in rows} == {"Yes", "NA"}
    assert 0.1 < np.mean([row["Pool"] == "Yes" for row in rows[:300]]) < 0.3


def test_sales_are_typed_from_the_true_values():
    sales = house_sales(count=300)
    slips, awkward = 0, set()
    for index, row in enumerate(typed(sales)[:300]):
        assert int(row["Listed Price"].replace(",", "")) == sales.listed[index]
        assert row["Listed Price"] == f"{int(sales.listed[index]):,}"
        if row["Area"] != "-1":
            assert int(row["Area"]) == sales.area[index]
        strange = row["Area"] == "-1"
        if row["Sold Price"] in ("", "unknown"):
            strange += 1
        elif int(row["Sold Price"]) == 1000 * sales.sold[index]:
            strange += 1
            slips += 1
        else:
            assert int(row["Sold Price"]) == sales.sold[index]
        assert strange <= 1
        awkward |= {row["Id"]} if strange else set()
    assert slips == 3
    assert not awkward & {row["Id"] for row in typed(sales)[300:]}


def test_sales_follow_the_documented_distributions():
    sales = house_sales(count=20_000)
    pool = np.array([row["Pool"] == "Yes" for row in typed(sales)[:20_000]])
    assert not (sales.listed % 1000).any()
    assert not (sales.sold % 1000).any()
    metre = sales.listed / sales.area / np.where(pool, 1.3, 1)
    for values, middle, spread in [
        (sales.area, 150, 0.3),
        (metre, 5000, 0.35),
        (sales.sold / sales.listed, 1, 0.1),
    ]:
        logs = np.log(values)
        assert abs(np.median(logs) - np.log(middle)) < 0.01
        assert abs(logs.std() - spread) < 0.01
    assert abs(np.log(metre[pool]).mean() - np.log(metre[~pool]).mean()) < 0.03
    assert abs(pool.mean() - 0.2) < 0.01


def test_seed_decides_the_sales():
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    a, b, c = house_sales(100, seed=3), house_sales(100, seed=3), house_sales(100, seed=4)
    assert a.text == b.text != c.text
    assert np.array_equal(a.sold, b.sold)
    assert house_sales(100).text == house_sales(100, seed=0).text
    assert np.array_equal(np.random.get_state()[1], before)


def test_too_few_sales_are_refused():
    assert len(house_sales(count=100).sold) == 100
    with pytest.raises(ValueError, match="count must be at least 100, got 99"):
        house_sales(count=99)
