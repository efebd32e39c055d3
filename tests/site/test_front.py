"""The front page: what is seen first, and what the browser remembers of reading."""

import time

import pytest
import torch

CHAPTER = "book/notes/2023-09-11-lenet.html"
PHONE = {"width": 390, "height": 844}


def test_the_first_screen_of_a_phone_has_title_promise_search_and_one_door(page, server):
    page.set_viewport_size(PHONE)
    page.goto(server + "book/index.html")
    for selector in ("article h1", "article p >> nth=0", ".front-search input", "#front-lab"):
        box = page.locator(selector).first.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= PHONE["height"], selector
    assert page.locator("#front-lab button").count() == 3


def test_who_searches_there_finds(page, server):
    page.goto(server + "book/index.html")
    page.fill(".front-search input", "感受野")
    page.click(".front-search button")
    page.locator("#search-results li").first.wait_for()


def test_a_guess_is_answered_and_every_size_is_that_of_torch(page, server):
    page.goto(server + "book/index.html")
    lab = page.locator("#front-lab")
    said = lab.locator(".front-said")
    assert said.count() == 0
    lab.get_by_role("button", name="3 格").click()
    assert said.inner_text() == "不是 3，输出 4 格：⌊(7 + 2 × 1 − 3) / 2⌋ + 1 = 4"
    assert page.evaluate("document.activeElement.className") == "front-said"
    assert lab.locator("rect.window").count() == 4
    state, seen, refused = {"输入": 7, "窗口": 3, "步幅": 2, "填充": 1}, set(), 0
    steps = ["窗口减", "步幅加", "填充加", "输入减", "窗口加", "输入减", "步幅减", "填充减"]
    for step in [*steps * 6, *["输入减"] * 9, *["窗口加"] * 5, *["填充减"] * 3]:
        button = lab.get_by_role("button", name=f"{step} 1", exact=True)
        if not button.is_enabled():
            continue
        button.click()
        state[step[:-1]] += 1 if step[-1] == "加" else -1
        n, k, s, p = state.values()
        text = said.inner_text()
        try:
            size = torch.nn.Conv1d(1, 1, k, s, p)(torch.zeros(1, 1, n)).shape[-1]
        except RuntimeError:
            assert "放不下" in text
            refused += 1
            continue
        assert text.startswith(f"输出 {size} 格：")
        assert lab.locator("rect.window").count() == size
        seen.add((n, k, s, p))
        address = lab.locator("a").get_attribute("href")
        assert address == f"lab.html#n={n}&conv=k{k},s{s},p{p}"
    assert len(seen) > 20
    assert refused > 2
    lab.locator("a").click()
    page.wait_for_selector("#lab-result")


def test_reading_is_remembered_here_and_can_be_forgotten(page, server):
    front, resume = server + "book/index.html", page.locator("#front-resume")
    page.goto(front)
    assert resume.is_hidden()
    page.goto(server + CHAPTER)
    needed = page.locator(".chapter-head a[href$='pooling.html']")
    assert needed.count() == 1
    heading = page.locator("article h2").nth(1)
    section = heading.evaluate("one => one.closest('section').id")
    heading.evaluate("one => one.scrollIntoView({behavior: 'instant'})")

    page.goto(front)
    resume.locator(f"a[href$='{CHAPTER}#{section}']").wait_for()
    assert heading.count() == 1
    assert page.locator("a.read").count() == 0
    assert "读完" not in resume.inner_text()
    page.goto(server + "book/notes/2023-09-11-pooling.html")
    page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    page.goto(server + CHAPTER)
    page.locator(".chapter-head a.read[href$='pooling.html']").wait_for()
    page.goto(front)
    resume.get_by_text("读完 1 章").wait_for()
    assert page.locator(".chapter-list a.read").count() == 1
    assert page.requests
    assert all(url.startswith(server) for url in page.requests)
    resume.locator("button").click()
    assert resume.is_hidden()
    assert page.locator("a.read").count() == 0
    page.reload()
    assert resume.is_hidden()


SHIFTS = """new Promise(resolve => {
  let sum = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({type: "layout-shift", buffered: true});
  setTimeout(() => resolve(sum), 500);
})"""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("before", [None, CHAPTER], ids=["new", "again"])
def test_nothing_moves_when_its_scripts_are_there(page, server, width, before):
    page.set_viewport_size({"width": width, "height": 844})
    if before:
        page.goto(f"{server}{before}")
        page.mouse.wheel(0, 900)
        page.wait_for_function("Object.keys(pagesRead()).length === 1")
    for script in ("front", "book"):
        page.route(f"**/{script}.js*", lambda route: (time.sleep(0.7), route.continue_()))
    page.goto(f"{server}book/index.html")
    page.locator(".front-choices").wait_for()
    assert page.locator("#front-resume").is_visible() == bool(before)
    assert page.evaluate(SHIFTS) < 0.01


def test_the_page_works_where_nothing_may_be_kept(page, server):
    refuse = "{ if (key.startsWith('read ')) throw Error(); }"
    for name in ("getItem", "setItem"):
        page.add_init_script(f"Storage.prototype.{name} = (key) => {refuse}")
    page.goto(server + CHAPTER)
    page.goto(server + "book/index.html")
    assert page.locator("#front-resume").is_hidden()
    assert page.locator("#front-lab button").count() == 3
    assert page.troubles == []


def test_what_is_folded_opens_where_an_address_leads_and_on_paper(page, server):
    page.goto(server + CHAPTER)
    folded = page.locator("article details:not([open])")
    count = folded.count()
    assert count > 2
    inner = "[...document.querySelectorAll('article details *')].find((one) => one.id)?.id"
    name = page.evaluate(inner) or page.evaluate(
        "document.querySelector('article details > :last-child').id = 'within'"
    )
    page.evaluate("name => { location.hash = name }", name)
    page.wait_for_function(
        "count => document.querySelectorAll('article details:not([open])').length < count",
        arg=count,
    )
    near = "id => Math.abs(document.getElementById(id).getBoundingClientRect().top) < 300"
    page.wait_for_function(near, arg=name)
    before = folded.count()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert folded.count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert folded.count() == before


def test_the_next_chapter_by_topic_is_offered(page, server, content):
    page.goto(server + "book/topics.html")
    path = page.evaluate(
        "[...document.querySelectorAll('article ol > li > p:first-child > a')]"
        ".map((one) => one.href)"
    )
    assert len(path) >= 29
    offered = 0
    for one, following in zip(path, [*path[1:], None], strict=True):
        page.goto(one)
        links = page.locator(".related-pages .next-page").evaluate_all(
            "all => all.map(a => a.href)"
        )
        assert following is None or following in links
        offered += len(links) == 2
    assert offered > 10
