"""What belongs to a machine or its kernel is evened out, in blocks, outputs and on pages."""

import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import nbformat
import pytest

from bookproof.pages.export import shown
from bookproof.reading.machine import even_out

EVENED = {
    "/tmp/ipykernel_4711/42.py:2: UserWarning: old": "<cell>:2: UserWarning: old",
    "/var/folders/x y/T/ipykernel_1/2.py:3: W": "<cell>:3: W",
    'File "/var/folders/x y/T/ipykernel_1/2.py", line 2': 'File "<cell>", line 2',
    r"C:\Users\Jane Doe\AppData\Local\Temp\ipykernel_12\99.py:2: W": "<cell>:2: W",
    "/tmp/xpython_9/1.py:1: W": "<cell>:1: W",
    "<ipython-input-3-abc123>:1: W": "<cell>:1: W",
    "在/tmp/ipykernel_1/2.py:3": "在<cell>:3",
    "SyntaxError: bad (2465675748.py, line 1)": "SyntaxError: bad (<cell>, line 1)",
    "/a/b and /tmp/ipykernel_1/2.py": "/a/b and <cell>",
    "/home/x/.venv/lib/python3.11/site-packages/a/b.py:12: W": "…/site-packages/a/b.py:12: W",
    "~/.venv/lib/python3.12/site-packages/a.py": "…/site-packages/a.py",
    r"C:\Program Files\Python\Lib\site-packages\a\b.py:3: W": "…/site-packages/a/b.py:3: W",
    r"'C:\\Python\\Lib\\site-packages\\a.py'": "'…/site-packages/a.py'",
    "/usr/lib/python3/dist-packages/a.py": "…/site-packages/a.py",
    "(/opt/x/lib/python3.11/site-packages/a/__init__.py)": "(…/site-packages/a/__init__.py)",
    "/usr/lib/python3.11/json/decoder.py:3": "…/lib/python3.11/json/decoder.py:3",
}
KEPT = [
    "/home/alice/notes.txt",
    "/usr/bin/python3.11",
    "venv/lib/python3.11/site-packages/a.py",
    "https://example.org/lib/python3.11/a.html",
    "https://example.org/site-packages/a.html",
    "ipykernel_4711 is a name",
    "site-packages",
    "SyntaxError: invalid syntax (part2.py, line 1)",
    "(42.py, line of code)",
]


def test_what_belongs_to_the_machine_goes_and_other_paths_stay():
    assert {text: even_out(text) for text in EVENED} == EVENED
    assert {text: even_out(text) for text in KEPT} == {text: text for text in KEPT}
    assert {text: even_out(text) for text in EVENED.values()} == {t: t for t in EVENED.values()}
    both = [*EVENED, *KEPT]
    assert even_out("\n".join(both)).split("\n") == [*EVENED.values(), *KEPT]


def test_it_agrees_with_the_places_of_this_python():
    shown = even_out(f"{nbformat.__file__}:1")
    assert shown == "…/site-packages/nbformat/__init__.py:1"
    library = even_out(warnings.__file__)
    assert library == f"…/lib/python3.{sys.version_info.minor}/warnings.py"
    assert even_out(f'File "{zipfile.__file__}", line 3').startswith('File "…/lib/python3.')


@pytest.mark.parametrize("output", ["stream", "result", "error"])
def test_pages_show_it_evened_out(output):
    path = f"/home/x/lib/python3.11/site-packages/{Path(__file__).name}"
    made = {
        "stream": {"output_type": "stream", "name": "stderr", "text": f"{path}:1: W\n"},
        "result": {"output_type": "display_data", "data": {"text/plain": path}, "metadata": {}},
        "error": {
            "output_type": "error",
            "ename": "ImportError",
            "evalue": f"({path})",
            "traceback": [f"ImportError: ({path})"],
        },
    }[output]
    text = str(shown(nbformat.from_dict(made)))
    assert "/home/x" not in text
    assert "…/site-packages/" in text


WARNING = "```{code-cell}\nimport warnings\nwarnings.warn('old')\n```\n"


@pytest.mark.parametrize("place", ["/tmp/ipykernel_4711/4278172823.py", "<cell>"])
def test_a_warning_is_the_same_in_every_kernel(book, place):
    text = f"{WARNING}```{{expect}} stream=stderr\n{place}:2: UserWarning: old\n"
    book.chapter("a.md", f"{text}  warnings.warn('old')\n```\n")
    assert [(str(v.kind), v.actual) for _, v in book.check()] == [
        ("verified", "<cell>:2: UserWarning: old\n  warnings.warn('old')")
    ]


def test_a_warning_in_a_package_does_not_name_the_machine(book):
    code = "import logging\nlogging.warning(logging.__file__)"
    book.chapter("a.md", f"```{{code-cell}}\n{code}\n```\n")
    [said] = [v.actual for _, v in book.check() if v.actual]
    done = subprocess.run(
        [sys.executable, "-c", "import logging; print(logging.__file__)"],
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() not in said
    assert "…/lib/python3." in said
