"""The articles of the built site, made ready for paper and readers: no scripts, nothing folded.

Editions are made of what was built and verified, not built once more: each shows what the site
shows.
"""

import posixpath
import re
from html import escape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from bs4 import BeautifulSoup, SoupStrainer, Tag

from notesite.editions.source import Source, verified

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
    """The built book: its site's folder and address, its names, its dates, counts and articles.

    `name` is what its editions are called; `dates` are those of the first and the last note, none
    where no chapter has one.
    """

    site: Path
    name: str
    address: str
    title: str
    author: str
    licence: str
    dates: list[str]
    counts: dict[str, int]
    articles: list[Article]

    @property
    def summary(self) -> str:
        """Return the lines under the title: when, how many, how much verified."""
        chapters, errata = self.counts["chapters"], self.counts["errata"]
        when = f"{self.dates[0]} 至 {self.dates[1]} 的笔记，" if self.dates else ""
        lines = [f"{when}共 {chapters} 章"] if chapters else []
        more = f"，勘误 {errata} 条" if errata else ""
        return "\n".join([*lines, f"{self.counts['verified']} 处输出已核对{more}"])

    @property
    def date(self) -> str:
        """Return the date of the newest note; one before all where no chapter has one."""
        return self.dates[1] if self.dates else "1980-01-01"

    @property
    def title_page(self) -> str:
        """Return the article that says what book this is, and how much of it was verified."""
        said = [*self.summary.split("\n"), self.licence, self.address]
        lines = "".join(f"<p>{escape(line)}</p>" for line in said if line)
        title = f'<p class="book-title">{escape(self.title)}</p>'
        return f'<section class="title-page">{title}{lines}</section>'


def read(source: Source, pages: list[str] | None = None) -> Book:
    """Read the pages of a built site, all or those with these names, in the order of the book.

    Raises ``SystemExit`` where there is none, or one that was not verified.
    """
    site, verdicts = source.site, verified(source.site)
    listed = [(page, part) for page, part in source.pages if pages is None or page in pages]
    address, online = published_at(source), source.settings["online_pages"]
    articles = [article(site, page, part) for page, part in listed]
    known = {one.page for one in articles}
    for one in articles:
        if one.page in online:
            leave_to_the_site(one, address)
        point_links(one, known, address, online)
    chapters = [one.body for one in articles if one.body.select_one(".chapter-head")]
    times = [time for body in chapters for time in body.select(".chapter-head time")]
    dates = sorted(time["datetime"] for time in times)
    counts = {
        "chapters": len(chapters),
        "verified": sum(verdicts.get(page, 0) for page in known),
        "errata": sum(len(body.select(".erratum")) for body in chapters),
    }
    ends = [dates[0], dates[-1]] if dates else []
    names = source.title, source.author, source.settings["edition_licence"]
    return Book(site, source.name, address, *names, ends, counts, articles)


def published_at(source: Source) -> str:
    """Return the address that the front page calls its own; empty where it knows none."""
    text = (source.site / f"{source.front}.html").read_text("utf-8")
    own = re.escape(f"{source.front}.html")
    match = re.search(rf'<link rel="canonical" href="(https?://[^"]*/){own}"', text)
    return match[1] if match else ""


def article(site: Path, page: str, part: str) -> Article:
    """Read a page; leave out what only works in a browser, unfold what is folded."""
    html = (site / f"{page}.html").read_text("utf-8")
    body = BeautifulSoup(html, "html.parser", parse_only=SoupStrainer("article")).article
    browsed = ".headerlink, .chapter-launch, script, style, link, noscript, form, button, input"
    browsed += ", .only-dark"  # paper and readers' devices have one mode
    for gone in body.select(browsed):
        gone.decompose()
    for drawing in body.select(".sliding"):
        stand_still(drawing)
    for value in body.select(".bookproof-value"):
        # What was compared is told where one points at it; the place is what the ledger leads to.
        value.attrs = {"id": value["id"]} if value.get("id") else {}
    for folded in body.select("details"):
        unfold(folded)
    for image in body.select("img"):
        if image["src"].startswith(("http:", "https:", "//")):
            image.replace_with(elsewhere(image))
            continue
        del image["loading"], image["class"]
        if image["src"].startswith("data:"):
            continue
        path = posixpath.join(posixpath.dirname(page), image["src"])
        image["src"] = posixpath.normpath(path)
    for name, namespace in NAMESPACES.items():
        for element in body.select(name):
            element["xmlns"] = namespace
            for lower in SVG_NAMES.keys() & element.attrs.keys():
                element[SVG_NAMES[lower]] = element.attrs.pop(lower)
    title = body.h1.get_text() if body.h1 else page
    return Article(page, part, title, body)


def elsewhere(image: Tag) -> Tag | str:
    """Return a link to a picture on another host: an edition loads nothing from there.

    Within a link it is text alone.
    """
    said = str(image.get("alt") or image["src"])
    if image.find_parent("a"):
        return said
    said = escape(said)
    link = f'<a href="{escape(image["src"])}">{said}</a>'
    return BeautifulSoup(link, "html.parser").a


def leave_to_the_site(one: Article, address: str) -> None:
    """Say where a page is that works in a browser alone."""
    for after in one.body.h1.find_next_siblings():
        after.decompose()
    where = f"：{address}{one.page}.html" if address else "，见网站的同名页面"
    said = f"<p>这一页要在浏览器里用{where}。</p>"
    one.body.h1.insert_after(BeautifulSoup(said, "html.parser"))


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


def point_links(one: Article, known: set[str], address: str, online: list[str]) -> None:
    """Let links lead to ``page#anchor`` in the edition, else to the site, else to nothing."""
    for link in one.body.select("a[href]"):
        target, _, anchor = unquote(link["href"]).partition("#")
        if ":" in target:
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(one.page), target))
        page = path.removesuffix(".html") if target else one.page
        state = page in online and "=" in anchor  # what it shows, no place in it
        if page in known and not state:
            link["href"] = f"#{page}#{anchor}"
        elif address:
            link["href"] = address + path + ("#" + anchor if anchor else "")
        else:
            link.unwrap()
