"""What the probe in a kernel sees. In a process of its own: an audit hook stays for ever."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import bookproof

CODE = """\
import os, sys
from bookproof.running.inside.probe import Probe

root, answer = sys.argv[1:]
sys.path.insert(0, root)
os.chdir(root)
import before
Probe(answer, root, root + "/no/").start()
try:
    import absent
except ImportError:
    pass
import module
try:
    import module.lacking
except ImportError:
    pass
os.listdir("listed")
list(os.scandir(b"scanned"))
os.path.exists("sought.txt")
os.environ.get("ASKED")
os.environ["SET"] = "by the chapter itself"
import asking
import module
import module.part
open("read.txt").read()
open(b"bytes.txt").read()
open("written.txt", "w").close()
open("appended.txt", "a").close()
open("both.txt", "r+").close()
os.close(os.open("descriptor.txt", os.O_RDONLY))
os.close(os.open("flags.txt", os.O_WRONLY))
open("no/excluded.txt").close()
open(os.open("again.txt", os.O_RDONLY)).close()
for name in ("missing.txt", "/etc/hostname", "__pycache__/odd.pyc"):
    try:
        open(name).close()
    except OSError:
        pass
x = 1
for asked in ("x", "[]", "'x'", "1"):
    eval(f"({answer!r}, ({asked}))")
    assert not os.path.exists(answer), asked
eval(repr(answer))
"""


OWN = str(Path(bookproof.__file__).parent)
SEEN = [
    "again.txt",
    "asking.py",
    "before.py",
    "both.txt",
    "bytes.txt",
    "descriptor.txt",
    "listed",
    "missing.txt",
    "module/__init__.py",
    "module/part.py",
    "read.txt",
    "scanned",
    "sought.txt",
]


def test_all_that_is_read_is_seen_and_nothing_else(tmp_path, tmp_path_factory):
    for name in ("read", "bytes", "both", "descriptor", "flags", "no/excluded", "again"):
        path = tmp_path / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    (tmp_path / "before.py").write_text("")
    (tmp_path / "asking.py").write_text("import os\nos.getenv('ASKED_BY_A_MODULE')")
    for name in ("listed", "scanned"):
        (tmp_path / name).mkdir()
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "__init__.py").write_text("")
    (tmp_path / "module" / "part.py").write_text("")
    for _ in range(2):  # the second time the modules are compiled
        record = recorded(tmp_path, tmp_path_factory.mktemp("out") / "answer")
        listed = {folder for folder, part in record["listed"] if not part}
        # In a kernel the probe has no file; here it is a module that may be not installed.
        modules = {path for path in record["modules"] if not path.startswith(OWN)}
        found = {*record["found"], *listed, *modules}
        assert sorted(os.path.relpath(path, tmp_path) for path in found) == SEEN
        sought = record["sought"]
        assert sought["places"] == [str(tmp_path)]
        assert sought["suffixes"][-2:] == (".py", ".pyc")
        assert sought["folders"].keys() == {str(tmp_path), str(tmp_path / "module")}
        in_root, in_module = (sought["folders"][folder] for folder in sorted(sought["folders"]))
        nothing = in_root.pop("")
        assert {"absent", "re"} <= set(nothing)
        assert not {"asking", "before", "module", "lacking", "part"} & set(nothing)
        assert in_root == {
            "asking.py": ["asking"],
            "before.py": ["before"],
            "module/__init__.py": ["module"],
        }
        assert in_module == {"": ["lacking"], "part.py": ["part"]}
        assert sorted(record["made"]) == [
            str(tmp_path / f"{name}.txt") for name in ("appended", "both", "flags", "written")
        ]
        assert record["variables"] == ["ASKED", "ASKED_BY_A_MODULE"]
        assert (record["programs"], record["withdrawn"], record["lost"]) == (False, False, "")
        for name in ("written", "appended"):
            (tmp_path / f"{name}.txt").unlink()


def recorded(root, answer):
    """Return what the probe records of the code, in a process of its own."""
    subprocess.run([sys.executable, "-c", CODE, str(root), str(answer)], check=True)
    return ast.literal_eval(answer.read_text())
