"""Errata: what the notes said, what running shows, what is right.

In a chapter, at the place of the corrected statement::

    ```{erratum} 2023-0911-1 取整
    笔记原说
    : `round(2.5)` 给出 3。

    实际
    : `round(2.5)` 给出 2。

    应为
    : 遇到一半时取偶数。
    ```

The first line holds the id of the notes' section (year, month and day, number) and a short title,
unique in its section. The body is one definition list of exactly these three terms in this order.
``{addendum}`` is the same, of 笔记原说 and 补充, where the notes are right as far as they go.
The box keeps its anchor, ``erratum-2023-0911-1-`` and six digits, while section and title stay.

A chapter teaches, and what its notes had wrong stands at the end of the section, folded into a
line. ``{errata-list}`` shows the errata of all chapters in full, in the order of the table of
contents.
"""

import re
from hashlib import sha256

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from notesite.chapters import lists

logger = logging.getLogger(__name__)

SECTION = re.compile(r"\d{4}-(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])-[1-9]\d*")


def with_old(name, year):
    """Return a name of a place, and the one that it had when all notes were of one year."""
    return list(dict.fromkeys([name, name.replace(f"-{year}-", "-", 1) if year else name]))


class erratum(nodes.admonition):
    """A box with a title and a definition list; `kind` and `label`, the text that links to it."""


class erratum_title(nodes.Part, nodes.TextElement):
    """The title of a box: the line that stays where the box is folded."""


class errata_list(nodes.General, nodes.Element):
    """Where the list of all errata goes."""


class Erratum(SphinxDirective):
    """``{erratum} YYYY-MMDD-N title``."""

    kind = "勘误"
    parts: tuple[str, ...] = ("笔记原说", "实际", "应为")
    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = None  # so that the body is never taken for options

    def run(self):
        """Return the box, or warn and return nothing."""
        section, _, title = self.arguments[0].strip().partition(" ")
        title = title.strip()
        body = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, body)
        if problem := self.problem(section, title, body):
            logger.warning("%s: %s", self.name, problem, location=self.get_location())
            return []
        digits = sha256(title.encode()).hexdigest()[:6]
        ids = with_old(f"erratum-{section}-{digits}", self.config.anchors_without_year)
        box = erratum(ids=ids, classes=["erratum", self.name])
        box["kind"], box["label"] = self.kind, f"{self.kind} {section}"
        box += [erratum_title("", box["label"], nodes.Text(f"　{title}")), *body.children]
        self.set_source_info(box)
        if box["ids"][0] in self.state.document.ids:
            message = f"{self.name}: this section already has a box with this title"
            logger.warning(message, location=self.get_location())
            return []
        self.state.document.note_explicit_target(box)
        return [box]

    def problem(self, section, title, body):
        """Say what is wrong with an erratum, or return None."""
        if not SECTION.fullmatch(section):
            return f"section id must look like 2023-0911-1 (year, day, number), not {section!r}"
        if not title:
            return f"a short title must follow the section id {section}"
        lists = [child for child in body if isinstance(child, nodes.definition_list)]
        items = list(lists[0]) if lists else []
        terms = [item[0].astext().strip() for item in items]
        if terms != [*self.parts] or len(body) != 1:
            found = "、".join(terms) or "no such list"
            return f"the body must be one definition list of {'、'.join(self.parts)}; found {found}"
        for term, item in zip(terms, items, strict=True):
            if not item[-1].astext().strip():
                return f"the part {term} is empty"
        return None


class Addendum(Erratum):
    """``{addendum} YYYY-MMDD-N title``: what the notes do not say, where they are right."""

    kind = "补充"
    parts = ("笔记原说", "补充")


class ErrataList(SphinxDirective):
    """``{errata-list}``."""

    def run(self):
        """Return the placeholder that `FillErrataLists` fills."""
        lists.note(self.env, self.name)
        return [errata_list()]


def errata_of(env):
    """Return the boxes that correct, without those that only add."""
    boxes = [box for page in collected(env).values() for box in page]
    return [box for box in boxes if box["kind"] == Erratum.kind]


def collected(env):
    """Return the errata of each page."""
    if not hasattr(env, "errata"):
        env.errata = {}
    return env.errata


