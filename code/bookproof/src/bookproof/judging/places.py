r"""Find the paths of a machine in a line: what `norm=path` evens out.

A path counts where it begins at the root (`/home/x/a.csv`, `C:\Users\x\a.csv`, `~/a.csv`,
`\\server\share\a.csv`) and goes through a folder at least; in quotes it may have blanks. Its last
part stays: the name of the file is no accident. Addresses of the web are no paths of a machine.
"""

from __future__ import annotations

import re

_PART = r"[^\s\\/\"'<>|:*?(){},;，。；：、（）《》“”]+"
_ROOT = r"(?:file://)?(?:[A-Za-z]:[\\/]+|~[A-Za-z0-9_-]*[\\/]+|/|\\\\(?:\\\\)?)"
_PATH = re.compile(
    rf"(?<=[\"']){_ROOT}(?:[^\\/\"'<>|:*?]+[\\/]+)+[^\\/\"'<>|:*?]*(?=[\"'])"
    rf"|(?<![A-Za-z0-9_.…/\\~-])(?<![A-Za-z0-9]:)(?:~[\\/]+{_PART}|{_ROOT}(?:{_PART}[\\/]+)+(?:{_PART})?)"
)
_TEMPORARY = re.compile(r"^tmp[a-z0-9_]{6,12}(?=$|\.)")


def even_out(line: str) -> str:
    """Return a line in which every path is … and its last part.

    >>> even_out("saved to /home/x/book/a.csv")
    'saved to …/a.csv'
    """
    return _PATH.sub(_last, line)


def _last(found: re.Match) -> str:
    path = found.group()
    kept = path.rstrip(".")
    last = [part for part in re.split(r"[\\/]+", kept) if part][-1]
    return f"…/{_TEMPORARY.sub('tmp…', last)}{path[len(kept) :]}"
