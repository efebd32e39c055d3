"""What an author can do with a failure from within his editor."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
from collections.abc import Iterator
from typing import NamedTuple

from lsprotocol import types

from bookproof.authoring import columns
from bookproof.authoring.accept import STALE, Accepted, accepted
from bookproof.authoring.desk import Desk, Page
from bookproof.authoring.edits import changes
from bookproof.authoring.findings import Finding
from bookproof.authoring.propose import PROPOSABLE
from bookproof.authoring.refused import Refused
from bookproof.running.result import Run
from bookproof.telling.language import each

# Not `source.fixAll`: editors may run that at every save, and nobody would look at the outputs.
ACCEPT_FILE = "source.acceptOutputs.bookproof"
ACCEPT_EVERYTHING = "source.acceptEverything.bookproof"
KINDS = [types.CodeActionKind.QuickFix, ACCEPT_FILE, ACCEPT_EVERYTHING]


class Wish(NamedTuple):
    """What is to be accepted of the outcome of this number: one verdict by its index, or all."""

    uri: str
    outcome: int
    verdict: int | None = None
    everything: bool = False


class Actions:
    """Offers what can be accepted, and makes the edits that accept it.

    An edit takes a second run of the chapter. An editor that can ask for it later, when the
    author has chosen, does not wait for it before.
    """

    def __init__(self, desk: Desk):
        self._desk = desk

    async def offered(self, parameters: types.CodeActionParams) -> list[types.CodeAction]:
        """Return what can be done about the failures in a range."""
        page = self._desk.page(parameters.text_document.uri)
        if not page or not page.outcome or not page.outcome.checked:
            return []
        only = parameters.context.only
        found = [
            action
            for action in self._possible(page, parameters)
            if only is None or any(_is_of(action, kind) for kind in only)
        ]
        if not found:
            return []
        if reason := self._desk.unfit(page):
            return self._refused(found, reason)
        if self._desk.has("text_document.code_action.resolve_support"):
            return found
        done = []
        for action in found:
            try:
                action.edit = await self._edit(Wish(*action.data))
                done.append(action)
            except Refused as reason:
                self._desk.log(f"refused: {reason}")
                done += self._refused([action], str(reason))
        return done

    async def resolved(self, action: types.CodeAction) -> types.CodeAction:
        """Return an action with its edit; without where it is refused, which the author is told."""
        try:
            action.edit = await self._edit(Wish(*action.data), self._desk.say)
        except Refused as reason:
            self._desk.say(f"refused: {reason}", types.MessageType.Warning)
        return action

    def _refused(self, actions: list[types.CodeAction], reason: str) -> list[types.CodeAction]:
        """Return actions that an editor shows as impossible, where it can."""
        if not self._desk.has("text_document.code_action.disabled_support"):
            return []
        for action in actions:
            action.disabled = types.CodeActionDisabled(each(reason, self._desk.words))
        return actions

    def _possible(
        self, page: Page, parameters: types.CodeActionParams
    ) -> Iterator[types.CodeAction]:
        verdicts = page.outcome.checked.verdicts
        wish, words = Wish(page.uri, page.number), self._desk.words
        all_found = list(self._desk.found(page))
        for finding, diagnostic in all_found:
            title = _title(finding)
            if title and _touches(finding, diagnostic, parameters.range):
                yield types.CodeAction(
                    words(title),
                    types.CodeActionKind.QuickFix,
                    [diagnostic],
                    data=list(wish._replace(verdict=_index(verdicts, finding.verdict))),
                )
        kinds = {finding.kind for finding, _ in all_found}
        if not kinds.isdisjoint(STALE):
            title = words("Accept all in this file")
            yield types.CodeAction(title, ACCEPT_FILE, data=list(wish))
        if not kinds.isdisjoint(PROPOSABLE):
            title = "Accept all in this file, and propose a block for each output without one"
            yield types.CodeAction(
                words(title),
                ACCEPT_EVERYTHING,
                data=list(wish._replace(everything=True)),
            )

    async def _edit(self, wish: Wish, say=None) -> types.WorkspaceEdit:
        """Return the edit that fulfils a wish; raises Refused where it cannot be."""
        page = self._desk.page(wish.uri)
        if not page or not page.outcome or page.number != wish.outcome:
            raise Refused("the chapter was checked anew meanwhile: choose again")
        outcome, version = page.outcome, self._desk.document(page).version
        self._require_fit(page)
        checked = outcome.checked
        verdict = None if wish.verdict is None else checked.verdicts[wish.verdict]
        again: tuple[Run, ...] = ()
        if not checked.run.failure:  # else it is refused below
            again = await asyncio.wrap_future(self._desk.checks.again(outcome))
        if verdict and verdict.kind in PROPOSABLE:
            cell = next(cell for cell in checked.chapter.cells if cell.line == verdict.cell)
            bare = dataclasses.replace(checked, verdicts=())
            task = functools.partial(accepted, bare, True, again, cell)
        elif verdict:
            task = functools.partial(
                accepted, dataclasses.replace(checked, verdicts=(verdict,)), False, again
            )
        else:
            task = functools.partial(accepted, checked, wish.everything, again)
        found: Accepted = await asyncio.get_running_loop().run_in_executor(None, task)
        self._require_fit(page)
        if page.outcome is not outcome or self._desk.document(page).version != version:
            raise Refused("the text was changed meanwhile: choose again")
        if say and found.notes:
            say("\n".join(found.notes), types.MessageType.Info)
        if not found.changes:
            raise Refused("\n".join(found.notes) or "there is nothing to accept")
        return self._as_edit(page, found)

    def _require_fit(self, page: Page) -> None:
        if reason := self._desk.unfit(page):
            raise Refused(reason)

    def _as_edit(self, page: Page, found: Accepted) -> types.WorkspaceEdit:
        document, lines = self._desk.document(page), self._desk.lines(page)
        found_changes = changes(found, document.source)
        edits = [columns.edit(change, lines, self._desk.count) for change in found_changes]
        if not self._desk.has("workspace.workspace_edit.document_changes"):
            return types.WorkspaceEdit(changes={page.uri: edits})
        identifier = types.OptionalVersionedTextDocumentIdentifier(page.uri, document.version)
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, edits)])


def _title(finding: Finding) -> str:
    """Return what can be done about a failure, empty where only its author can do that."""
    if finding.kind in PROPOSABLE:
        return "Propose a block"
    claim = finding.verdict and (finding.verdict.block or finding.verdict.value)
    return "Accept this output" if finding.kind in STALE and claim else ""


def _is_of(action: types.CodeAction, kind: str) -> bool:
    """Tell whether an action is of a kind, or of a kind below it."""
    whole, part = (str(getattr(name, "value", name)) for name in (kind, action.kind))
    return part == whole or part.startswith(f"{whole}.")


def _touches(finding: Finding, diagnostic: types.Diagnostic, range: types.Range) -> bool:
    """Tell whether a range meets what a failure is on: a value exactly, a block by its lines."""
    start, end = diagnostic.range.start, diagnostic.range.end
    if finding.verdict.value:
        return range.start <= end and start <= range.end
    block = finding.verdict.block
    above = finding.start.line - block.line if block else 0
    below = block.end - finding.end.line if block else 0
    return range.start.line <= end.line + below and start.line - above <= range.end.line


def _index(verdicts, verdict) -> int:
    return next(index for index, other in enumerate(verdicts) if other is verdict)
