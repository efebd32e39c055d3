"""The articles of the built site, made ready for paper and readers: no scripts, nothing folded.

Editions are made of what was built and verified, not built once more: each shows what the site
shows. A site that is not green gets no editions.
"""

import json
import posixpath
import re
from html import escape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import yaml
from bs4 import BeautifulSoup, SoupStrainer, Tag

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
LAB = "book/lab"
CANONICAL = re.compile(r'<link rel="canonical" href="(https?://[^"]*/)book/index\.html"')
# The parser writes attributes in lower case; XML does not take them so.
SVG_NAMES = {"viewbox": "viewBox", "preserveaspectratio": "preserveAspectRatio"}
NAMESPACES = {
    "math": "http://www.w3.org/1998/Math/MathML",
    "svg": "http://www.w3.org/2000/svg",
}


class Article(NamedTuple):
    """A page of the book: its name, the part that it stands in, its title, and its article."""

    page: str
    part: str
    title: str
    body: Tag


class Book(NamedTuple):
    """The built book: its site's folder and address, its names, its dates, counts and articles."""

    site: Path
    address: str
    title: str
    author: str
    dates: tuple[str, str]
    counts: dict[str, int]
    articles: list[Article]

    @property
    def summary(self) -> str:
        """Return the lines under the title: when, how many, how much verified."""
        first, last = self.dates
        return (
            f"{first} 至 {last} 的笔记，共 {self.counts['chapters']} 章\n"
            f"{self.counts['verified']} 处输出已核对，勘误 {self.counts['errata']} 条"
        )

    @property
    def title_page(self) -> str:
        """Return the article that says what book this is, and how much of it was verified."""
        said = [*self.summary.split("\n"), "文字与图片：CC BY-SA 4.0；代码：MIT", self.address]
        lines = "".join(f"<p>{escape(line)}</p>" for line in said if line)
        title = f'<p class="book-title">{escape(self.title)}</p>'
        return f'<section class="title-page">{title}{lines}</section>'


def read(site: Path = SITE, pages: list[str] | None = None) -> Book:
    """Read the pages of a built site, all or those with these names, in the order of the book.

    Raises ``SystemExit`` where there is none, or one that was not verified.
    """
    verdicts = verified(site)
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    listed = [(page, part) for page, part in contents() if pages is None or page in pages]
    address = published_at(site)
    articles = [article(site, page, part, address) for page, part in listed]
    known = {one.page for one in articles}
    for one in articles:
        point_links(one, known, address)
    chapters = [one.body for one in articles if one.body.select_one(".chapter-head time")]
    dates = sorted(body.select_one(".chapter-head time")["datetime"] for body in chapters)
    counts = {
        "chapters": len(chapters),
        "verified": sum(verdicts.get(page, 0) for page in known),
        "errata": sum(len(body.select(".erratum")) for body in chapters),
    }
    names = config["title"], config["author"]
    return Book(site, address, *names, (dates[0], dates[-1]), counts, articles)


def verified(site: Path) -> dict[str, int]:
    """Return how many outputs and values of each page were verified.

    Raises ``SystemExit`` where there is no site, or one that was not verified.
    """
    try:
        content = json.loads((site / "verification.json").read_text("utf-8"))
    except (OSError, ValueError):
        content = {}
    if content.get("green") is not True:
        raise SystemExit(f"no verified site in {site}: run `make book`")
    return {
        posixpath.splitext(name)[0]: sum(v["kind"] == "verified" for v in chapter["verdicts"])
        for name, chapter in content.get("chapters", {}).items()
    }


def contents() -> list[tuple[str, str]]:
    """Return the pages of the table of contents, each with the caption of its part."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    chapters = [(c["file"], part["caption"]) for part in toc["parts"] for c in part["chapters"]]
    return [(toc["root"], ""), *chapters]


def published_at(site: Path) -> str:
    """Return the address that the front page calls its own; empty where it knows none."""
    match = CANONICAL.search((site / "book" / "index.html").read_text("utf-8"))
    return match[1] if match else ""


def article(site: Path, page: str, part: str, address: str) -> Article:
    """Read a page; leave out what only works in a browser, unfold what is folded."""
    html = (site / f"{page}.html").read_text("utf-8")
    body = BeautifulSoup(html, "html.parser", parse_only=SoupStrainer("article")).article
    if page == LAB:
        replace_lab(body, address)
    browsed = ".headerlink, .chapter-launch, script, style, link, noscript, form, button, input"
    browsed += ", .only-dark"  # paper and readers' devices have one mode
    for gone in body.select(browsed):
        gone.decompose()
    for drawing in body.select(".sliding"):
        stand_still(drawing)
    for value in body.select(".bookproof-value"):
        value.unwrap()  # what was compared is told where one points at it
    for folded in body.select("details"):
        unfold(folded)
    for image in body.select("img"):
        del image["loading"], image["class"]
        path = posixpath.join(posixpath.dirname(page), image["src"])
        image["src"] = posixpath.normpath(path)
    for name, namespace in NAMESPACES.items():
        for element in body.select(name):
            element["xmlns"] = namespace
            for lower in SVG_NAMES.keys() & element.attrs.keys():
                element[SVG_NAMES[lower]] = element.attrs.pop(lower)
    return Article(page, part, body.h1.get_text(), body)


def replace_lab(body: Tag, address: str) -> None:
    """Say where the lab is, which lives on the site alone."""
    for after in body.h1.find_next_siblings():
        after.decompose()
    where = f"：{address}{LAB}.html" if address else "，见网站的同名页面"
    body.h1.insert_after(BeautifulSoup(f"<p>实验台要在浏览器里用{where}。</p>", "html.parser"))


def stand_still(drawing: Tag) -> None:
    """Keep the first picture of an animation, and nothing to press."""
    for gone in drawing.select(".mark:not(.first), .hit, :scope > span"):
        gone.decompose()
    for element in drawing.select("[style], [tabindex]"):
        del element["style"], element["tabindex"]


def unfold(folded: Tag) -> None:
    """Turn what the reader unfolds into a box; into a part of the line where it stands in one."""
    if "erratum" in folded.get("class", ()):
        folded.name = "div"
        folded.summary.unwrap()
        return
    summary = folded.summary.extract()
    if "hide" not in folded.get("class", ()):
        folded.unwrap()
        return
    said = summary.select_one(".collapsed").get_text().removeprefix("查看")
    folded.name = "div"
    folded["class"] = ["unfolded"]
    folded.insert(0, BeautifulSoup(f'<p class="unfolded-title">{said}</p>', "html.parser"))


def point_links(one: Article, known: set[str], address: str) -> None:
    """Let links lead to ``page#anchor`` in the edition, else to the site, else to nothing."""
    for link in one.body.select("a[href]"):
        target, _, anchor = unquote(link["href"]).partition("#")
        if ":" in target:
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(one.page), target))
        page = path.removesuffix(".html") if target else one.page
        state_of_lab = page == LAB and "=" in anchor
        if page in known and not state_of_lab:
            link["href"] = f"#{page}#{anchor}"
        elif address:
            link["href"] = address + path + ("#" + anchor if anchor else "")
        else:
            link.unwrap()
