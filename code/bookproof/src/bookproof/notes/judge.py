"""Give each claim of a note its verdict, from what two or more runs of the note gave."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bookproof.notes import conventions as how
from bookproof.notes.chance import never
from bookproof.notes.findings import Finding, Ran, Verdict
from bookproof.notes.instrument import is_inner
from bookproof.notes.names import Stale
from bookproof.notes.note import PYTHON, Claim, Fence, Note
from bookproof.notes.reasons import reason
from bookproof.notes.same import compare, compare_error, contradicts
from bookproof.notes.session import NEVER, Given, Log
from bookproof.notes.values import reads_as_error
from bookproof.reading.screen import normalise

_ORDER = (Verdict.TRUE, Verdict.DIGITS, Verdict.STYLE)
_WHYS = {
    Verdict.DIGITS: "fewer digits are written than there are",
    Verdict.STYLE: "the same value, shown in another manner",
}


def judge(note: Note, logs: Sequence[Log], defined: Mapping[str, str]) -> list[Finding]:
    """Return a finding for each claim, by line; `defined` tells where missing names are given."""
    stale, found = Stale(), []
    for index, fence in enumerate(note.fences):
        if fence.role != PYTHON:
            found += [Finding(c, Verdict.NOT_RUN, None, fence.why) for c in fence.claims]
            continue
        for number, statement in enumerate(fence.statements):
            given = [log.given[index][number] for log in logs]
            why = stale.of(statement)
            expected = False
            for place, claim in enumerate(fence.claims):
                if claim.statement != number:
                    continue
                if is_inner(claim, statement):
                    within = [log.within.get((index, place), []) for log in logs]
                    finding = _judge_inner(claim, given, within, why, defined)
                else:
                    ran = [log.given[index] for log in logs]
                    finding = _judge(claim, fence, ran, why, defined)
                expected |= bool(given[0].error) and finding.verdict in _ORDER
                found.append(finding)
            failure = "" if expected else _failure(given[0])
            on_purpose = bool(given[0].error) and not reason(*given[0].error, defined)
            stale.follow(statement, failure, on_purpose)
        found += [
            Finding(c, Verdict.NOT_RUN, None, "nothing that runs gives it")
            for c in fence.claims
            if c.statement is None
        ]
    return sorted(found, key=lambda finding: finding.claim.line)


def _failure(given: Given) -> str:
    if given.error:
        return _error(given)
    return given.message if given.ending else ""


def _error(given: Given) -> str:
    name, message = given.error
    return f"{name}: {message}".removesuffix(": ")


def _out(given: Given, defined: Mapping[str, str]) -> str:
    """Return why what a statement gave is not to be judged, empty where it is."""
    if given.ending:
        return given.message
    if not given.error:
        return ""
    return reason(*given.error, defined) or f"the code fails: {_error(given).split(chr(10))[0]}"


def _judge(
    claim: Claim,
    fence: Fence,
    ran: Sequence[Sequence[Given]],
    stale: str,
    defined: Mapping[str, str],
) -> Finding:
    """Judge a claim about a statement; `ran` is what all statements of the fence gave, by run."""
    given = [all_given[claim.statement] for all_given in ran]
    errors = [
        _by_error(claim, one) or _earlier(claim, ran) for one, ran in zip(given, ran, strict=True)
    ]
    if all(errors):
        raised = next(one for one in reversed(ran[0][: claim.statement + 1]) if one.error)
        return _finding(claim, max(errors, key=_ORDER.index), _error(raised))
    if all(one.error and contradicts(claim.claimed, *one.error) for one in given):
        return Finding(claim, Verdict.FALSE, _error(given[0]))
    why = _out(given[0], defined)
    if given[0].ending == NEVER:
        return Finding(claim, Verdict.NOT_RUN, None, why)
    if stale:
        return Finding(claim, Verdict.NOT_RUN, None, stale)
    if why:
        return Finding(claim, Verdict.NOT_RUN, None, why)
    return _verdict(
        claim,
        [_candidates(claim, fence, one) for one in ran],
        [_others(claim, one[claim.statement].forms) for one in ran],
    )


def _by_error(claim: Claim, given: Given) -> Verdict | None:
    return compare_error(claim.claimed, *given.error) if given.error else None


def _earlier(claim: Claim, ran: Sequence[Given]) -> Verdict | None:
    """Return how a claim holds of an error of the statements that it may show together."""
    if claim.since is None or not reads_as_error(claim.claimed):
        return None
    above = (_by_error(claim, one) for one in reversed(ran[claim.since : claim.statement]))
    return next((verdict for verdict in above if verdict), None)


def _candidates(claim: Claim, fence: Fence, ran: Sequence[Given]) -> list[str]:
    """Return the texts that Python may show of what a claim is about, the likeliest first."""
    given = ran[claim.statement]
    forms = given.forms
    statement = fence.statements[claim.statement]
    texts: list[str] = []
    keys = (
        ("repr",) if "dtype=" in claim.claimed else ("repr", "str")
    )  # `str` of an array leaves the dtype out
    if claim.expression:
        texts += [forms[key] for key in keys if key in forms]
    elif given.shown:
        texts.append(normalise(given.shown))
        if given.printed and statement.shows and "repr" in forms and forms["repr"] != "None":
            texts.append(given.printed + forms["repr"])
    if claim.expression is None and statement.shows and not given.printed:
        plain = ("repr",) if claim.convention == how.SESSION else keys
        texts += [forms[key] for key in plain if key in forms]
    if claim.expression is None and given.printed:
        texts.append(given.printed)
    if claim.since is not None and claim.convention != how.TRAILING:
        since = ran[claim.since : claim.statement + 1]
        texts.append("\n".join(one.printed.rstrip("\n") for one in since if one.printed))
        texts.append("\n".join(one.shown for one in since if one.shown))
        if claim.convention in (how.PLAIN_FENCE, how.LABEL_FENCE, how.PARAGRAPH):
            texts.append("\n".join(one.shown for one in ran if one.shown))
            prints = [one.printed.rstrip("\n") for one in ran[: claim.statement] if one.printed]
            texts.append("\n".join([*prints, given.shown]))
    return list(dict.fromkeys([*texts, *_shapes(claim, forms)])) or [""]


def _shapes(claim: Claim, forms: Mapping[str, str]) -> list[str]:
    """Return the shape of a value, where a claim reads as one."""
    reads = re.fullmatch(r"(torch\.[sS]ize\()?[\[(][\d,\s]*[\])]\)?", claim.claimed.strip())
    return [forms["shape"]] if reads and "shape" in forms else []


def _others(claim: Claim, forms: Mapping[str, str]) -> list[str]:
    """Return other texts by which a value is told: its type, a list of it, a table."""
    said = "dtype=" in claim.claimed  # a list has no dtype that could be another
    texts = [forms[key] for key in ("list", "table") if key in forms and not said]
    if re.fullmatch(r"[\w.]+|dtype.*", claim.claimed.strip()):
        texts += [forms[key] for key in ("dtype",) if key in forms]
        typed = forms.get("repr", "").removeprefix("<class '").removesuffix("'>")
        texts += [typed, typed.rpartition(".")[2]] if typed != forms.get("repr", "") else []
    return texts


def _verdict(
    claim: Claim, candidates: Sequence[Sequence[str]], others: Sequence[Sequence[str]]
) -> Finding:
    """Compare a claim with what each run gave."""
    pairs = zip(candidates, others, strict=True)
    verdicts = [_best(claim.claimed, texts, more) for texts, more in pairs]
    actual = candidates[0][0]
    if all(verdict is not None for verdict in verdicts):
        return _finding(claim, max(verdicts, key=_ORDER.index), actual)
    firsts = [texts[0] for texts in candidates]
    if "cuda" in claim.claimed and not any("cuda" in text for text in firsts):
        return Finding(claim, Verdict.NOT_RUN, actual, "it needs a GPU")
    if len(set(firsts)) > 1:
        if not any(verdicts) and never(claim.claimed, firsts):
            why = "differs from run to run, and chance could not give this"
            return Finding(claim, Verdict.FALSE, actual, why)
        return Finding(claim, Verdict.RANDOM, actual, "differs from run to run")
    return Finding(claim, Verdict.FALSE, actual, "" if actual.strip() else "nothing is shown")


def _best(claimed: str, texts: Sequence[str], others: Sequence[str]) -> Verdict | None:
    """Return how a claim holds of one of the texts; of the others it holds in style at best."""
    found = [verdict for text in texts if (verdict := compare(claimed, text)) is not None]
    if not found and any(compare(claimed, text) for text in others):
        return Verdict.STYLE
    return min(found, key=_ORDER.index, default=None)


def _finding(claim: Claim, verdict: Verdict, actual: str) -> Finding:
    return Finding(claim, verdict, actual, _WHYS.get(verdict, ""))


def _judge_inner(
    claim: Claim,
    given: Sequence[Given],
    within: Sequence[Sequence[Mapping[str, str]]],
    stale: str,
    defined: Mapping[str, str],
) -> Finding:
    """Judge a claim about a line within a statement; `within` is what the line gave, by run."""
    if reads_as_error(claim.claimed) and all(_by_error(claim, one) for one in given):
        return _finding(claim, Verdict.TRUE, _error(given[0]))
    if stale or not all(within):
        why = stale or _out(given[0], defined) or "its line was never reached"
        return Finding(claim, Verdict.NOT_RUN, None, why)
    found = [_over_times(claim, times) for times in within]
    verdicts = [verdict for verdict, _ in found]
    actual = found[0][1]
    if all(verdict is not None for verdict in verdicts):
        return _finding(claim, max(verdicts, key=_ORDER.index), actual)
    if len({text for _, text in found}) > 1:
        return Finding(claim, Verdict.RANDOM, actual, "differs from run to run")
    return Finding(claim, Verdict.FALSE, actual)


def _over_times(claim: Claim, times: Sequence[Mapping[str, str]]) -> tuple[Verdict | None, str]:
    """Return how a claim holds of a line that ran several times, each time or all together."""
    texts = [
        [forms[key] for key in ("stdout", "repr", "str") if key in forms] + _shapes(claim, forms)
        for forms in times
    ]
    others = [_others(claim, forms) for forms in times]
    each = [_best(claim.claimed, *pair) for pair in zip(texts, others, strict=True)]
    joined = "\n".join(all_texts[0].rstrip("\n") for all_texts in texts if all_texts)
    held = [verdict for verdict in each if verdict is not None]
    best = min(held, key=_ORDER.index) if held else _best(claim.claimed, [joined], ())
    return best, joined


def ran(fence: Fence, logs: Sequence[Log], index: int) -> tuple[Ran, ...]:
    """Return what the statements of a fence gave in the first run, and whether others differ."""
    found = []
    for number in range(len(fence.statements)):
        given = [log.given[index][number] for log in logs]
        one = given[0]
        failure = _failure(one)
        differs = len({normalise(g.shown) for g in given}) > 1
        found.append(Ran(tuple(one.outputs), failure, differs, one.ending != NEVER))
    return tuple(found)
