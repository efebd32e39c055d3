"""Change the book a little, again and again, and count how often bookproof notices.

    python tests/mutation.py expectations [--seed N]
    python tests/mutation.py prose [--seed N]
    python tests/mutation.py code [--seed N] [--sample N]

`expectations` changes the bodies of the {expect} blocks (a digit, a letter, a mark, a sign, a
blank, a line dropped, added, or swapped with another) and compares them with the kept runs. All
must be caught. It also changes nothing but the layout, of the blocks and of the outputs: nothing
of that may be caught. A change is no mutant where it says the same to a reader:

* `number` and `figure`: the words stay and every number keeps its value (-0.00 is 0.00), because
  these modes promise to compare values;
* `figure`: a float moves by at most 0.1 % of itself, the tolerance that the mode promises. A
  change of an integer always is a mutant;
* `rtol=` and `atol=`: a number moves by no more than the author allowed;
* `norm=`: the normaliser that the author asked for takes the change out;
* `contains`: dropping a line, or adding one that the block has already, claims less or something
  else that is true, not something false. Added lines are new words there;
* `lines`: the same for dropping or swapping a `...`, or dropping a line beside one.

The only line of a block is never dropped: a block without a body is malformed.

`prose` changes each digit of each value in the text, one at a time, and compares it with the kept
runs. All must be caught.

`code` changes the code of the chapters and of dlnotes (numbers by one, operators, the first two
arguments, conditions) in copies of the book, runs the chapters that depend on it, and counts how
many turn the book red; a cell that never ends counts as red. Of dlnotes only statements that a
chapter executes are changed, found by tracing one run. Asserts are left alone: they are
expectations. Looks (font and marker sizes, line widths and the like) and seeds are changed too, but
marked, and the score is given with and without them: they may change without a false claim. No
other mutant is excused, not even where the change cannot be told apart, such as `x[-1]` for the
`x[0]` of one element.
"""

import argparse
import ast
import dataclasses
import json
import os
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bookproof import Book, check
from bookproof.judging.compare import compare
from bookproof.judging.filters import resolve
from bookproof.judging.match import ANY
from bookproof.reading.block import Block, Expectation, parse
from bookproof.reading.chapter import Cell, Chapter
from bookproof.reading.scan import scan
from bookproof.running.inside import describe
from bookproof.running.result import Run

ROOT = Path(__file__).parents[1]
LEAST = 0.9
"""The share of code mutants that must turn the book red."""

_EACH = 3  # mutants of each kind for each block
# From where to where the data of a figure go stands with two full stops between.
_NUMBER = re.compile(r"(?<!\w)(?<![^.]\.)-?\d+(?:\.\d*)?(?:e[+-]?\d+)?(?!\w)(?!\.(?!\.))")
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ的一是在有和大中"
_MARKS = ".,:;+-*/=()[]<>，：→×"
_WORKERS = 2
_OWN_CODE = os.pathsep.join(["../code", "../../code"])  # seen from a chapter's folder
_TIMEOUT = 30  # seconds a cell of a mutated chapter may take


@dataclass
class Outcome:
    """How many mutants there were, and what went wrong: a line for each."""

    count: Counter = dataclasses.field(default_factory=Counter)
    same: int = 0
    survivors: list[str] = dataclasses.field(default_factory=list)
    layouts: int = 0
    false_alarms: list[str] = dataclasses.field(default_factory=list)


# --- expectations ---


