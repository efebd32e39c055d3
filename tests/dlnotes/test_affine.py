"""Theta against OpenCV's warp, and against places followed one by one."""

import doctest

import cv2
import numpy as np
import pytest
import torch
from tests.dlnotes.test_blur import functions_of
from torch.nn import functional as F

from dlnotes import affine, draw
from dlnotes.affine import grid_theta

RNG = np.random.default_rng(0)
MATRICES = {
    "identity": [[1, 0, 0], [0, 1, 0]],
    "shift": [[1, 0, 3], [0, 1, -2]],
    "turn": [[0.8, -0.6, 5], [0.6, 0.8, -4]],
    "shear and mirror": [[-1, 0.4, 20], [0.1, 1.3, 1]],
}


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("target", [(20, 30), (17, 11)])
@pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES)
def test_torch_gives_the_picture_of_opencv(matrix, target, align_corners):
    matrix = np.array(matrix, float)
    picture = RNG.random((20, 30)).astype("float32")
    height, width = target
    theta = grid_theta(matrix, picture.shape, target, align_corners).float()
    grid = F.affine_grid(theta, (1, 1, height, width), align_corners=align_corners)
    batch = torch.tensor(picture)[None, None]
    ours = F.grid_sample(batch, grid, align_corners=align_corners)[0, 0].numpy()
    theirs = cv2.warpAffine(picture, matrix, (width, height))
    assert ours == pytest.approx(theirs, abs=0.03)  # OpenCV may round places to 1/32 pixel


@pytest.mark.parametrize("align_corners", [False, True])
def test_every_grid_point_is_the_place_the_matrix_comes_from(align_corners):
    matrix = np.array(MATRICES["shear and mirror"], float)
    theta = grid_theta(matrix, (7, 9), (5, 6), align_corners)
    grid = F.affine_grid(theta, (1, 1, 5, 6), align_corners=align_corners)[0].numpy()
    for y in range(5):
        for x in range(6):
            place = np.linalg.solve(matrix[:, :2], np.array([x, y]) - matrix[:, 2])
            size = np.array([9, 7])
            inner = 2 * place / (size - 1) - 1
            outer = (2 * place + 1) / size - 1
            assert grid[y, x] == pytest.approx(inner if align_corners else outer)


@pytest.mark.parametrize(
    ("matrix", "source", "align_corners", "message"),
    [
        (np.eye(3), (4, 4), False, "must be 2 x 3, got \\(3, 3\\)"),
        (np.array([[1.0, 2, 0], [2, 4, 0]]), (4, 4), False, "must be invertible"),
        (np.eye(2, 3), (0, 4), False, "at least 1, got \\(0, 4\\)"),
        (np.eye(2, 3), (4, 1), True, "at least 2, got \\(4, 1\\)"),
    ],
)
def test_bad_arguments_are_refused(matrix, source, align_corners, message):
    with pytest.raises(ValueError, match=message):
        grid_theta(matrix, source, (4, 4), align_corners)


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES)
def test_the_chapter_computes_the_same(matrix, align_corners):
    written = functions_of("2023-09-15-affine", np=np, torch=torch, draw=draw, photo=None)
    for sizes in [((20, 30), (20, 30)), ((20, 30), (17, 11))]:
        theta = grid_theta(np.array(matrix, float), *sizes, align_corners)
        assert torch.allclose(written["grid_theta"](matrix, *sizes, align_corners), theta)


def test_docstring_examples():
    result = doctest.testmod(affine)
    assert result.attempted >= 2
    assert result.failed == 0
