"""Data small enough to ship, real or made by a seeded generator: no chapter downloads anything."""

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor
from torch.nn.functional import interpolate

_NATIVE_SIZE = 8
_DARKEST = 16.0
_TEST_COUNT = 360
_FEWEST_SALES = 100


@dataclass(frozen=True, eq=False, repr=False)
class Digits:
    """Hold handwritten digits, split for training and testing.

    Images are float32 of shape (N, 1, size, size) in [0, 1], 1 being ink; labels are int64 of
    shape (N,) from 0 to 9.
    """

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor

    def __repr__(self) -> str:
        """Summarize the split, not the pixels."""
        *_, size = self.train_images.shape
        return f"Digits(train={len(self.train_labels)}, test={len(self.test_labels)}, size={size})"


def digits(size: int, seed: int = 0) -> Digits:
    """Load the real handwritten digits that scikit-learn carries, 1437 to train and 360 to test.

    The 1797 images are the *test part* of UCI's "Optical Recognition of Handwritten Digits",
    written by 13 people: scans of 32x32 black or white pixels, reduced by their makers to 8x8
    counts from 0 to 16. They are not MNIST. Enlarging them (bilinear) makes them fit a network;
    it adds no detail. The split is random and keeps the classes' shares, so the same writers are
    on both sides: a test accuracy says nothing about people not among the 13.

    Args:
        size: Height and width of the images in pixels, at least 8; 8 leaves them as they are.
        seed: Seed of the split, at least 0. The same seed gives the same split everywhere.

    Returns:
        The images and labels, both parts shuffled.

    Raises:
        ValueError: If size is below 8.

    Examples:
        >>> digits(size=28)
        Digits(train=1437, test=360, size=28)

    Source:
        E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning
        Repository, 1998, doi:10.24432/C50P49; `sklearn.datasets.load_digits`.
    """
    if size < _NATIVE_SIZE:
        raise ValueError(f"size must be at least {_NATIVE_SIZE}, the original size, got {size}")
    bunch = load_digits()
    images = torch.tensor(bunch.images, dtype=torch.float32).unsqueeze(1) / _DARKEST
    images = interpolate(images, size=(size, size), mode="bilinear", align_corners=False)
    labels = torch.tensor(bunch.target, dtype=torch.int64)
    train, test = train_test_split(
        range(len(labels)), test_size=_TEST_COUNT, random_state=seed, stratify=bunch.target
    )
    return Digits(images[train], labels[train], images[test], labels[test])


@dataclass(frozen=True, eq=False, repr=False)
class Sales:
    """Hold a synthetic table of house sales: as typed into a CSV file, and as it truly is.

    ``text`` is the file; the arrays are float64 of shape (count,), in the order of the rows:
    ``area`` in square metres, ``listed`` and ``sold`` in dollars, without gaps or slips.
    """

    text: str
    area: np.ndarray
    listed: np.ndarray
    sold: np.ndarray

    def __repr__(self) -> str:
        """Count the sales and the lines, without showing them."""
        return f"Sales(count={len(self.sold)}, lines={len(self.text.splitlines())})"


def house_sales(count: int, seed: int = 0) -> Sales:
    """Make up house sales and type them into a CSV file with the awkward values real files have.

    The prices are skewed: area is log-normal around 150 square metres (log-scale 0.3), a square
    metre is listed log-normally around 5000 dollars (0.35), 1.3 times as much with a pool, and the
    sale differs from the listing by a log-normal factor around 1 (0.1). Prices are rounded to
    thousands of dollars.

    What is awkward in the file, all on different rows but for the first, second and last:

    - ``Id`` has leading zeros;
    - ``Listed Price`` has thousands separators and therefore quotes;
    - in one row of 20 ``Sold Price`` is ``unknown``, in another it is empty;
    - in one row of 100 ``Sold Price`` has three zeros too many;
    - in one row of 20 ``Area`` is -1, which stands for unknown;
    - one row of 50 is repeated at the end of the file;
    - ``Pool`` is ``Yes`` in about one row of five, else ``NA``, which means that there is none.

    Args:
        count: Number of different sales, at least 100.
        seed: Seed of the generator, at least 0. The same seed gives the same table.

    Returns:
        The text of the file and the true values.

    Raises:
        ValueError: If count is below 100.

    Examples:
        >>> sales = house_sales(count=100)
        >>> sales
        Sales(count=100, lines=103)
        >>> sales.text.splitlines()[0]
        'Id,Listed Price,Sold Price,Area,Pool'

    Source:
        Synthetic. The meaning of ``NA`` follows the Ames housing data: D. De Cock, Journal of
        Statistics Education 19(3), 2011, doi:10.1080/10691898.2011.11889627.
    """
    if count < _FEWEST_SALES:
        raise ValueError(f"count must be at least {_FEWEST_SALES}, got {count}")
    generator = np.random.default_rng(seed)
    area = np.round(150 * generator.lognormal(sigma=0.3, size=count))
    metre = 5000 * generator.lognormal(sigma=0.35, size=count)
    factor = generator.lognormal(sigma=0.1, size=count)
    pool = generator.random(count) < 0.2
    listed = np.round(area * metre * np.where(pool, 1.3, 1), -3)
    sold = np.round(listed * factor, -3)
    rest = generator.permutation(count)
    sizes = (count // 20, count // 20, count // 100, count // 20, count // 50)
    unknown, empty, slip, no_area, twice, _ = np.split(rest, np.cumsum(sizes))

    sold_typed = np.array([f"{price:.0f}" for price in sold], dtype=object)
    sold_typed[unknown] = "unknown"
    sold_typed[empty] = ""
    sold_typed[slip] = [f"{price * 1000:.0f}" for price in sold[slip]]
    area_typed = area.copy()
    area_typed[no_area] = -1
    lines = [
        f'{row + 1:05},"{listed[row]:,.0f}",{sold_typed[row]},{area_typed[row]:.0f},'
        + ("Yes" if pool[row] else "NA")
        for row in range(count)
    ]
    lines += [lines[row] for row in sorted(twice)]
    text = "\n".join(["Id,Listed Price,Sold Price,Area,Pool", *lines]) + "\n"
    return Sales(text, area, listed, sold)
