"""Write MyST Markdown as plain Markdown, which Jupyter, Colab and VS Code all show."""

from __future__ import annotations

import posixpath
import re
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from bookproof.reading.value import CHECKED, SHOWN, split
from bookproof.telling.texts import Texts, texts_for

_SYNTAX = MdParserConfig(
    enable_extensions={"colon_fence", "deflist", "dollarmath"}, disable_syntax=["inline"]
)
_CODE = ("{code-block}", "{code}", "{sourcecode}")
_GONE = ("{expect}", "{unverified}")
_SHOWING = (f"{{{SHOWN}}}", f"{{{SHOWN}:figure}}")
_OPTIONS = re.compile(r"\A(?:---\n.*?\n---\n|(?::[\w-]+:[^\n]*\n)+)\n*", re.DOTALL)
_INLINE = re.compile(
    r"\\."
    r"|(?:\{(?P<role>[\w:+-]+)\})?(?P<ticks>`+)(?P<body>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|\$\$.+?\$\$|\$[^$\n]+\$"
    r"|(?<!!)\[(?P<text>(?:`[^`]*`|[^\[\]`])*)\]\((?P<target>[^()\s]+)\)"
    r"|(?<=[\])`])\{[.#][^{}\n]*\}",  # attributes
    re.DOTALL,
)
_NEXT_LINE = re.compile(r"\s*\n[\s>]*")  # in a quote
_IN_TABLE = re.compile(r"\\\|")
_MARK = re.compile(r"^( *)[:~](?=\s)")
_NO_PARAGRAPH = re.compile(r"[-*+] |\d+[.)] |#+ |[>|<]|```|~~~|\$\$")
_EXPLICIT = re.compile(r"(?P<text>.+?)\s*<(?P<target>[^<>]+)>", re.DOTALL)
_ELEMENTS = {"sub": "sub", "subscript": "sub", "sup": "sup", "superscript": "sup", "kbd": "kbd"}
_LITERAL = ("code", "file", "samp", "command", "program")


@dataclass(frozen=True)
class Surroundings:
    """What the text of a chapter speaks of that stands outside it.

    `notebooks` are the chapters that are notebooks too, as paths without suffix; `site` is the
    address of the book's pages, with a slash at its end, empty where it is unknown. `labels` says
    what the pages call that which has a label, `references` has label and text of a cited work
    by key, `boxes` the title of the directives that are boxes.
    """

    notebooks: Collection[str] = ()
    site: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    boxes: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None

    @property
    def texts(self) -> Texts:
        """Return the words for the reader's language."""
        return texts_for(self.language)


