"""Motion blur against sums over the exposure, other libraries, and known motions."""

import ast
import doctest
import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_sample_image

from dlnotes import blur
from dlnotes.blur import cepstrum, estimate_motion, motion_transfer, taper_edges, wiener

RNG = np.random.default_rng(0)


def blurred(image, length, angle):
    return np.fft.ifft2(np.fft.fft2(image) * motion_transfer(image.shape, length, angle)).real


@pytest.mark.parametrize(
    ("shape", "length", "angle"),
    [((6, 9), 0, 0), ((6, 9), 3, 0), ((5, 8), 4.5, 30), ((7, 7), 2, -60), ((4, 4), 3, 90)],
)
def test_transfer_is_the_mean_of_the_moved_waves(shape, length, angle):
    """Integrate over time, wave by wave, from the definition."""
    times = (np.arange(4000) + 0.5) / 4000
    dx, dy = length * np.cos(np.radians(angle)), length * np.sin(np.radians(angle))
    transfer = motion_transfer(shape, length, angle)
    for row, column in product(*map(range, shape)):
        v = np.fft.fftfreq(shape[0])[row]
        u = np.fft.fftfreq(shape[1])[column]
        mean = np.exp(-2j * np.pi * times * (u * dx + v * dy)).mean()
        assert transfer[row, column] == pytest.approx(mean, abs=1e-5)


def test_brightness_is_kept_and_light_moves_along_the_path():
    image = RNG.random((21, 21))
    assert blurred(image, 5, 40).mean() == pytest.approx(image.mean())
    point = np.zeros((1, 41))
    point[0, 20] = 1
    assert blurred(point, 6, 0)[0, 21:26] == pytest.approx(1 / 6, abs=0.04)
    assert np.abs(blurred(point, 6, 0)[0, :19]).max() < 0.03
    assert np.abs(blurred(point, 6, 0)[0, 28:]).max() < 0.03


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_wiener_has_the_least_error_in_the_mean(noise):
    """For white pictures and white noise, no other gain restores better."""
    pictures = RNG.standard_normal((40, 31, 31))
    transfer = motion_transfer((31, 31), 4, 20)
    spectrum = np.fft.fft2(pictures) * transfer
    given = np.fft.ifft2(spectrum).real + noise * RNG.standard_normal(pictures.shape)

    def error(ratio):
        return np.mean(
            [(wiener(g, transfer, ratio) - p) ** 2 for g, p in zip(given, pictures, strict=True)]
        )

    best = error(noise**2)
    assert best <= min(error(noise**2 + 0.01), error(max(0, noise**2 - 0.005)))
    if not noise:
        assert best == pytest.approx(0, abs=1e-9)


def test_taper_keeps_the_inside_and_joins_the_edges():
    image = np.add.outer(np.arange(40.0), np.arange(50.0))
    transfer = motion_transfer(image.shape, 8, 0)
    soft = taper_edges(image, transfer, width=8)
    assert (soft[8:-8, 8:-8] == image[8:-8, 8:-8]).all()
    assert np.abs(soft[:, 0] - soft[:, -1]).max() < 0.3 * np.abs(image[:, 0] - image[:, -1]).max()


def test_cepstrum_is_even_and_finds_an_echo():
    image = RNG.standard_normal((64, 64))
    echo = cepstrum(image + 0.9 * np.roll(image, (3, 7), (0, 1)))
    assert echo[3, 7] == pytest.approx(echo[-3, -7])
    assert echo[3, 7] == pytest.approx(echo.max())
    assert echo.mean() == pytest.approx(cepstrum(image).mean(), abs=1e-3)
    assert echo[0, 0] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", ["china.jpg", "flower.jpg"])
@pytest.mark.parametrize(
    ("length", "angle"), [(8, 30), (15, 135), (20, 0), (20, 90), (25, 70), (30, -20)]
)
def test_motion_of_a_photograph_is_estimated(name, length, angle):
    grey = load_sample_image(name).mean(axis=2)
    photo = blurred(grey, length, angle)[90:330, 150:400].round()
    found = estimate_motion(photo)
    assert found[0] == pytest.approx(length, abs=0.75)
    off = (found[1] - angle + 90) % 180 - 90
    assert abs(np.radians(off)) * length < 0.75


def test_bad_arguments_are_refused():
    flat, wave = np.ones((4, 4)), motion_transfer((4, 5), 1, 0)
    for call, message in [
        (lambda: motion_transfer((4, 4), -1, 0), "length must be at least 0, got -1"),
        (lambda: motion_transfer((0, 4), 1, 0), "at least 1, got \\(0, 4\\)"),
        (lambda: wiener(flat, wave, 0), "image is \\(4, 4\\) but transfer is \\(4, 5\\)"),
        (lambda: wiener(flat, flat, -0.1), "ratio must be at least 0, got -0.1"),
        (lambda: taper_edges(flat, wave, 1), "image is \\(4, 4\\) but transfer is \\(4, 5\\)"),
        (lambda: taper_edges(flat, flat, 0), "width must be at least 1, got 0"),
        (lambda: cepstrum(flat), "a constant image has no cepstrum"),
        (lambda: cepstrum(np.eye(2)), "at least 3, got \\(2, 2\\)"),
    ]:
        with pytest.raises(ValueError, match=message):
            call()


def functions_of(name, **names):
    """Return the functions that a chapter defines, run apart from everything else in it."""
    book = Path(__file__).parents[2] / f"book/notes/{name}.md"
    cells = re.findall(
        r"^```\{code-cell\} python\n(?:---\n.*?\n---\n)?(.*?)^```",
        book.read_text(encoding="utf-8"),
        re.M | re.S,
    )
    functions = [
        part for cell in cells for part in ast.parse(cell).body if isinstance(part, ast.FunctionDef)
    ]
    exec(compile(ast.Module(functions, []), str(book), "exec"), names)
    return names


@pytest.fixture(scope="module")
def chapter():
    return functions_of("2023-09-07-motion-blur-psf", np=np)


@pytest.mark.parametrize("shape", [(9, 15), (12, 8), (7, 7)])
def test_the_chapter_computes_the_same(chapter, shape):
    image = RNG.random(shape)
    for length, angle in [(0, 0), (3, 30), (4.5, -70)]:
        transfer = motion_transfer(shape, length, angle)
        assert chapter["motion_transfer"](shape, length, angle) == pytest.approx(transfer)
        for ratio in (1e-3, 0.1):
            restored = wiener(image, transfer, ratio)
            assert chapter["wiener"](image, transfer, ratio) == pytest.approx(restored)
        for width in (1, 3):
            soft = taper_edges(image, transfer, width)
            assert chapter["taper_edges"](image, transfer, width) == pytest.approx(soft)
    assert chapter["cepstrum"](image) == pytest.approx(cepstrum(image))


@pytest.mark.parametrize(("length", "angle"), [(6, 0), (9, 45), (10, 90), (8, 150)])
def test_the_chapter_estimates_the_same(chapter, length, angle):
    image = blurred(RNG.standard_normal((64, 71)), length, angle)
    assert chapter["estimate_motion"](image) == pytest.approx(estimate_motion(image))


def test_docstring_examples():
    result = doctest.testmod(blur)
    assert result.attempted >= 7
    assert result.failed == 0