def expectations(seed: int = 0) -> Outcome:
    """Mutate every {expect} of the book and compare it with the kept run."""
    report = check(Book.load(ROOT))
    if not report.green:
        sys.exit(f"the book must be green before it is mutated\n{report.failures()}")
    outcome = Outcome()
    for checked in report.chapters:
        for cell in checked.chapter.cells:
            outputs = checked.run.outputs[cell.index]
            for block in (b for b in cell.blocks if b.directive == "expect"):
                place = f"{checked.chapter.name}:{block.line}"
                rng = random.Random(f"{seed} {place} {block.body}")
                expectation = parse(block.argument)
                for kind, body in _mutants(block.body, expectation, rng):
                    if _same(block.body, body, expectation):
                        outcome.same += 1
                        continue
                    outcome.count[kind] += 1
                    if not _caught(checked.chapter, cell, block, body, outputs):
                        outcome.survivors.append(f"{place}: {kind}: {_changed(block.body, body)}")
                for kind, body, shown in _layouts(block.body, outputs, expectation):
                    outcome.layouts += 1
                    if _caught(checked.chapter, cell, block, body, shown):
                        outcome.false_alarms.append(f"{place}: {kind}")
    return outcome


def prose(seed: int = 0) -> Outcome:
    """Mutate every digit of the values in the book's text and compare them with the kept runs."""
    report = check(Book.load(ROOT))
    if not report.green:
        sys.exit(f"the book must be green before it is mutated\n{report.failures()}")
    outcome = Outcome()
    for checked in report.chapters:
        for value in (v for v in checked.chapter.values if v.directive == "expect"):
            outcome.count["value"] += 1
            place = f"{checked.chapter.name}:{value.line}"
            rng = random.Random(f"{seed} {place} {value.text}")
            for digit in re.finditer(r"\d", value.text):
                other = rng.choice("0123456789".replace(digit.group(), ""))
                text = value.text[: digit.start()] + other + value.text[digit.end() :]
                outcome.count["digit"] += 1
                changed = dataclasses.replace(value, text=text)
                values = tuple(changed if v is value else v for v in checked.chapter.values)
                chapter = dataclasses.replace(checked.chapter, values=values)
                if not any(v.kind.failed for v in compare(chapter, checked.run)):
                    outcome.survivors.append(f"{place}: {value.text} -> {text}")
    return outcome


def _caught(chapter: Chapter, cell: Cell, block: Block, body: str, outputs: list) -> bool:
    """Tell whether comparing the cell fails once the block has another body."""
    changed = dataclasses.replace(block, body=body)
    blocks = tuple(changed if b is block else b for b in cell.blocks)
    alone = dataclasses.replace(cell, index=0, blocks=blocks)
    chapter = dataclasses.replace(chapter, cells=(alone,), blocks=blocks, values=())
    return any(verdict.kind.failed for verdict in compare(chapter, Run((outputs,))))


