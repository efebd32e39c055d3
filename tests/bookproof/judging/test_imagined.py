"""What is known not to last is other in an imagined run, and nothing else is."""

import datetime

import nbformat
import pytest

from bookproof.judging.imagined import (
    ADDRESS,
    DATE,
    NAME,
    NETWORK,
    ORDER,
    PATH,
    PROGRAM,
    imagine,
)
from bookproof.running.inside import describe
from bookproof.running.machine import Machine
from bookproof.running.result import Run

MACHINE = Machine(
    ("/home/ann/books/trees", "/home/ann", "/opt/py"), "willow", (datetime.date(2031, 4, 5),)
)


def other(text, sources=""):
    """Return what an imagined run prints instead of a text, and what is said to be other."""
    run = Run(([nbformat.v4.new_output("stream", name="stdout", text=text)],))
    imagined, (reasons,) = imagine(run, sources, MACHINE)
    assert run.outputs[0][0].text == text
    return imagined.outputs[0][0].text, set(reasons)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<Tree object at 0x7f3a00112233>", ADDRESS),
        ("read /home/ann/books/trees/a.csv", PATH),
        ("/home/ann", PATH),
        ("('/opt/py/lib/python3.11/site-packages',)", PATH),
        ("worker willow is ready", NAME),
        ("on 2031-04-05", DATE),
        ("5 April 2031".replace("5", "05", 1), DATE),
        ("今天是2031年4月5日", DATE),
        ("2031 年 04 月 05 日", DATE),
        ("{'oak', 'elm'}", ORDER),
        ("got frozenset({'oak', 'elm', 3})", ORDER),
        ("<urlopen error [Errno -2] Name or service not known>", NETWORK),
        ("[Errno 101] Network is unreachable", NETWORK),
        ("/bin/bash: line 1: prune: command not found", PROGRAM),
        ("/bin/sh: 1: prune: not found", PROGRAM),
        ("before\r\nsh: prune: not found\r\nafter", PROGRAM),
        ("zsh: command not found: prune\n", PROGRAM),
    ],
)
def test_what_does_not_last_is_other(text, reason):
    found, reasons = other(text)
    assert found != text
    assert reasons == {reason}


@pytest.mark.parametrize(
    "text",
    [
        "0x7f3a00112233",
        "look at 0x12",
        "/home/anna/x",
        "https://x.org/home/ann",
        "willows",
        "404: page not found",
        "the shell says: command not found",
        "2031-04-06 and 12031-04-05",
        "{'elm', 'oak'}",
        "{1, 2}",
        "{3, 1}",
        "{'oak': 1, 'elm': 2}",
        "f(x) = {x, y}",
        "{}",
    ],
)
def test_the_rest_is_the_same(text):
    assert other(text) == (text, set())


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("2031", True),
        ("written in April 2031", True),
        ("Apr 2031", True),
        ("2031-04", True),
        ("2031年4月", True),
        ("build 12031, v2031.4, 2031-05-06 and Aprils", False),
    ],
)
def test_the_year_and_the_month_are_other_for_who_asks_for_the_date(text, changed):
    assert (other(text, "print(date.today())")[0] != text) is changed
    assert other(text, "print(year)")[0] == text


def test_what_the_code_says_is_said_elsewhere_too():
    text = "/home/ann on 2031-04-05"
    assert other(text, f"print('{text}')") == (text, set())


def test_figures_and_pictures_are_left_alone():
    data = {describe.MIME: {"description": "on 2031-04-05"}, "image/png": "willow"}
    run = Run(([nbformat.v4.new_output("display_data", data=data)], None))
    imagined, reasons = imagine(run, "", MACHINE)
    assert imagined.outputs == run.outputs
    assert reasons == (frozenset(), frozenset())


def test_an_error_of_the_network_is_other_wherever_it_says_so():
    value = "<urlopen error [Errno -2] Name or service not known>"
    error = nbformat.v4.new_output(
        "error", ename="URLError", evalue=value, traceback=[f"URLError: {value}"]
    )
    imagined, (reasons,) = imagine(Run(([error],)), "", MACHINE)
    assert "Name or service" not in str(imagined.outputs)
    assert reasons == {NETWORK}
