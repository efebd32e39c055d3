"""Note what a chapter writes outside its book, where nothing else looks.

A kernel that goes on from a snapshot would find there what later cells have made of it.
"""

import os
import sys

from ..record import state

_OF_PYTHON = f"{os.sep}__pycache__{os.sep}"
_OF_THE_SYSTEM = ("/dev/", "/proc/")
_BUT_FILES = ("/dev/shm/", "/dev/mqueue/")
_FOLDER_OF = {"os.mkdir": 2, "os.remove": 1, "os.rmdir": 1, "os.symlink": 2}
"""Where in an event's arguments the folder stands that its path is relative to."""


class Elsewhere:
    """The files and folders that are written outside the book, as they were before."""

    def __init__(self, probe):
        self._probe = probe
        self._before = {}
        self._unknown = ""

    def start(self):
        """Start to note."""
        handlers = {
            "open": self._opened,
            "os.link": self._two,
            "os.mkdir": self._one,
            "os.remove": self._one,
            "os.rename": self._two,
            "os.rmdir": self._one,
            "os.symlink": self._target,
            "os.truncate": self._one,
            "shutil.rmtree": self._one,
            "sqlite3.connect": self._one,
        }
        handlers = {event: self._guarded(event, handler) for event, handler in handlers.items()}

        def hook(event, arguments):
            handler = handlers.get(event)
            if handler is not None:
                handler(*arguments)

        with self._probe.unseen():
            sys.addaudithook(hook)

    def changed(self):
        """Return what is not as it was, empty where all is."""
        changed = (path for path, before in self._before.items() if state(path) != before)
        return self._unknown or next(changed, "")

    def _guarded(self, event, handler):
        return self._probe.guard(lambda *arguments: handler(event, *arguments))

    def _opened(self, event, path, mode=None, flags=0, *_):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
            self._note(path)

    def _one(self, event, *arguments):
        self._note(arguments[0], self._folder(event, arguments))

    def _two(self, event, source, target, *folders):
        if any(folder not in (-1, None) for folder in folders):
            self._unknown = self._unknown or f"{event} in a folder that is not known"
        self._note(source)
        self._note(target)

    def _target(self, event, source, target, *rest):
        self._note(target, self._folder(event, (source, target, *rest)))

    @staticmethod
    def _folder(event, arguments):
        place = _FOLDER_OF.get(event)
        folder = arguments[place] if place and len(arguments) > place else -1
        return -1 if folder is None else folder

    def _note(self, path, folder=-1):
        if isinstance(path, int):
            return  # what is open was noted when it was opened
        path = os.fsdecode(path)
        if path in ("", ":memory:") or "\0" in path:
            return
        if folder != -1:
            path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), path)
        path = os.path.abspath(path)
        device = path.startswith(_OF_THE_SYSTEM) and not path.startswith(_BUT_FILES)
        if not (device or _OF_PYTHON in path or self._probe.is_ours(path)):
            self._before.setdefault(path, state(path))
