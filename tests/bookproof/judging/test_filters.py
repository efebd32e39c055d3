"""What each filter evens out, and that it evens out nothing else."""

import re
import time
import uuid
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.magics.execution import _format_time

from bookproof.judging.filters import FILTERS, Own, apply, check_own, resolve

LINES = Path(__file__).with_name("durations.txt").read_text("utf-8").splitlines()
LABELLED = [line for line in LINES if line and not line.startswith("#")]


def plain(line):
    return re.sub("[⟦⟧]", "", line)


def evened(line, gone="…"):
    return re.sub("⟦.*?⟧", gone, line)


def test_time_takes_the_durations_of_all_labelled_lines_and_nothing_else():
    assert len(LABELLED) == 213
    without = sum("⟦" not in line for line in LABELLED)
    assert 60 < without < 150
    got = {line: FILTERS["time"](plain(line)) for line in LABELLED}
    assert got == {line: re.sub("^ +(?=…)| +(?= …)", "", evened(line)) for line in LABELLED}


@settings(deadline=None)  # a busy machine may take its time
@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_time_takes_whatever_ipython_prints(one, other):
    lines = [f"Wall time: {_format_time(seconds)}" for seconds in (one, other)]
    assert {FILTERS["time"](line) for line in lines} == {"Wall time: …"}


@settings(deadline=None)
@given(st.timedeltas(timedelta(0), timedelta(hours=9)))
def test_time_takes_a_timedelta(duration):
    assert FILTERS["time"](f"elapsed {duration}") == "elapsed …"
    assert FILTERS["time"](f"elapsed {duration!r}") == "elapsed …"


def test_lines_that_a_timing_prints_now_and_then_are_left_out():
    slowest = (
        "The slowest run took 7.03 times longer than the fastest. "
        "This could mean that an intermediate result is being cached."
    )
    lines = ["a", slowest, "Compiler time: 0.12 s", "b"]
    assert apply(resolve(["time"], {}), lines) == [(1, "a"), (4, "b")]
    assert len(apply(resolve(["blanks"], {}), lines)) == 4


@pytest.mark.parametrize(
    ("name", "lines"),
    {
        "addr": [
            "<f at ⟦0x7f00aa⟧>",
            "<__main__.A object at ⟦0x000001F2AB34CD56⟧>",
            "at ⟦0x10⟧",
            "地址⟦0x7ffd12345678⟧",
            "0x10 + 0x11",
            "a0x7f00aa00",
            "0x7f00aa00bb00cc00dd",
        ],
        "id": [
            "⟦140234567890123⟧",
            "id: ⟦4345678912⟧, ⟦9788960⟧",
            "编号⟦140234567890123⟧。",
            "123456",
            "0.140234567890",
            "1402345678.5",
            "x140234567890",
            "1,402,345,678",
            "-140234567890",
        ],
        "pid": [
            "pid ⟦4711⟧",
            "PID: ⟦4711⟧",
            "pid=⟦12⟧",
            "{'pid': ⟦12⟧}",
            "<Process name='Process-1' pid=⟦12⟧ parent=⟦11⟧ started>",
            "process ⟦4711⟧ ended",
            "进程号：⟦4711⟧",
            "进程 ⟦4711⟧",
            "/proc/⟦4711⟧/stat",
            "/x/ipykernel_⟦4711⟧",
            "<Thread(Thread-1 (f), started ⟦140123456⟧)>",
            "process id ⟦7⟧",
            "线程 ⟦140123456⟧。",
            "rapid 3",
            "process 3 files",
            "process 400 files",
            "started 400 workers",
            "thread 3",
            "启动进程 3 个",
            "step 4711",
            "processed 10 rows",
            "started at 3",
            "process 1.5",
        ],
        "uuid": [
            "run ⟦123e4567-e89b-12d3-a456-426614174000⟧",
            "123e4567-e89b-12d3-a456",
        ],
        "date": [
            "⟦2026-11-27⟧",
            "on ⟦2026-11-27 12:30:45⟧",
            "⟦2026-11-27T12:30:45.123Z⟧",
            "⟦2026-11-27 12:30:45,123⟧ INFO start",
            "⟦2026-11-27T12:30:45+08:00⟧.",
            "(⟦2026/11/27 12:30⟧)",
            "⟦27.11.2026⟧",
            "⟦11/27/2026⟧",
            "⟦Fri, 27 Nov 2026 12:30:45 +0000⟧",
            "⟦Fri Nov 27 12:30:45 2026⟧",
            "⟦Fri Nov  7 12:30:45 UTC 2026⟧",
            "⟦November 27, 2026⟧",
            "⟦27 November 2026⟧",
            "⟦Friday, November 27, 2026⟧",
            "⟦12:30:45⟧",
            "at ⟦12:30⟧",
            "at ⟦9:30 AM⟧",
            "保存于⟦2026年11月27日⟧",
            "保存于 ⟦2026年11月27日 星期五 12:30:45⟧",
            "⟦11月27日⟧",
            "⟦下午3点20分⟧",
            "⟦12时30分45秒⟧",
            "⟦datetime.datetime(2026, 11, 27, 12, 30)⟧",
            "2026",
            "version 2026.11",
            "score 3:2",
            "x[1:10]",
            "3-4",
            "1/2/3",
            "10.0.0.1",
            "12 月租",
            "May 3 apples",
            "第3点",
            "a:12:30:b",
            "order 2026-11-277",
        ],
        "blanks": ["a b"],
    }.items(),
)
def test_filters_take_what_is_labelled_and_nothing_else(name, lines):
    gone = "0x…" if name == "addr" else "…"
    got = {line: FILTERS[name](plain(line)) for line in lines}
    assert got == {line: evened(line, gone) for line in lines}


