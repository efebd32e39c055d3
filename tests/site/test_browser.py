"""The built book in a real browser."""

import time

import pytest


def test_pages_work_without_a_server(page, site, pages, about):
    for name in pages:
        page.goto((site / name).as_uri(), wait_until="networkidle")
    page.goto((site / "search.html").as_uri() + f"?q={about.query}")
    page.locator("#search-results li a").first.wait_for()
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []
    assert page.troubles == []


def test_root_leads_to_the_front_page(page, server):
    page.goto(server)
    page.wait_for_url("**/book/index.html")
    assert page.locator("h1").first.inner_text().startswith("深度学习手记")


def test_light_and_dark(page, server, about):
    page.emulate_media(color_scheme="light")
    page.goto(server + about.front)
    background = "getComputedStyle(document.body).backgroundColor"
    seen = {}
    for _ in range(3):
        seen[page.evaluate("document.body.dataset.theme")] = page.evaluate(background)
        page.locator(".theme-toggle:visible").click()
    assert set(seen) == {"auto", "light", "dark"}
    assert seen["auto"] == seen["light"] == "rgb(255, 255, 255)"
    assert seen["dark"] != seen["light"]
    page.locator(".theme-toggle:visible").click()
    page.goto(server + "search.html")
    assert page.evaluate("document.body.dataset.theme") == "dark"


def test_drawers_open_and_close_by_keyboard(page, server, about):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(server + about.front)
    for name, first in [("全书目录", ".sidebar-brand"), ("本页内容", ".toc-tree a:visible")]:
        button = page.locator(f"header button[aria-label={name}]")
        inside = page.locator(first).first
        assert button.get_attribute("aria-expanded") == "false"
        assert not inside.is_visible()
        button.focus()
        page.keyboard.press("Enter")
        assert button.get_attribute("aria-expanded") == "true"
        inside.wait_for()
        page.keyboard.press("Escape")
        assert button.get_attribute("aria-expanded") == "false"


def test_code_is_copied_as_it_stands(page, server, about):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(server + about.code)
    code = page.locator(".cell_input pre").first
    page.locator("button.copy").first.click()
    page.locator("button.copy", has_text="已复制").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == code.inner_text().rstrip()
    assert copied.startswith(about.begins)


def test_figures_open_large_and_close(page, server, about):
    page.goto(server + about.drawing)
    figure = page.locator("a.zoom").first
    figure.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    dialog.locator("img").wait_for()
    assert dialog.locator("img").get_attribute("alt") == figure.locator("img").get_attribute("alt")
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")


def test_a_script_within_a_page_is_refused(page, server, about):
    page.goto(server + about.front)
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "document.title = 'foreign'";
        document.body.append(script);
    }""")
    assert page.title() != "foreign"
    assert any("Content Security Policy" in trouble for trouble in page.troubles)


def test_every_drawing_of_the_book_is_there_in_both_modes(page, server, content, about):
    """What has no dark side stands on white, also on a dark page."""
    page.emulate_media(color_scheme="dark")
    drawings, others = [], []
    for name in content:
        page.goto(server + name, wait_until="domcontentloaded")
        for source, kind, ground in page.eval_on_selector_all(
            ".cell_output img, article figure img",
            """all => all.map((one) => [
                one.getAttribute("src"), one.className, getComputedStyle(one).backgroundColor])""",
        ):
            (drawings if source.endswith(".svg") else others).append((source, kind, ground))
    assert len(drawings) >= 2 * about.drawings
    assert [kind for _, kind, _ in drawings] == ["only-light", "only-dark"] * (len(drawings) // 2)
    for (light, *_), (dark, *_) in zip(drawings[0::2], drawings[1::2], strict=True):
        assert dark.startswith(light.removesuffix(".svg") + "-dark-")
    assert {ground for *_, ground in others} <= {"rgb(255, 255, 255)"}


def test_mathematics_has_its_font_but_never_moves_a_page(page, server, site, about):
    name, fetched = about.formula, []

    def width():
        page.evaluate("() => document.fonts.ready.then(() => 0)")
        return page.locator("math").first.bounding_box()["width"]

    def slowly(route):
        time.sleep(0.5)
        fetched.append(route.request.url)
        route.continue_()

    page.route("**/*.woff2", slowly)
    page.goto(server + name, wait_until="domcontentloaded")
    before = page.locator("math").first.bounding_box()["width"]
    assert width() == before
    page.unroute("**/*.woff2")
    for _ in range(2):
        page.goto(server + name)
    with_font = width()
    page.goto((site / name).as_uri())
    assert width() == with_font
    assert not fetched or with_font != before  # not fetched: the system has it


def test_figures_keep_their_place(page, server, content, about):
    sizes = []
    for name in content:
        page.goto(server + name)
        sizes += page.eval_on_selector_all(
            ".cell_output img, article figure img",
            """all => Promise.all(all.map(async (image) => {
                image.loading = "eager";
                await image.decode();
                const [w, h] = [image.getAttribute("width"), image.getAttribute("height")];
                return [image.naturalWidth / image.naturalHeight, w / h];
            }))""",
        )
    assert len(sizes) >= about.drawings
    assert [(real, said) for real, said in sizes if said != pytest.approx(real, rel=0.02)] == []
