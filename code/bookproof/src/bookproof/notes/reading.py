"""Read a note: which of its fences run, what is claimed in them and below them."""

from __future__ import annotations

import ast
import dataclasses
import re
import textwrap
from pathlib import Path

from bookproof.notes import conventions as how
from bookproof.notes.above import with_habit
from bookproof.notes.blocks import CODE, Block, blocks
from bookproof.notes.claims import read_code
from bookproof.notes.code import CJK
from bookproof.notes.looks import dedented, fits, has_commands, is_code, is_only_output
from bookproof.notes.note import OTHER, OUTPUT, PYTHON, Claim, Fence, Note
from bookproof.notes.prompts import is_session
from bookproof.notes.sessions import Session
from bookproof.notes.statements import pieces, print_lines, target
from bookproof.reading.encoding import decode, line_of_fault


def read(path: Path, name: str) -> Note:
    """Return a note; raises ValueError, with what is wrong, where it cannot be read."""
    data = path.read_bytes()
    try:
        text = decode(data)
    except ValueError as error:
        raise ValueError(f"{name}:{line_of_fault(data)}: {error}") from error
    return parse(text, path, name)


def parse(text: str, path: Path = Path("note.md"), name: str = "note.md") -> Note:
    """Return the note that a text is."""
    found, problems = blocks(text)
    fences = _Notes(found).fences()
    return Note(path, name, text, tuple(fences), tuple(problems))