def _mutants(body: str, expectation: Expectation, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Yield mutants of a body with their kinds, a few of each kind."""
    letters = r"[^\W\d_]"
    for kind, pattern, others in (
        ("digit", r"\d", "0123456789"),
        ("letter", letters, _LETTERS),
        ("mark", r"[^\w\s]|_", _MARKS),
    ):
        for found in _some(re.finditer(pattern, body), rng):
            other = rng.choice(others.replace(found.group(), ""))
            yield kind, body[: found.start()] + other + body[found.end() :]
    for found in _some(re.finditer(r"(?<![\w.-])-?(?=\d)", body), rng):
        sign = "" if found.group() else "-"
        yield "sign", body[: found.start()] + sign + body[found.end() :]
    beside = r"(?<=\S)(?<!\[\.\.\])[ \t]+(?=\S)(?!\[\.\.\])"  # [..] holds a blank as well
    for found in _some(re.finditer(beside, body), rng):
        yield "blank", body[: found.start()] + body[found.end() :]

    lines = body.strip("\n").split("\n")
    wild = {i for i, line in enumerate(lines) if line.strip() == ANY and _is_wild(expectation)}
    if expectation.shape != "contains" and len(lines) > 1:
        droppable = (i for i in range(len(lines)) if wild.isdisjoint({i - 1, i, i + 1}))
        for i in _some(droppable, rng):
            yield "dropped line", "\n".join(lines[:i] + lines[i + 1 :])
    for i in _some(range(len(lines) + 1), rng):
        line = rng.choice(["one line more", "", *lines])
        at_wild = not wild.isdisjoint({i - 1, i})
        if expectation.shape == "contains" or at_wild or not 0 < i < len(lines):
            line = "one line more"
        yield "added line", "\n".join([*lines[:i], line, *lines[i:]])
    pairs = ((i, j) for j in range(len(lines)) for i in range(j) if lines[i] != lines[j])
    for i, j in _some((pair for pair in pairs if wild.isdisjoint(pair)), rng):
        swapped = list(lines)
        swapped[i], swapped[j] = lines[j], lines[i]
        yield "swapped lines", "\n".join(swapped)


def _is_wild(expectation: Expectation) -> bool:
    return expectation.shape == "lines"


def _some(choices, rng: random.Random) -> list:
    choices = list(choices)
    return rng.sample(choices, min(_EACH, len(choices)))


def _same(old: str, new: str, expectation: Expectation) -> bool:
    """Tell whether two bodies say the same to a reader: see the top of this file."""
    befores, afters = old.strip("\n").split("\n"), new.strip("\n").split("\n")
    return len(befores) == len(afters) and all(
        _same_line(before, after, expectation)
        for before, after in zip(befores, afters, strict=True)
    )


def _same_line(old: str, new: str, expectation: Expectation) -> bool:
    for even_out in resolve(expectation.filters, {}):
        old, new = even_out(old), even_out(new)
    if old == new:
        return True
    figure = expectation.part == "figure"
    relative = max(0.001 * figure, float(expectation.rtol or 0))
    absolute = float(expectation.atol or 0)
    loose = expectation.number or figure or relative or absolute
    old, new = (re.sub(r"(?<=\d)E(?=[+-]?\d)", "e", line) for line in (old, new))
    if not loose or _NUMBER.sub("#", old) != _NUMBER.sub("#", new):
        return False
    pairs = zip(_NUMBER.findall(old), _NUMBER.findall(new), strict=True)
    return all(
        a == b
        or (
            not (a + b).isdigit()
            and abs(float(a) - float(b)) <= max(absolute, relative * abs(float(a))) * (1 + 1e-9)
        )
        for a, b in pairs
    )


def _changed(old: str, new: str) -> str:
    """Return the part of two bodies that differs."""
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    return f"{old[start : len(old) - end]!r} became {new[start : len(new) - end]!r}"


def _alike(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _layouts(body: str, outputs: list, expectation: Expectation) -> Iterator[tuple[str, str, list]]:
    """Yield body and outputs, one of them in another layout that means the same."""

    def each_line(change: Callable[[str], str]) -> Callable[[str], str]:
        return lambda text: "\n".join(map(change, text.split("\n")))

    layouts = {
        "trailing blanks": each_line(lambda line: line + " \t "),
        "outer blank lines": lambda text: f"\n  \n{text}\n\n",
        "CRLF": lambda text: text.replace("\n", "\r\n"),
    }
    for name, change in layouts.items():
        yield f"{name} in the block", change(body), outputs
        yield f"{name} in the output", body, _with_texts(outputs, change)
    if expectation.number or expectation.part == "figure":
        yield "wider blanks", re.sub(r"(?<=\S) +(?=\S)", "   ", body), outputs
    coloured = each_line(lambda line: f"\x1b[1;31m{line}\x1b[0m")
    yield "ANSI in the output", body, _with_texts(outputs, coloured)
    overwritten = each_line(lambda line: f"0 %\r{line}" if line else line)
    yield "overwritten output", body, _with_texts(outputs, overwritten)


def _with_texts(outputs: list, change: Callable[[str], str]) -> list:
    """Return the outputs with every text changed that an expectation can speak of."""
    changed = json.loads(json.dumps(outputs))
    for output in changed:
        data = output.get("data", {})
        if "text" in output:
            output["text"] = change(output["text"])
        elif described := data.get(describe.MIME):
            described["description"] = change(described["description"])
        elif "text/plain" in data:
            data["text/plain"] = change(data["text/plain"])
    return [type(old)(new) for old, new in zip(outputs, changed, strict=True)]


# --- code ---


@dataclass(frozen=True)
class Mutant:
    """A file of the book with one change."""

    name: str
    line: int
    change: str
    text: str

    def __str__(self) -> str:
        return f"{self.name}:{self.line}: {self.change}"


def code(seed: int = 0, sample: int = 150) -> tuple[list[Mutant], list[Mutant]]:
    """Mutate chapters and dlnotes; return all mutants tried and those that survived."""
    os.environ["PYTHONPATH"] = _OWN_CODE
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        copies = [_copy(Path(folder, str(number))) for number in range(_WORKERS)]
        executed = _executed(copies[0])
        names = _sources(copies[0])
        pool = [m for name in names for m in _code_mutants(copies[0], name, executed)]
        step = max(len(pool) / sample, 1)
        start = random.Random(seed).random() * step
        tried = [pool[int(start + i * step)] for i in range(min(sample, len(pool)))]
        print(f"{len(pool)} possible mutants, {len(tried)} tried", flush=True)
        free = queue.SimpleQueue()
        for copy in copies:
            free.put(copy)

        def survives(mutant: Mutant) -> bool:
            copy = free.get()
            try:
                return _is_green(copy, mutant)
            finally:
                free.put(copy)

        survivors = []
        with ThreadPoolExecutor(_WORKERS) as workers:
            results = workers.map(survives, tried)
            for number, (mutant, alive) in enumerate(zip(tried, results, strict=True), start=1):
                survivors += [mutant] * alive
                mark = "SURVIVED" if alive else "caught"
                print(f"[{number}/{len(tried)}] {mark} {mutant}", flush=True)
        return tried, survivors


def _copy(target: Path) -> Path:
    """Copy the book and run it there; it must be green."""
    ignored = shutil.ignore_patterns(".*", "_build", "__pycache__", "*.egg-info", "tests")
    shutil.copytree(ROOT, target, ignore=ignored)
    config = target / "_config.yml"
    text = config.read_text("utf-8")
    config.write_text(re.sub(r"(?m)^  timeout: \d+", f"  timeout: {_TIMEOUT}", text), "utf-8")
    if not _run(target) or len(_kept(target)) < len(Book.load(target).chapters):
        sys.exit("the book must be green before it is mutated")
    (target / "_build" / ".bookproof").rename(target / "_build" / "kept")
    _reset(target)
    return target


def _reset(copy: Path) -> None:
    """Put the kept runs back as they were."""
    runs = copy / "_build" / ".bookproof"
    shutil.rmtree(runs, ignore_errors=True)
    shutil.copytree(copy / "_build" / "kept", runs)


def _run(copy: Path, *chapters: str, **environment: str) -> bool:
    """Check chapters of a copy with the copy's own dlnotes; tell whether they are green."""
    done = subprocess.run(
        [sys.executable, "-m", "bookproof", "check", "--root", copy]
        + [copy / name for name in chapters],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1) or "outputs verified" not in done.stdout:
        raise RuntimeError(f"bookproof itself failed: {done.stdout}{done.stderr}")
    return done.returncode == 0


_TRACER = """\
import os, sys
here, seen = os.environ["MUTATION_CODE"] + os.sep, set()
out = open(os.environ["MUTATION_LINES"], "a", buffering=1)
def trace(frame, event, argument):
    name = frame.f_code.co_filename
    if not name.startswith(here):
        return None
    place = f"{name[len(here):]}:{frame.f_lineno}"
    if event == "line" and place not in seen:
        seen.add(place)
        out.write(place + "\\n")
    return trace
sys.settrace(trace)
"""


def _executed(copy: Path) -> set[str]:
    """Return the lines of the copy's own dlnotes that the book executes, as `file:line`."""
    shutil.rmtree(copy / "_build" / ".bookproof")
    tracer = copy / "tracer"
    tracer.mkdir()
    (tracer / "sitecustomize.py").write_text(_TRACER, "utf-8")
    lines = tracer / "lines"
    dlnotes = str(copy / "code" / "dlnotes")
    path = os.pathsep.join([str(tracer), _OWN_CODE])
    if not _run(copy, PYTHONPATH=path, MUTATION_CODE=dlnotes, MUTATION_LINES=str(lines)):
        sys.exit("the book must be green before it is mutated")
    _reset(copy)
    return set(lines.read_text("utf-8").split())


def _sources(book: Path) -> list[str]:
    modules = sorted((book / "code" / "dlnotes").glob("*.py"))
    return [*Book.load(book).chapters, *(path.relative_to(book).as_posix() for path in modules)]


def _code_mutants(book: Path, name: str, executed: set[str]) -> Iterator[Mutant]:
    """Yield every mutant of a chapter or module."""
    path = book / name
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        for statement, line, change, source in _changes(text):
            if not executed.isdisjoint({f"{path.name}:{n}" for n in (statement, line)}):
                yield Mutant(name, line, change, source)
        return
    lines = text.split("\n")
    for cell in scan(book, name).cells:
        first = cell.source_line - 1
        size = len(cell.source.split("\n"))
        for _, line, change, source in _changes(cell.source):
            whole = [*lines[:first], source.rstrip("\n"), *lines[first + size :]]
            yield Mutant(name, first + line, change, "\n".join(whole))


def _changes(source: str) -> Iterator[tuple[int, int, str, str]]:
    """Yield each change of a source: line of its statement, its own line, what, new source."""
    tree = ast.parse(source)
    if ast.dump(ast.parse(ast.unparse(tree))) != ast.dump(tree):
        raise RuntimeError(f"cannot be written anew: {source}")
    statements, skipped = {}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            statements |= {id(inner): node.lineno for inner in ast.walk(node)}
        notes = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        for note in [node] if isinstance(node, ast.Assert) else filter(None, notes):
            skipped |= {id(inner) for inner in ast.walk(note)}
    free = {id(inner) for node in ast.walk(tree) if _is_free(node) for inner in ast.walk(node)}
    for index, node in enumerate(ast.walk(tree)):
        if id(node) in skipped:
            continue
        for number in range(len(_edits(node))):
            changed = ast.parse(source)
            target = list(ast.walk(changed))[index]
            before = ast.unparse(target)
            _edits(target)[number]()
            place = node if hasattr(node, "lineno") else node.target  # of a comprehension
            what = _short(f"{before} -> {ast.unparse(target)}".replace("\n", " "))
            what += _FREE * (isinstance(node, ast.Constant) and id(node) in free)
            yield statements[id(node)], place.lineno, what, ast.unparse(changed) + "\n"


_FREE = " (looks or seed)"
_LOOKS = {"alpha", "figsize", "fontsize", "linestyle", "linewidth", "markersize", "mutation_scale"}
_LOOKS |= {"width_ratios", "zorder"}


def _is_free(node: ast.AST) -> bool:
    """Tell whether a node only makes looks, or a seed."""
    if isinstance(node, ast.keyword):
        return node.arg in _LOOKS
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) == "_STYLE"
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("manual_seed")


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"


_OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


def _edits(node: ast.AST) -> list[Callable[[], None]]:
    """Return the changes that can be made to a node in place."""

    def put(attribute: str, value: object) -> Callable[[], None]:
        return lambda: setattr(node, attribute, value)

    def negate(test: ast.expr) -> ast.expr:
        return ast.UnaryOp(ast.Not(), test)

    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return [put("value", node.value + 1), put("value", node.value - 1)]
    if isinstance(node, (ast.BinOp, ast.AugAssign)):
        other = _OPERATORS.get(type(node.op))
        return [put("op", other())] if other else []
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return [put("op", ast.UAdd())]
    if isinstance(node, ast.Compare):
        return [
            put("ops", [*node.ops[:i], _OPERATORS[type(op)](), *node.ops[i + 1 :]])
            for i, op in enumerate(node.ops)
        ]
    if isinstance(node, ast.Call) and len(node.args) > 1:
        first, second, *rest = node.args
        starred = isinstance(first, ast.Starred) or isinstance(second, ast.Starred)
        alike = ast.dump(first) == ast.dump(second)
        return [] if starred or alike else [put("args", [second, first, *rest])]
    if isinstance(node, (ast.If, ast.IfExp, ast.While)):
        return [put("test", negate(node.test))]
    if isinstance(node, ast.comprehension):
        return [
            put("ifs", [*node.ifs[:i], negate(test), *node.ifs[i + 1 :]])
            for i, test in enumerate(node.ifs)
        ]
    return []


