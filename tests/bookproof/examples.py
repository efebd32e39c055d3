"""The examples of a reference: what an author writes, and the verdicts that it gets."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

import yaml

from bookproof import Book, check
from bookproof.book import check_twice
from bookproof.judging.filters import FILTERS
from bookproof.judging.verdict import Kind
from bookproof.reading.scan import scan
from bookproof.running.frozen import Frozen
from bookproof.running.result import Run
from bookproof.telling.texts import texts_for

from .conftest import FRONT

GOOD = "```{code-cell}\n0\n```\n```{expect}\n0\n```\n"

# An example with such an outcome needs a chapter to itself; the others share one, which is faster.
ALONE = {
    Kind.FLAKY,
    Kind.CELL_FAILED,
    Kind.FROZEN,
    Kind.KERNEL_DIED,
    Kind.NOT_STARTED,
    Kind.TIMEOUT,
    Kind.UNCHECKED,
    Kind.UNREADABLE,
}

# These are checked in a way of their own.
NAMED = {Kind.TIMEOUT: "endless.md", Kind.FLAKY: "flaky.md"}


@dataclass(frozen=True)
class Language:
    """How a page in a language writes examples: its words around them, and for kinds."""

    result: str
    cell: str
    write: str
    colon: str
    stop: str
    kinds: dict[str, Kind]


CHINESE = Language(
    "结果：",
    "单元格",
    "写 ",
    "：",
    "。",
    {chinese: Kind(kind) for kind, chinese in texts_for("zh_CN").kinds.items()},
)
ENGLISH = Language("Result: ", "Cell", "as ", ": ", ".", {str(kind): kind for kind in Kind})


@dataclass(frozen=True)
class Reference:
    """The text of a reference, in a language; what is found in it is in its order."""

    text: str
    language: Language

    @cached_property
    def examples(self):
        """Return (format, text, outcomes) for each example."""
        words = self.language
        pattern = rf"^(`{{3,}})(text|json)\n(.*?)^\1\n\n?{words.result}(.*?){re.escape(words.stop)}"
        return [
            (form, text, [words.kinds[name] for name in re.findall(r"\*\*(.+?)\*\*", outcome)])
            for _, form, text, outcome in re.findall(pattern, self.text, re.M | re.S)
        ]

    @cached_property
    def rows(self):
        """Return (words, code, body, outcome) for each row of the tables of examples."""
        table = rf"^\| {self.language.cell} \| `({{expect}}.*?)` \|.*\n\|[-|]+\|\n((?:\|.*\n)+)"
        row = rf"^\| `(.*?)` \| `(.*?)` \| ({self._kinds}){self.language.colon}.+ \|$"
        return [
            (words, code, body, self.language.kinds[name])
            for words, lines in re.findall(table, self.text, re.M)
            for code, body, name in re.findall(row, lines, re.M)
        ]

    @cached_property
    def values(self):
        """Return (expression, text, outcome) for each row of the table of values."""
        words = self.language
        row = rf"^\| `(.*?)` \| {words.write}`(.*?)` \| ({self._kinds}){words.colon}"
        return [(a, b, words.kinds[n]) for a, b, n in re.findall(row, self.text, re.M)]

    @property
    def _kinds(self):
        return "|".join(self.language.kinds)

    def own_filters(self):
        """Return the settings that are shown for filters of a book's own."""
        [found] = re.findall(r"^```yaml\n(bookproof_filters:.*?)^```$", self.text, re.M | re.S)
        return yaml.safe_load(found)

    def outline(self):
        """Return what the examples use and what becomes of it, whatever their language."""
        found = Counter(
            (form, *_words(text), *map(str, outcomes)) for form, text, outcomes in self.examples
        )
        found += Counter((words, str(outcome)) for words, _, _, outcome in self.rows)
        return found + Counter(("value", str(outcome)) for *_, outcome in self.values)

    def check(self, root):
        """Check everything at once; return the verdicts on each example, on each row, chapters."""
        settings = {"sphinx": {"config": self.own_filters()}}
        (root / "_config.yml").write_text(yaml.safe_dump(settings))
        shared, places = FRONT + GOOD, []

        def share(text):
            nonlocal shared
            first, shared = shared.count("\n"), shared + text + "\n"
            places.append(("shared.md", range(first, shared.count("\n"))))

        def alone(name, text, first=0):
            (root / name).write_text(text, "utf-8")
            places.append((name, range(first, 999)))

        for number, (form, text, outcomes) in enumerate(self.examples):
            name = NAMED.get(outcomes[0], f"{number}.md")
            if form == "json":
                alone(f"{number}.ipynb", text)
            elif text.startswith("---"):
                alone(name, text)
            elif Kind.UNCHECKED in outcomes:
                alone(name, FRONT + text)
            elif Kind.FROZEN in outcomes:
                alone(name, FRONT + text)
                Frozen(root).save(scan(root, name, (FRONT + GOOD).encode()), Run(([],)))
            elif not ALONE.isdisjoint(outcomes):
                alone(name, FRONT + GOOD + text, (FRONT + GOOD).count("\n") + 1)
            else:
                share(text)
        for row in self.rows:
            share(row_as_text(*row))
        (root / "shared.md").write_text(shared, "utf-8")
        # The cell that never ends shall not take long; the others may, on a busy machine.
        book = Book.load(root)
        others = tuple(name for name in book.chapters if name not in NAMED.values())
        reports = [
            check(replace(book, chapters=others, timeout=60)),
            check(replace(book, chapters=(NAMED[Kind.TIMEOUT],), timeout=2)),
            check_twice(replace(book, chapters=(NAMED[Kind.FLAKY],), timeout=60)),
        ]
        chapters = {one.chapter.name: one for report in reports for one in report.chapters}
        found = [[v for v in chapters[name].verdicts if v.line in lines] for name, lines in places]
        count = len(self.examples)
        return found[:count], found[count:], [chapters[name] for name, _ in places]


def row_as_text(words, code, body, outcome):
    """Return a row as what an author writes."""
    return f"```{{code-cell}}\n{code}\n```\n```{words}\n{body}\n```\n"


def values_as_text(values):
    """Return rows of values as what an author writes."""
    prose = "\n\n".join(f"{{expect}}``{written} <{value}>``" for value, written, _ in values)
    return f"{FRONT}{GOOD}\n{prose}\n"


def _words(text):
    """Return what of bookproof and MyST-NB a chapter uses, without what its author says."""
    fences = re.findall(r"^ *(?:`{3,}|:{3,})(\{.+?\}) ?(.*)$", text, re.M)
    fences += re.findall(r"(\{[a-z]+\})(`)", text)
    fences += re.findall(r"^(:tags:) (.*)$", text, re.M)
    for name, argument in fences:
        if name == "{unverified}":
            argument = "reason" if argument else ""
        for own in argument.partition("norm=")[2].split(","):
            if own and own not in FILTERS:
                argument = argument.replace(own, "own", 1)
        yield f"{name} {argument}"
    if text.startswith("---"):
        yield from re.findall(r"^ *(\w+):", text.split("---")[1], re.M)