class Plain:
    """Write the texts of one chapter, given by its path, and remember what they cite.

    `shown` returns as Markdown what the code gives for an expression of `{eval}`.
    """

    def __init__(self, name: str, around: Surroundings, shown: Callable[[str], str] = str):
        self._folder = posixpath.dirname(name)
        self._around = around
        self._shown = shown
        self._checks: list[str] = []
        self._cited: dict[str, None] = {}

    def text(self, source: str) -> str:
        """Return a text of whole blocks: without comments, and without blocks for the check."""
        lines = source.split("\n")
        tokens = create_md_parser(_SYNTAX, RendererHTML).parse(source)
        parts, done = [], 0
        for index, token in enumerate(tokens):
            if token.level or token.nesting < 0 or not token.map:
                continue
            start, end = token.map
            parts.append("\n".join(lines[done:start]))  # what is none, say the target of a link
            parts.append(self._block(tokens[index:], lines[start:end]))
            done = end
        parts.append("\n".join(lines[done:]))
        return "\n\n".join(text for part in parts if (text := part.strip("\n")))

    def caption(self, figure: Mapping[str, str]) -> str:
        """Return what stands below a figure with a `caption`, perhaps a `name`; else nothing."""
        if not figure.get("caption"):
            return ""
        label = figure.get("name", "")
        anchor = f'<a id="{label}"></a>' if label else ""
        number = self._around.labels.get(label)
        return f"{anchor}{f'**{number}**　' if number else ''}{self._inline(figure['caption'])}"

    def option(self, text: str) -> str:
        """Return the text of an option, say an alternative text: in it are but values."""
        return _INLINE.sub(lambda m: self._part(m) if m["role"] in CHECKED else m[0], text)

    def checks(self) -> list[str]:
        """Return the values in the texts since the last call, as roles, for the metadata."""
        found, self._checks = self._checks, []
        return found

    def references(self) -> str:
        """Return the list of all that was cited so far, empty where nothing was."""
        known = [self._around.references[k] for k in self._cited if k in self._around.references]
        lines = [f"- [{label}] {text}" for label, text in known]
        return "\n".join([f"## {self._around.texts.references}", "", *lines]) if lines else ""

    def _block(self, tokens: list[Token], lines: list[str]) -> str:
        """Return the block that the tokens begin with and that stands on these lines."""
        token, text = tokens[0], "\n".join(lines)
        if token.type in ("fence", "colon_fence"):
            return self._directive(token) if token.info.startswith("{") else text
        if token.type == "dl_open":
            return "\n\n".join(self._definitions(tokens, lines))
        if token.type == "myst_target":
            return f'<a id="{token.content}"></a>'
        if token.type == "math_block_label":
            return f"$$\n{token.content.strip()}\n\\tag{{{token.info}}}\n$$"
        if token.type in ("myst_line_comment", "myst_block_break"):
            return ""
        return text if token.type in ("code_block", "math_block") else self._inline(text)

    def _directive(self, token: Token) -> str:
        name, _, argument = token.info.strip().partition(" ")
        body = token.content
        if name in _GONE:
            return ""
        if name in _SHOWING:
            text = self.text(_OPTIONS.sub("", body))
            return f"{self._shown(argument.strip())}\n\n{text}".strip()
        if name == "{math}":
            return f"$$\n{_OPTIONS.sub('', body).strip()}\n$$"
        if name in _CODE:
            fence = "`" * max(3, len(token.markup))
            return f"{fence}{argument.strip()}\n{_OPTIONS.sub('', body).rstrip()}\n{fence}"
        box = self._around.boxes.get(name.strip("{}"))
        title = "" if box is None else f"{box} {self._inline(argument.strip())}".strip()
        text = self.text(_OPTIONS.sub("", body))
        if box is None:
            return text
        quoted = f"**{title}**\n\n{text}".strip().split("\n")
        return "\n".join(f"> {line}".rstrip() for line in quoted)

    def _definitions(self, tokens: list[Token], lines: list[str]) -> Iterator[str]:
        """Yield the entries of a definition list, each term before what is said of it."""
        first, term = tokens[0].map[0], ""
        for number, token in enumerate(tokens):
            if token.type == "dl_close" and token.level == 0:
                return
            if token.level != 1:
                continue
            if token.type == "dt_open":
                term = self._inline(tokens[number + 1].content).strip()
                term = term if term.startswith("**") else f"**{term}**"
            elif token.type == "dd_open":
                start, end = (line - first for line in token.map)
                while not _MARK.match(lines[start]):  # the parser may start at the term
                    start += 1
                marked = [_MARK.sub(r"\1 ", lines[start]), *lines[start + 1 : end]]
                said = self.text(textwrap.dedent("\n".join(marked)).strip("\n"))
                space = "\n\n" if _NO_PARAGRAPH.match(said) else ""
                yield f"{term}{self._around.texts.colon}{space}{said}"

    def _inline(self, text: str) -> str:
        return _INLINE.sub(self._part, text)

    def _part(self, found: re.Match) -> str:
        whole = found[0]
        if found["role"] in CHECKED and (parts := split(_NEXT_LINE.sub(" ", found["body"]))):
            self._checks.append(_IN_TABLE.sub("|", _NEXT_LINE.sub(" ", whole)))
            return parts[0]
        if found["role"]:
            return self._role(found["role"], found["body"].strip(), found["ticks"])
        if found["target"]:
            return self._link(self._inline(found["text"]), found["target"])
        return "" if whole.startswith("{") else whole

    def _role(self, name: str, body: str, ticks: str) -> str:
        if name == SHOWN:
            return self._shown(body)
        if name.startswith("cite"):
            return self._cite([key.strip() for key in body.split(",")])
        if name == "math":
            return f"${body}$"
        if name == "eq":
            return f"({body})"
        if name in _ELEMENTS:
            return f"<{_ELEMENTS[name]}>{body}</{_ELEMENTS[name]}>"
        if name in _LITERAL:
            return f"{ticks}{body}{ticks}"
        explicit = _EXPLICIT.fullmatch(body)
        text, target = (explicit["text"], explicit["target"]) if explicit else ("", body)
        label = self._around.labels.get(target, target)
        return text.replace("%s", label).replace("{number}", label) if text else label

    def _cite(self, keys: list[str]) -> str:
        self._cited |= dict.fromkeys(keys)
        labels = (self._around.references.get(key, (key,))[0] for key in keys)
        return f"[{', '.join(labels)}]"

    def _link(self, text: str, target: str) -> str:
        """Return a link that leads somewhere from a notebook, else its bare text."""
        path, _, anchor = target.partition("#")
        page, suffix = posixpath.splitext(posixpath.normpath(posixpath.join(self._folder, path)))
        if "://" in target or suffix not in (".md", ".ipynb"):
            return f"[{text}]({target})"
        if page in self._around.notebooks:
            return f"[{text}]({posixpath.relpath(page, self._folder or '.')}.ipynb)"
        anchor = anchor and f"#{anchor}"
        return f"[{text}]({self._around.site}{page}.html{anchor})" if self._around.site else text
