"""What a kernel sends, as outputs: in the order in which it appears, the same at every run."""

import time

import pytest
from nbformat.v4 import new_output
from nbformat.validator import validate

from bookproof.running.outputs import settle


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def shown(n):
    return new_output("display_data", {"text/plain": str(n)})


def told(outputs):
    return [o.get("text") or o.get("evalue") or o.data["text/plain"] for o in outputs]


def test_streams_are_joined_only_between_displays():
    outputs = [stream("a"), stream("b\n"), shown(1), stream("c\n"), shown(2), stream("d\n")]
    assert told(settle(outputs)) == ["ab\n", "1", "c\n", "2", "d\n"]
    assert told(outputs) == ["a", "b\n", "1", "c\n", "2", "d\n"]  # as they were


def test_a_long_line_takes_no_longer_than_many_short_ones():
    lines = ["word" * 100_000, "word\n" * 100_000]
    started = time.process_time()
    assert told(settle([stream(text) for text in lines])) == ["".join(lines)]
    assert time.process_time() - started < 5  # from each character on anew: a minute


def test_what_the_clock_cut_comes_together():
    pieces = [stream("w1\n", "stderr"), stream("a\n"), stream("w2\n", "stderr"), stream("b\n")]
    assert told(settle(pieces)) == ["a\nb\n", "w1\nw2\n"]


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["1 %\r", "50 %", "\r100 %\n"], "100 %\n"),
        (["a\r\nb"], "a\r\nb"),
        (["ab\b", "c"], "ac"),
        (["abc\b\b\bx\n\by"], "x\ny"),
        (["卷积\b核"], "卷核"),
    ],
)
def test_of_what_was_overwritten_the_last_state_stays(pieces, text):
    assert told(settle(map(stream, pieces))) == [text]


CELLS = {
    "order": """
from IPython.display import clear_output, display
for n in (1, 2):
    print("step", n)
    display({"n": n})
print("done")""",
    "progress": "for n in range(3):\n    print(n, end='\\r', flush=True)\nprint('end')",
    "updated": "print('before')\nhandle = display(1, display_id=True)\nprint('after')",
    "updating": "print('x'); display(3); handle.update(2)",
    "cleared": "print('old'); display(1); clear_output(); print('new')",
    "cleared late": "print('old'); display(1); clear_output(wait=True); print('new')",
    "two streams": "import sys\nfor n in range(3):\n    print(n); print(-n, file=sys.stderr)",
}
ERRORS = {
    "group": (
        "raise ExceptionGroup('many', [ValueError(1), ExceptionGroup('in', [KeyError('k')])])",
        ("ExceptionGroup", "many (2 sub-exceptions)"),
    ),
    "tasks": (
        "import asyncio\nasync def bad():\n    raise ValueError(1)\n"
        "async with asyncio.TaskGroup() as group:\n    group.create_task(bad())",
        ("ExceptionGroup", "unhandled errors in a TaskGroup (1 sub-exception)"),
    ),
    "while handling a group": (
        "try:\n    raise ExceptionGroup('g', [ValueError(1)])\nexcept* ValueError:\n    {}['x']",
        ("KeyError", "'x'"),
    ),
    "after a group": (
        "try:\n    raise ExceptionGroup('g', [ValueError(1)])\nexcept ExceptionGroup:\n    {}['x']",
        ("KeyError", "'x'"),
    ),
    "base group": (
        "raise BaseExceptionGroup('b', [KeyboardInterrupt()])",
        ("BaseExceptionGroup", "b (1 sub-exception)"),
    ),
    "exit": ("import sys\nsys.exit(3)", ("SystemExit", "3")),
    "interrupt": ("raise KeyboardInterrupt", ("KeyboardInterrupt", "")),
    "syntax": ("exec('a b')", ("SyntaxError", "invalid syntax (<string>, line 1)")),
    "indentation": ("exec(' a')", ("IndentationError", "unexpected indent (<string>, line 1)")),
    "cause": (
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise ValueError('v') from error",
        ("ValueError", "v"),
    ),
    "async": ("import asyncio\nawait asyncio.wait_for(asyncio.sleep(9), 0)", ("TimeoutError", "")),
    "in repr": (
        "class R:\n    def __repr__(self): raise ValueError('r')\nR()",
        ("ValueError", "r"),
    ),
    "in display": (
        "class H:\n    def _repr_html_(self): raise ValueError('h')\n"
        "    def __repr__(self): return 'H'\ndisplay(H())",
        ("ValueError", "h"),
    ),
    "own traceback": (
        "class T(Exception):\n    def _render_traceback_(self): raise RuntimeError\nraise T('t')",
        ("T", "t"),
    ),
    "no text": (
        "class E(Exception):\n    def __str__(self): raise RuntimeError('no')\nraise E",
        ("RuntimeError", "no"),
    ),
    "magic": ("%nosuch", ("UsageError", "Line magic function `%nosuch` not found.")),
    "program": (
        "%%script false\n1",
        ("CalledProcessError", "Command 'b'1\\n'' returned non-zero exit status 1."),
    ),
}


@pytest.fixture(scope="module")
def outputs(make_book):
    """Return what each cell gave, by its name; all in one kernel."""
    book = make_book()
    codes = CELLS | {name: code for name, (code, _) in ERRORS.items()}
    cells = (
        f"```{{code-cell}}\n:tags: [raises-exception]\n\n{code}\n```\n" for code in codes.values()
    )
    book.chapter("a.md", "\n".join(cells))
    [checked] = book.check(timeout=60).chapters
    assert checked.run.failure is None
    return dict(zip(codes, checked.run.outputs, strict=True))


@pytest.mark.parametrize(
    ("cell", "texts"),
    [
        ("order", ["step 1\n", "{'n': 1}", "step 2\n", "{'n': 2}", "done\n"]),
        ("progress", ["end\n"]),
        ("updated", ["before\n", "2", "after\n"]),
        ("updating", ["x\n", "3"]),
        ("cleared", ["new\n"]),
        ("cleared late", ["new\n"]),
        ("two streams", ["0\n1\n2\n", "0\n-1\n-2\n"]),
    ],
)
def test_outputs_stand_in_the_order_in_which_they_appear(outputs, cell, texts):
    assert told(outputs[cell]) == texts


@pytest.mark.parametrize("cell", ERRORS)
def test_every_way_to_raise_is_an_error_and_nothing_strays(outputs, cell):
    errors = {(o.ename, o.evalue) for o in outputs[cell] if o.output_type == "error"}
    assert errors == {ERRORS[cell][1]}
    assert not [o.text for o in outputs[cell] if o.output_type == "stream"]
    for output in outputs[cell]:
        validate(output, "output", 4, 5)


def test_a_group_shows_what_is_in_it(outputs):
    [error] = outputs["group"]
    lines = "\n".join(error.traceback).split("\n")
    assert lines[-3:] == [
        "  ValueError: 1",
        "  ExceptionGroup: in (1 sub-exception)",
        "    KeyError: 'k'",
    ]
