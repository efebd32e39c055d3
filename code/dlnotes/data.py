"""Real data small enough to ship with the libraries: no chapter downloads anything."""

from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor
from torch.nn.functional import interpolate

_NATIVE_SIZE = 8
_DARKEST = 16.0
_TEST_COUNT = 360


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
