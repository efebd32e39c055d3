"""Full-text search for Chinese, English and code, over the text of the pages.

``searchindex.js`` holds, instead of Sphinx's list of words, what stands on each page, section by
section, and the other names of things. So no dictionary decides where a Chinese word ends: a page
is found by whatever its sentences contain. Of code and printed text, only the Chinese, the names
of interfaces and English messages are kept. Results quote the pages without fetching them, also
from files.

Browser side (``zh_search.js``): cuts the query, ranks, quotes. Sphinx's own search demands every
word of a question, counts none, and fetches every page that it lists.
"""

import json
import posixpath
import re
from itertools import chain, zip_longest
from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes
from sphinx.search import SearchLanguage

from notesite.chapters import errata, glossary
from notesite.chapters.lists import lists
from notesite.formulas import mathml

HERE = Path(__file__).parent

MESSAGE = re.compile(r"^.*(?:[A-Za-z]+,? ){4}[A-Za-z]+.*$", re.MULTILINE)
OUTPUT = "myst-ansi"  # MyST-NB's language of printed text
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*|[\u4e00-\u9fff]+")
EXPLAINED = re.compile(r"^(.+)\n: .*\]\(([\w./-]+)\.md\)。?$", re.MULTILINE)
LISTS = {"ledger", "chapter-head", "chapter-list", "no-search", "tags", "term-chapters"}
MARKS = {"msub": "_", "msup": "^", "msubsup": "_^", "mfrac": "/", "munder": "_", "mover": "^"}


class PageSearch(SearchLanguage):
    """Chinese, for Sphinx: the browser's side, and no list of words."""

    lang = "zh"
    language_name = "Chinese"
    js_stemmer_code = ""
    js_splitter_code = (HERE / "zh_search.js").read_text(encoding="utf-8")

    def split(self, input: str) -> list[str]:
        """Return no words: the index holds the text."""
        return []


class PageIndex:
    """The format of ``searchindex.js``: Sphinx's data, no words, ``pages``, ``dates``, ``names``.

    A page is its description and its sections, each with heading, anchor, text (a block a line)
    and words of code. A chapter has its date, which may be empty; other pages have none. A name is
    the number of the page that explains the thing, or −1, and all that the thing is called.
    """

    def __init__(self, names: list[tuple[str, list[str]]]) -> None:
        self.names = names
        self.pages: dict[str, list] = {}

    def dump(self, frozen: dict, stream) -> None:
        """Write the index of the pages that Sphinx knows."""
        docnames = frozen["docnames"]
        data = frozen | {
            "alltitles": {},
            "names": [[self.number(docnames, page), *called] for page, called in self.names],
            "pages": [self.pages[name][:2] for name in docnames],
            "dates": [self.pages[name][2] for name in docnames],
        }
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        stream.write(f"Search.setIndex({text})")

    def load(self, stream) -> dict:
        """Read an index back; the pages that are written again replace theirs in it."""
        data = json.loads(stream.read().removeprefix("Search.setIndex(").removesuffix(")"))
        if "dates" not in data:
            raise ValueError("not an index of pages")
        found = zip(data["docnames"], data["pages"], data["dates"], strict=True)
        self.pages = {name: [*page, date] for name, page, date in found} | self.pages
        return data

    @staticmethod
    def number(docnames, page: str) -> int:
        """Return the place of a page in the index, −1 where it has none."""
        return docnames.index(page) if page in docnames else -1


def names(root: Path, glossary_page: str, aliases: str) -> list[tuple[str, list[str]]]:
    """Return, for each thing with several names, the page that explains it and the names.

    They are those of the glossary's terms whose definition ends with a link to a page, and of the
    lines of a file of aliases, each like ``中位数 | median``; a book may have neither.
    """
    text = (root / f"{glossary_page}.md").read_text("utf-8") if glossary_page else ""
    folder = posixpath.dirname(glossary_page)
    found = []
    for line, page in EXPLAINED.findall(text):
        if term := glossary.parse(line):
            called = [term.chinese, *term.others, *term.english.split(", ")]
            found.append((posixpath.normpath(posixpath.join(folder, page)), called))
    lines = (root / aliases).read_text("utf-8").splitlines() if aliases else []
    for called in (line.split(" | ") for line in lines if line.strip()):
        known = next((one for _, one in found if {*one} & {*called}), None)
        if known is None:
            found.append(("", called))
        else:
            known += [name for name in called if name not in known]
    return found


def formula(latex: str) -> str:
    r"""Write an inline formula in one line.

    >>> formula(r"\lfloor\frac{n}{2}\rfloor\times x_i^2")
    '⌊n/2⌋×x_i^2'
    """

    def plain(element) -> str:
        parts = [plain(child) for child in element] or [(element.text or "").strip()]
        marks = MARKS.get(element.tag.rpartition("}")[2], "")
        return "".join(chain.from_iterable(zip_longest(parts, marks, fillvalue="")))

    try:
        return plain(ElementTree.fromstring(mathml.to_mathml(latex, display=False)))
    except ValueError:  # the page's own conversion warns of it
        return latex


