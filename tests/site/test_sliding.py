"""The animations of convolution in a real browser: still, started, paused, stepped by hand."""

import pytest

CHAPTER = "book/notes/2023-09-06-conv-output-shape.html"

SHOWN = """root => [...root.querySelectorAll(".mark")].flatMap((mark, number) =>
  getComputedStyle(mark).visibility === "visible" ? [number] : [])"""
STATES = """root => [...new Set([...root.querySelectorAll(".mark")].map(
  (mark) => getComputedStyle(mark).animationName.replace(/-.*/, "") + " " +
            getComputedStyle(mark).animationPlayState))]"""
# Move one picture on, as if it had played for so many milliseconds.
SEEK = """(root, time) => document.getAnimations()
  .filter((one) => root.contains(one.effect.target))
  .forEach((one) => { one.currentTime += time; })"""


@pytest.fixture
def animations(page, server):
    """Open the chapter; return its animations."""
    page.goto(server + CHAPTER)
    return page.locator(".sliding").all()


def test_there_are_four_and_they_wait(animations):
    assert len(animations) == 4
    for animation in animations:
        assert animation.evaluate(SHOWN) == [0]
        assert animation.evaluate(STATES) == ["sliding paused"]
        assert animation.locator("input").is_visible()


def test_a_click_starts_one_and_another_pauses_it(page, animations):
    first, second, *_ = animations
    first.locator("input").click()
    assert first.evaluate(STATES) == ["sliding running"]
    assert second.evaluate(STATES) == ["sliding paused"]
    first.locator("input").click()
    assert first.evaluate(STATES) == ["sliding paused"]
    assert page.troubles == []


def test_the_windows_come_in_reading_order_one_at_a_time_and_again(animations):
    for animation, count in zip(animations, (12, 30, 4, 9), strict=True):
        turn = animation.locator(".mark").first.evaluate(
            "(mark, count) => 1000 * parseFloat(getComputedStyle(mark).animationDuration) / count",
            count,
        )
        animation.evaluate(SEEK, turn / 2)
        seen = []
        for _ in range(count + 1):
            seen.append(animation.evaluate(SHOWN))
            animation.evaluate(SEEK, turn)
        assert seen == [[number % count] for number in range(count + 1)]


def test_pointing_at_a_number_shows_its_window(animations):
    padded = animations[1]
    padded.locator("input").click()
    for number in (0, 7, 29):
        padded.locator(".hit").nth(number).hover()
        assert padded.evaluate(SHOWN) == [number]
        assert padded.evaluate(STATES) == ["sliding paused"]


def test_a_tap_shows_its_window(page, animations):
    both = animations[3]
    both.locator(".hit").nth(5).click()
    page.mouse.move(0, 0)
    assert both.evaluate(SHOWN) == [5]


def test_nothing_moves_where_reduced_motion_is_asked_for(page, server):
    page.emulate_media(reduced_motion="reduce")
    page.goto(server + CHAPTER)
    for animation in page.locator(".sliding").all():
        assert not animation.locator("input").is_visible()
        assert animation.evaluate(SHOWN) == [0]
        assert all(state.startswith("none") for state in animation.evaluate(STATES))
        animation.locator(".hit").nth(2).hover()
        assert animation.evaluate(SHOWN) == [2]
    assert page.evaluate("document.getAnimations().length") == 0


def test_it_fits_a_phone(page, server):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(server + CHAPTER)
    for animation in page.locator(".sliding").all():
        box = animation.locator("svg").bounding_box()
        assert 0 < box["x"] < box["x"] + box["width"] <= 360