PATHS = {
    "/home/x/book/a.csv": "…/a.csv",
    "saved to /home/x/book/a.csv.": "saved to …/a.csv.",
    "写到/tmp/x/图.png，完成": "写到…/图.png，完成",
    "PosixPath('/Users/Jane Doe/My Book')": "PosixPath('…/My Book')",
    r"C:\Users\x\a.csv": "…/a.csv",
    r"WindowsPath('C:/Users/x/a.csv')": "WindowsPath('…/a.csv')",
    r"'C:\\Users\\Jane Doe\\a.csv'": "'…/a.csv'",
    r"\\server\share\a.csv": "…/a.csv",
    "~/a.csv": "…/a.csv",
    "file:///srv/a.csv": "…/a.csv",
    "/tmp/tmpab12cd_9": "…/tmp…",
    "/tmp/tmpab12cd_9/a.csv": "…/a.csv",
    "/work/x/": "…/x",
    'File "/srv/book/a.py", line 3': 'File "…/a.py", line 3',
    "/srv/book/a.py:12: note": "…/a.py:12: note",
    "a/b and c/d": "a/b and c/d",
    "and/or": "and/or",
    "1/2/3": "1/2/3",
    "./a/b": "./a/b",
    "https://example.org/a/b": "https://example.org/a/b",
    "/": "/",
    "3 / 4 / 5": "3 / 4 / 5",
    "m/s": "m/s",
    r"\alpha\beta": r"\alpha\beta",
}


def test_path_takes_paths_and_nothing_else():
    assert {line: FILTERS["path"](line) for line in PATHS} == PATHS


@settings(deadline=None)
@given(st.datetimes(datetime(1970, 1, 1), datetime(2099, 1, 1)))
def test_date_takes_what_python_prints_of_a_moment(moment):
    moment = moment.replace(tzinfo=UTC)
    forms = [moment.isoformat(), str(moment), format_datetime(moment), moment.ctime()]
    forms += [str(moment.date()), f"{moment:%d %B %Y}", f"{moment:%H:%M:%S}"]
    forms.append(f"{moment:%Y年%m月%d日 %H:%M}")
    assert {FILTERS["date"](f"at {form}, ok") for form in forms} <= {"at …, ok", "…, ok"}


def test_what_is_evened_out_once_stays():
    lines = [*map(plain, LABELLED), *PATHS]
    for name, even_out in FILTERS.items():
        once = [even_out(line) for line in lines]
        assert [even_out(line) for line in once] == once, name


def test_what_python_makes_of_objects_is_evened_out():
    assert FILTERS["addr"](repr(object())) == "<object object at 0x…>"
    assert FILTERS["id"](str(id([]))) == "…"
    assert FILTERS["uuid"](f"{uuid.uuid4()}") == "…"


@pytest.mark.parametrize("name", FILTERS)
def test_filters_are_fast(name):
    lines = [f"epoch {i}: loss 0.{i} took {i} ms at /home/x/{i}.csv pid {i}" for i in range(5000)]
    filters = resolve([name], {})
    started = time.process_time()
    apply(filters, lines)
    long = "1234 " * 2000 + "/a b" * 2000 + "12:3" * 2000
    apply(filters, [long])
    assert time.process_time() - started < 3


def test_a_filter_of_the_books_own_works_before_the_others():
    own = {"run": ("run-[0-9]+ ", ""), "unused": ("a", "b")}
    filters = resolve(["blanks", "run"], own)
    assert type(filters[0]) is Own
    assert apply(filters, ["a  run-12  b"]) == [(1, "a b")]


def test_an_unknown_filter_is_named_with_those_that_there_are():
    with pytest.raises(
        ValueError, match=r"unknown filter 'tme'; known: addr, id, .*, blanks, run$"
    ):
        resolve(["time", "tme"], {"run": ("a", "b")})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["a"], "bookproof_filters is ['a'], wanted a pattern and a replacement for each name"),
        ({"run": "a"}, "bookproof_filters: run is 'a', wanted a pattern and a replacement"),
        ({"run": ["a"]}, "bookproof_filters: run is ['a'], wanted"),
        ({"run": ["a", 1]}, "bookproof_filters: run is ['a', 1], wanted"),
        ({"run": ["(", ""]}, "bookproof_filters: run: '(' with '': missing ), unterminated"),
        (
            {"run": ["a", "\\2"]},
            "bookproof_filters: run: 'a' with '\\\\2': invalid group reference",
        ),
        ({"run": ["a", "\\g<b>"]}, "bookproof_filters: run: "),
        ({"time": ["a", "b"]}, "bookproof_filters: time: there is a built-in filter of this name"),
        ({"a b": ["a", "b"]}, "bookproof_filters: a b: wanted a name of letters"),
        ({"a,b": ["a", "b"]}, "bookproof_filters: a,b: wanted a name of letters"),
        ({3: ["a", "b"]}, "bookproof_filters: 3: wanted a name of letters"),
    ],
)
def test_a_bad_filter_of_a_book_is_refused_by_name(settings, words):
    with pytest.raises(ValueError, match=f"^{re.escape(words)}"):
        check_own(settings)


def test_good_filters_of_a_book_are_read():
    assert check_own({}) == {}
    assert check_own({"运行": ["a", "b"]}) == {"运行": ("a", "b")}
