"""`bookproof serve` in a real browser: it reloads, and says when a build has failed."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from tests.serving import PATIENCE, Served

SOON = PATIENCE * 1000


@pytest.fixture
def served(tmp_path):
    served = Served(tmp_path)
    with served.serving():
        assert served.url  # the first build has ended
        yield served


@pytest.fixture
def banner(page):
    return page.get_by_role("alert")


def test_the_page_reloads_after_a_change_and_keeps_its_place(served, page, banner):
    page.goto(served.url)
    expect(page.locator("h1")).to_have_text("good")
    page.evaluate("scrollTo(0, 1234)")
    served.write("better")
    expect(page.locator("h1")).to_have_text("better", timeout=SOON)
    page.wait_for_function("scrollY === 1234", timeout=SOON)
    expect(banner).to_have_count(0)
    assert page.troubles == []
    assert all(url.startswith(served.url) for url in page.requests)


def test_every_page_has_a_banner_until_the_build_is_mended(served, page, banner):
    page.goto(served.url)
    other = page.context.new_page()
    other.goto(served.url + "other.html")
    served.write("wrong")
    expect(banner).to_be_visible(timeout=SOON)
    expect(banner).to_contain_text("最近一次构建没有通过：2 处输出与书中所写不符")
    expect(banner).to_contain_text("notes/a.md:8: 不符\nnotes/a.md:9: 单元格出错")
    expect(page).to_have_title("✗ T")
    there = other.get_by_role("alert")  # no build has written this page again
    expect(there).to_contain_text("2 outputs are not as the book says", timeout=SOON)

    served.write("broken")
    expect(banner).to_contain_text("最近一次构建本身失败（退出状态 3）", timeout=SOON)
    expect(banner).to_contain_text("没有这样的文件")
    expect(page.locator("h1")).to_have_text("broken")

    served.write("mended")
    expect(page.locator("h1")).to_have_text("mended", timeout=SOON)
    expect(page).to_have_title("T")
    expect(banner).to_have_count(0)
    expect(there).to_have_count(0, timeout=SOON)
    assert page.troubles == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_banner_is_seen_and_hides_nothing(served, page, banner, width, scheme):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    served.write("wrong")
    served.until_built(2)
    page.goto(served.url)
    expect(banner).to_be_visible(timeout=SOON)
    open_height = banner.bounding_box()["height"]
    assert banner.bounding_box()["y"] == 0
    assert banner.bounding_box()["width"] == width
    assert page.locator("h1").bounding_box()["y"] >= open_height
    page.evaluate("scrollTo(0, 3000)")
    assert banner.bounding_box()["y"] == 0
    colours = "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    assert banner.evaluate(colours) == ["rgb(255, 255, 255)", "rgb(155, 28, 28)"]  # 8.4 : 1

    banner.locator("summary").click()
    expect(banner.locator("pre")).to_be_hidden()
    assert banner.bounding_box()["height"] < min(open_height, 80)
    page.reload()
    expect(banner).to_be_visible(timeout=SOON)
    expect(banner.locator("pre")).to_be_hidden()  # until another failure
    served.write("broken")
    expect(banner.locator("pre")).to_be_visible(timeout=SOON)


def test_a_page_catches_up_when_its_server_is_back(served, page, banner):
    page.goto(served.url)
    expect(page.locator("h1")).to_have_text("good")
    served.end()
    served.write("wrong")
    with served.serving(urlsplit(served.url).port):
        expect(banner).to_be_visible(timeout=SOON)
        expect(page.locator("h1")).to_have_text("wrong")


SEEN = """seen => {
  Object.defineProperty(document, "hidden", { value: !seen, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_tabs_that_nobody_sees_take_no_connection_and_catch_up(served, page):
    tabs = [page, *(page.context.new_page() for _ in range(7))]  # there are six connections
    for tab in tabs:
        tab.goto(served.url)
        expect(tab.locator("h1")).to_have_text("good")
        tab.evaluate(SEEN, False)
    served.write("better")
    served.until_built(2)
    for tab in tabs:
        expect(tab.locator("h1")).to_have_text("good")
        tab.evaluate(SEEN, True)
        expect(tab.locator("h1")).to_have_text("better", timeout=SOON)
        tab.evaluate(SEEN, False)