def inline(node) -> str:
    """Return the text of a block as it is read."""
    if isinstance(node, nodes.math):
        return formula(node.astext())
    if isinstance(node, nodes.raw | nodes.image):
        return ""
    if isinstance(node, nodes.Text):
        return node.astext()
    return "".join(map(inline, node.children))


def sections(document, *, overview: bool = False) -> list[list[str]]:
    """Return heading, anchor, text and words of code of each section of a page.

    Of an overview, only what is not a copy of what stands on other pages.
    """
    found = []

    def walk(children, text, code):
        for child in children:
            if isinstance(child, nodes.section):
                begin(child)
            elif isinstance(child, nodes.literal_block):
                code += WORD.findall(child.astext())
                if child.get("language") == OUTPUT:
                    text += map(squeeze, MESSAGE.findall(child.astext()))
            elif isinstance(child, nodes.definition_list_item):
                term, *definitions = child.children
                said = []
                walk(definitions, said, code)
                text.append("：".join([squeeze(inline(term)), *said[:1]]))
                text += said[1:]
            elif isinstance(child, nodes.row):
                text.append(" · ".join(filter(None, (squeeze(inline(cell)) for cell in child))))
            elif passed_over(child) or (overview and isinstance(child, errata.erratum)):
                continue
            elif isinstance(child, nodes.TextElement):
                text.append(squeeze(inline(child)))
            else:
                walk(child.children, text, code)

    def begin(section):
        heading, *body = section.children
        text, code = [], []
        entry = [squeeze(inline(heading)), section["ids"][0]]
        found.append(entry)
        walk(body, text, code)
        entry += ["\n".join(filter(None, text)), code]

    walk(document.children, [], [])
    keep_telling(found)
    return found


def passed_over(node) -> bool:
    """Tell what is not searched for: formulas, raw HTML, comments, verdicts, lists, links."""
    if isinstance(node, nodes.math_block | nodes.raw | nodes.Invisible):
        return True
    classes = node.get("classes", ()) if isinstance(node, nodes.Element) else ()
    return any(name.startswith("bookproof") or name in LISTS for name in classes)


def squeeze(text: str) -> str:
    """Make any white space one space."""
    return " ".join(text.split())


def keep_telling(found: list[list]) -> None:
    """Keep, of the words of code, Chinese and names of an interface, once, if not in the text.

    >>> found = [["", "", "重量 weight", ["weight", "box", "重量", "pad_label", "pad_label"]]]
    >>> keep_telling(found)
    >>> found[0][3]
    'pad_label'
    """
    prose = "\n".join(text for _, _, text, _ in found)
    seen = set(WORD.findall(prose))
    for entry in found:
        new = [word for word in dict.fromkeys(entry[3]) if word not in seen and telling(word)]
        seen.update(word for word in new if not re.search("[A-Z]", word))
        entry[3] = " ".join(word for word in new if word.isascii() or word not in prose)


def telling(word: str) -> bool:
    """Tell whether a word of code may be searched for; a variable's plain name is not."""
    return 1 < len(word) < 50 and (not word.isascii() or re.search("[A-Z._]", word) is not None)


def collect(app, doctree, docname):
    """Keep the text of a page that is about to be written."""
    index = getattr(app.builder, "indexer_format", None)
    if isinstance(index, PageIndex):
        description = app.env.metadata[docname].get("description") or ""
        overview = docname in lists(app.env)
        chapter = getattr(app.env, "chapters", {}).get(docname)
        date = chapter.date if chapter else None
        index.pages[docname] = [description, sections(doctree, overview=overview), date]


def read_names(app, config):
    """Read what things are called; the pages are written again when that changes."""
    root = Path(app.srcdir)
    config.zh_search_names = names(root, config.glossary_page, config.search_aliases)


def use_format(app):
    """Let the HTML builder write the index in our format."""
    if hasattr(app.builder, "indexer_format"):
        app.builder.indexer_format = PageIndex(app.config.zh_search_names)


def show_example(app, pagename, templatename, context, doctree):
    """Let the search page say what a reader may look for."""
    context["search_example"] = app.config.search_example


def setup(app):
    """Replace Sphinx's Chinese search and its index."""
    app.setup_extension("notesite.settings")
    app.setup_extension("notesite.chapters.lists")
    app.add_search_language(PageSearch)
    app.add_config_value("zh_search_names", [], "html")
    app.connect("config-inited", read_names)
    app.connect("html-page-context", show_example)
    app.connect("builder-inited", use_format)
    app.connect("doctree-resolved", collect, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