def _is_green(copy: Path, mutant: Mutant) -> bool:
    """Tell whether a copy of the book is green in spite of a mutant; leave it as it was."""
    path = copy / mutant.name
    before = path.read_text("utf-8")
    seconds = {name: run.seconds for name, run in _kept(copy).items()}
    try:
        path.write_text(mutant.text, "utf-8")
        due = seconds.keys() - _kept(copy).keys()
        if not due:
            raise RuntimeError(f"no chapter depends on {mutant}")
        for chapter in sorted(due, key=seconds.get):
            if not _run(copy, chapter):
                return False
            if path.suffix == ".py" and mutant.name not in _kept(copy)[chapter].opened:
                raise RuntimeError(f"{chapter} did not use the mutated {mutant.name}")
        return True
    finally:
        path.write_text(before, "utf-8")
        _reset(copy)


def _kept(copy: Path) -> dict[str, Run]:
    """Return the valid kept runs of a copy by chapter."""
    book = Book.load(copy)
    runs = {name: book.store.load(scan(copy, name)).run for name in book.chapters}
    return {name: run for name, run in runs.items() if run is not None}


def _score(tried: list[Mutant], survivors: list[Mutant]) -> str:
    return (
        f"{len(tried) - len(survivors)}/{len(tried)} caught, {1 - len(survivors) / len(tried):.1%}"
    )


