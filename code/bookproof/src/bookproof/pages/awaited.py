"""What pages show of a check that may still go on: whoever asks for more than is known waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping

from bookproof.pages.page import Page
from bookproof.telling.report import Report
from bookproof.telling.verification import Checked


class Pages(Mapping[str, Page]):
    """The pages of chapters; `chapters` has the names of those by page.

    `ahead` has pages by chapter, made before something may have changed; they are taken out, since
    a page can be read but once.
    """

    def __init__(
        self,
        chapters: Mapping[str, str],
        checked: Callable[[str], Checked],
        ahead: MutableMapping[str, Page],
    ):
        self._chapters = chapters
        self._checked = checked
        self._pages = {p: ahead.pop(chapter) for p, chapter in chapters.items() if chapter in ahead}

    def __getitem__(self, name: str) -> Page:
        """Return a page, made anew where its verdicts are others than before."""
        checked, known = self._checked(self._chapters[name]), self._pages.get(name)
        if known is None or known.checked is not checked:
            known = self._pages[name] = Page(checked)
        return known

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the pages."""
        return iter(self._chapters)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._chapters)


class AwaitedReport:
    """The report of a check that goes on."""

    def __init__(self, report: Callable[[], Report]):
        self._report = report

    def __getattr__(self, name: str) -> object:
        """Return what the report has under a name."""
        return getattr(self._report(), name)
