"""Affine maps of the pixels of a picture, between the conventions of OpenCV and PyTorch."""

import numpy as np
import torch


def grid_theta(
    matrix: np.ndarray,
    source: tuple[int, int],
    target: tuple[int, int],
    align_corners: bool = False,
) -> torch.Tensor:
    """Turn a matrix for ``cv2.warpAffine`` into the theta of ``torch``'s ``affine_grid``.

    The matrix takes a place (x, y) of the *source* to a place of the *target*, in pixels, where
    (0, 0) is the centre of the first pixel. Theta goes the other way, in coordinates that run
    from -1 to 1 along each side.

    Args:
        matrix: 2 x 3 affine matrix, invertible.
        source: Height and width of the given picture in pixels, each at least 1.
        target: Height and width of the wanted picture in pixels, each at least 1.
        align_corners: As given to ``affine_grid`` and ``grid_sample``: whether -1 and 1 are the
            centres of the outermost pixels (then sizes are at least 2), or their outer edges.

    Returns:
        Tensor of shape (1, 2, 3), float64.

    Raises:
        ValueError: If matrix is not 2 x 3 or not invertible, or a size is too small.

    Examples:
        >>> half = np.array([[0.5, 0, 0], [0, 0.5, 0]])
        >>> grid_theta(half, (9, 9), (5, 5), align_corners=True)[0]
        tensor([[1., 0., 0.],
                [0., 1., 0.]], dtype=torch.float64)

    Source:
        ``cv2.warpAffine`` and ``torch.nn.functional.affine_grid``, documentation.
    """
    if np.shape(matrix) != (2, 3):
        raise ValueError(f"matrix must be 2 x 3, got {np.shape(matrix)}")
    least = 2 if align_corners else 1
    if min(*source, *target) < least:
        raise ValueError(f"sizes must be at least {least}, got {source} and {target}")
    whole = np.vstack([matrix, [0, 0, 1]])
    if np.linalg.matrix_rank(whole) < 3:
        raise ValueError("matrix must be invertible")
    to_source = _normalise(source, align_corners) @ np.linalg.inv(whole)
    theta = to_source @ np.linalg.inv(_normalise(target, align_corners))
    return torch.tensor(theta[None, :2])


def _normalise(size: tuple[int, int], align_corners: bool) -> np.ndarray:
    """Return the 3 x 3 matrix from pixels to coordinates from -1 to 1."""
    height, width = size
    if align_corners:
        return np.array([[2 / (width - 1), 0, -1], [0, 2 / (height - 1), -1], [0, 0, 1]])
    return np.array([[2 / width, 0, 1 / width - 1], [0, 2 / height, 1 / height - 1], [0, 0, 1]])