class _Notes:
    """Go through the blocks of a note in order."""

    def __init__(self, found: list[Block]):
        self._blocks = found
        self._known: list[str] = []
        self._fences: list[Fence] = []
        self._code: int | None = None  # the last fence that runs, while an output may follow
        self._above: dict[int, list[Claim]] = {}
        self._prose = False  # whether prose stands between that fence and what follows
        self._label = ""  # what has announced an output: "label", "" for nothing

    def fences(self) -> list[Fence]:
        """Return the fences, with the claims that stand below them in those that give them."""
        for block in self._blocks:
            if block.kind in CODE:
                self._take(block)
            elif self._code is not None and block.kind in ("text", "quote", "table"):
                self._between(block)
            else:
                self._forget()
        return with_habit(self._fences, self._above)

    def _forget(self) -> None:
        self._code, self._label, self._prose = None, "", False

    def _between(self, block: Block) -> None:
        """Look at what stands below a fence and is none."""
        text = block.text
        if block.kind == "table":
            if self._label or self._shows():
                self._claim(block, how.BLOCKS["table"], text)
            self._forget()
        elif how.is_label(text):
            self._label = "label"
        elif self._label:
            self._labelled(block, text)
        else:
            convention, rest = how.unlabel(text.strip().lstrip("*_"))
            rest = rest.strip().strip("*_").strip("`").strip()
            if convention and rest and fits(rest) and "\n" not in rest:
                self._claim(block, how.PARAGRAPH, rest)
            elif block.kind == "quote" and fits(text.strip()) and self._shows():
                self._claim(block, how.BLOCKS["quote"], text)
            if not convention and self._shows() and _introduces(text):
                self._prose = True
                return  # prose that leads to an output: 可以看到：
            self._forget()

    def _labelled(self, block: Block, text: str) -> None:
        """Claim the paragraph below a label, where it is what code gives."""
        plain = re.sub(r"<br\s*/?>|\\$", "", text, flags=re.MULTILINE).strip().strip("`")
        fitting = fits(plain) or (len(plain) < 400 and not re.search(r"[\u4e00-\u9fff。]", plain))
        if fitting and not re.match(r"!?\[.*\]\(|<img", plain):
            convention = how.BLOCKS.get(block.kind, how.PARAGRAPH)
            self._claim(block, convention, plain)
        self._forget()

    def _shows(self) -> bool:
        """Tell whether the fence above shows something that is not yet claimed."""
        if self._code is None:
            return False
        fence = self._fences[self._code]
        last = _last_shown(fence)
        claimed = {claim.statement for claim in fence.claims}
        return last is not None and last not in claimed

    def _claim(self, block: Block, convention: str, text: str) -> None:
        fence = self._fences[self._code]
        number = _last_shown(fence)
        if number is None:
            number = _last_valued(fence)
        if number is None:
            return
        statement = fence.statements[number]
        node = _node(statement.source)
        printing = print_lines(node)
        about = statement.line + (printing[-1] - 1 if printing else 0)
        since = max(
            [claim.statement + 1 for claim in fence.claims if claim.statement is not None] or [0]
        )
        first = block.first
        last = first + text.rstrip("\n").count("\n") if block.kind in CODE else block.end
        claim = Claim(
            first,
            last,
            about,
            number,
            convention,
            text.rstrip("\n"),
            target(node),
            min(since, number),
        )
        self._fences[self._code] = dataclasses.replace(fence, claims=(*fence.claims, claim))

    def _take(self, block: Block) -> None:
        """Decide what a block of code is, and read it."""
        language = how.language(block.info)
        text, label = block.text, self._label
        output = self._is_output(block, language)
        if output:
            if self._code is not None and text.strip() and (label or self._shows() or fits(text)):
                convention = how.BLOCKS.get(block.kind) or (
                    how.LABEL_FENCE if label else how.PLAIN_FENCE
                )
                lead = re.match(r"(?:\s*\n)*", text).group().count("\n")
                lines = text.split("\n")[lead:]
                opened, rest = how.unlabel(lines[0].strip())
                if opened and (opened == how.LABEL or rest):
                    lines = ([rest] if rest.strip() else []) + lines[1:]
                    lead += 0 if rest.strip() else 1
                moved = dataclasses.replace(block, first=block.first + lead)
                self._claim(moved, convention, textwrap.dedent("\n".join(lines)))
            self._fences.append(_fence(block, OUTPUT, "an output, which does not run"))
            self._forget()
            return
        fence = self._code_of(block, language)
        self._fences.append(fence)
        self._forget()
        if fence.role == PYTHON:
            self._code = len(self._fences) - 1

    def _is_output(self, block: Block, language: str) -> bool:
        """Tell whether a block is what the code above gives, and no code."""
        if language in how.SHELLS:
            return self._is_in_shell(block.text)
        if is_session(block.text) or not (language in how.UNTOLD or language in how.LANGUAGES):
            return False
        follows = self._code is not None
        if language in how.LANGUAGES:
            named = follows and bool(self._label) and fits(block.text.strip())
            return named or is_only_output(block.text)
        if follows and (self._label or self._shows()):
            if self._prose and not self._may_show(block.text):
                return False
            if language in how.TOLD or not is_code(block.text) or fits(block.text.strip()):
                return True
        return is_only_output(block.text) and follows

    def _is_in_shell(self, text: str) -> bool:
        """Tell whether what a shell shows is, below a label, what the code above gives."""
        announced = self._code is not None and bool(self._label)
        return announced and bool(text.strip()) and not has_commands(text) and self._may_show(text)

    def _may_show(self, text: str) -> bool:
        """Tell whether a block below prose has no words that the note's code does not have."""
        return fits(text.strip()) or set(CJK.findall(text)) <= set("".join(self._known))

    def _code_of(self, block: Block, language: str) -> Fence:
        session = is_session(block.text)
        if not session and language not in how.LANGUAGES:
            if language not in how.UNTOLD:
                return _fence(block, OTHER, f"its language is {language}")
            if language in how.TOLD or not is_code(block.text):
                return _fence(block, OTHER, "no Python as it stands")
        text = dedented(block.text)
        what = text, block.first, self._known
        found = Session(*what).read() if session else read_code(*what)
        if not found.statements:
            return _fence(block, OTHER, "no Python as it stands" if text.strip() else "empty")
        self._above[len(self._fences)] = found.above
        return _fence(
            block, PYTHON, "", statements=tuple(found.statements), claims=tuple(found.claims)
        )


def _fence(block: Block, role: str, why: str, **more) -> Fence:
    return Fence(
        block.line, block.end, block.indent, block.info.strip(), block.text, role, why, **more
    )


def _node(source: str) -> ast.stmt | None:
    found = pieces(source)
    return found[0].node if found else None


def _last_shown(fence: Fence) -> int | None:
    """Return the last statement that prints or shows something."""
    for number in range(len(fence.statements) - 1, -1, -1):
        statement = fence.statements[number]
        if statement.shows or print_lines(_node(statement.source)):
            return number
    return None


def _last_valued(fence: Fence) -> int | None:
    number = len(fence.statements) - 1
    return number if number >= 0 and target(_node(fence.statements[number].source)) else None


def _introduces(text: str) -> bool:
    return len(text) < 60 and text.rstrip().endswith((":", "："))