def main() -> int:
    """Run the mode that the command line asks for; fail where mutants survive."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("mode", choices=["expectations", "prose", "code"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sample", type=int, default=150, help="how many code mutants to try")
    options = parser.parse_args()
    if options.mode == "expectations":
        outcome = expectations(options.seed)
        total = outcome.count.total()
        print(*outcome.survivors, *outcome.false_alarms, sep="\n")
        print(", ".join(f"{number} {kind}" for kind, number in outcome.count.items()))
        print(f"{outcome.same} changes that say the same were left out")
        print(f"{outcome.layouts} layouts, {len(outcome.false_alarms)} caught wrongly")
        print(f"{total} mutants, {len(outcome.survivors)} survived")
        return 1 if outcome.survivors or outcome.false_alarms else 0
    if options.mode == "prose":
        outcome = prose(options.seed)
        print(*outcome.survivors, sep="\n")
        print(f"{outcome.count['value']} values in the text")
        print(f"{outcome.count['digit']} mutants, {len(outcome.survivors)} survived")
        return 1 if outcome.survivors else 0
    tried, survivors = code(options.seed, options.sample)
    print(*survivors, sep="\n")
    alive = Counter(mutant.name for mutant in survivors)
    for name, number in Counter(mutant.name for mutant in tried).items():
        print(f"{name}: {number - alive[name]}/{number} caught")
    print(f"{len(tried)} mutants, {len(survivors)} survived: {_score(tried, survivors)}")
    tried, survivors = ([m for m in ms if _FREE not in m.change] for ms in (tried, survivors))
    print(f"without looks and seeds: {_score(tried, survivors)}")
    score = 1 - len(survivors) / len(tried)
    return 0 if score >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