def collect(app, doctree):
    """Keep the errata of a page that was read, and fold them there."""
    boxes = [*doctree.findall(erratum)]
    if boxes:
        collected(app.env)[app.env.docname] = [box.deepcopy() for box in boxes]
    for box in boxes:
        box["folded"] = True
        behind = box.next_node(
            lambda node: not isinstance(node, erratum | nodes.section | nodes.Invisible),
            descend=False,
            siblings=True,
        )
        if behind is not None:
            message = (
                f"{box['classes'][1]}: it stands at the end of its section, behind all else: "
                "move it there"
            )
            logger.warning(message, location=box)


def purge(app, env, docname):
    """Forget a page that is read again or gone."""
    collected(env).pop(docname, None)


def merge(app, env, docnames, other):
    """Take over what a parallel reader collected."""
    boxes = collected(other)
    collected(env).update({page: boxes[page] for page in docnames if page in boxes})


class FillErrataLists(SphinxPostTransform):
    """Replace each ``{errata-list}``, before references are resolved."""

    default_priority = 5

    def run(self, **kwargs):
        """Write the total and, chapter by chapter, a copy of each box that links to its place."""
        for placeholder in list(self.document.findall(errata_list)):
            boxes = collected(self.env)
            order = dict.fromkeys(lists.pages_in_order(self.env, self.config.root_doc))
            pages = [page for page in order if page in boxes]
            total, wrong = sum(len(boxes[page]) for page in pages), len(errata_of(self.env))
            added = f"，{total - wrong} 条补充" if total > wrong else ""
            total_line = nodes.paragraph("", f"共 {wrong} 条勘误{added}，分布在 {len(pages)} 章。")
            chapters = [self.chapter(page, boxes[page]) for page in pages]
            placeholder.replace_self([total_line, *chapters])

    def chapter(self, page, boxes):
        """Return the section of one chapter."""
        uri = self.app.builder.get_relative_uri(self.env.docname, page)
        name = f"{self.env.titles[page].astext()}（{len(boxes)} 条）"
        link = nodes.reference("", name, refuri=uri, internal=True)
        section = nodes.section("", nodes.title("", "", link), ids=[nodes.make_id(page)])
        section += [self.copy(box, uri) for box in boxes]
        return section

    def copy(self, box, uri):
        """Return a copy of a box whose title links to its place and whose references work here."""
        copy = box.deepcopy()
        label, title = copy[0].children
        link = nodes.reference("", "", label, refid=box["ids"][0], internal=True)
        copy[0].children = []
        copy[0] += [link, title]
        for node in copy.findall(nodes.Element):
            if "refid" in node:
                node["refuri"] = f"{uri}#{node.attributes.pop('refid')}"
            node["ids"] = []
            if "refdoc" in node:
                node["refdoc"] = self.env.docname
            if isinstance(node, nodes.math_block):
                node["number"] = None
        return copy


def visit_erratum(self, node):
    """Open the box: a `details` where it is folded.

    The anchor is then inside of it, because browsers unfold what is around a target.
    """
    ids, node["ids"] = node["ids"], []
    tag = "details" if node.get("folded") else "div"
    self.body.append(self.starttag(node, tag, CLASS="admonition"))
    node["ids"] = ids


def visit_title(self, node):
    """Open the line that stays."""
    self.body.append("<summary>" if node.parent.get("folded") else "")
    self.body.append(self.starttag(node, "p", "", CLASS="admonition-title"))


def depart_title(self, node):
    """Close the line, and write the anchors of the box."""
    self.body.append("</p></summary>\n" if node.parent.get("folded") else "</p>\n")
    self.body += [f'<span id="{name}"></span>' for name in node.parent["ids"]]


def depart_erratum(self, node):
    """Close the box."""
    self.body.append("</details>\n" if node.get("folded") else "</div>\n")


def setup(app):
    """Register nodes, directives and handlers."""
    app.setup_extension("notesite.settings")
    app.setup_extension("notesite.chapters.lists")
    app.add_node(erratum, html=(visit_erratum, depart_erratum))
    app.add_node(erratum_title, html=(visit_title, depart_title))
    app.add_node(errata_list)
    app.add_directive("erratum", Erratum)
    app.add_directive("addendum", Addendum)
    app.add_directive("errata-list", ErrataList)
    app.add_post_transform(FillErrataLists)
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 2}
