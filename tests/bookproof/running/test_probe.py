"""What the probe in a kernel sees. In a process of its own: an audit hook stays for ever."""

import json
import subprocess
import sys

CODE = """\
import os, sys
from bookproof.running.inside import probe

root, excluded = sys.argv[1], sys.argv[1] + "/no/"
sys.path.insert(0, root)
os.chdir(root)
import before
probe.start(root, excluded)
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
print(probe.recorded())
"""


SEEN = [
    "*.py",
    "absent.py",
    "absent/__init__.py",
    "again.txt",
    "asking.py",
    "before.py",
    "both.txt",
    "bytes.txt",
    "descriptor.txt",
    "listed/",
    "missing.txt",
    "module/__init__.py",
    "module/lacking.py",
    "module/lacking/__init__.py",
    "module/part.py",
    "read.txt",
    "scanned/",
    "sought.txt",
]


def test_all_that_is_read_is_seen_and_nothing_else(tmp_path):
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
        command = [sys.executable, "-c", CODE, str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == [SEEN, ["ASKED", "ASKED_BY_A_MODULE"]]
