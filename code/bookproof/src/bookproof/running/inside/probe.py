"""Watch a kernel from inside: what it reads and writes, what it prints, the figures that it shows.

Sent to the kernel as text: it needs nothing but the standard library, IPython and ipykernel. A
cell finds everything as it would be without: no name, no module, no other function in the place
of one that it knows, no frame in a traceback, and nothing that happens here is raised there.

An audit hook sees every file that Python code opens, compiled modules included, every folder that
it lists, and what it writes, renames and removes. What is looked for in vain counts too, because a
result can depend on that something is not there: files, and modules. Of the environment variables
those are recorded that the chapter, or a module of the book, asks for.
"""

import os
import sys
from contextlib import contextmanager
from threading import get_ident

from .imports import Imports
from .lookups import watch_environment, watch_paths
from .record import Record

_PROGRAMS = (
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "pty.spawn",
    "subprocess.Popen",
)
_ABOUT_THE_MACHINE = ("fc-list", "gcc", "ld", "ldconfig", "lscpu", "nvidia-smi", "sysctl", "uname")
_PARTS = {
    **dict.fromkeys(("importlib.metadata", "importlib_metadata", "pkg_resources"), "*-info"),
    "pkgutil": "*.py",
}
"""What counts of the folders that a module lists, where not all does."""
_OBSERVES = ("sys.addaudithook", "sys.setprofile", "sys.settrace")
_USED = ("posixpath", "ntpath", "genericpath", "_frozen_importlib_external", "ipykernel.iostream")
_PACKAGES = f"-packages{os.sep}"
_STANDARD = os.path.dirname(os.__file__) + os.sep


class Probe:
    """What records what a kernel reads below `root` and outside `excluded`, and writes there.

    When a text is evaluated that is nothing but the name `answer`, quoted, the record is written to
    that file: a cell can do nothing that comes between.
    """

    def __init__(self, answer, root, *excluded):
        self._answer = answer
        self._asking = compile(repr(answer), "", "eval")
        self._record = Record(root, excluded)
        self._busy = set()
        self._programs = False
        self._libraries = set()
        self._imports = Imports(self._record)
        self._variables = set()
        self._ends = []

    def start(self):
        """Start to watch."""
        record = self._record
        self._variables, *self._ends = watch_environment(self.guard, record)
        self._ends += [self._imports.watch(self.guard), watch_paths(self.guard, record)]
        handlers = {
            "ctypes.dlopen": self._load,
            "exec": self._run,
            "open": record.opened,
            "os.link": record.linked,
            "os.listdir": self._list,
            "os.mkdir": record.founded,
            "os.remove": record.removed,
            "os.rename": record.moved,
            "os.scandir": self._list,
            "os.symlink": record.linked,
            "os.truncate": record.changed,
            "sqlite3.connect": record.connected,
            **dict.fromkeys(_PROGRAMS, self._start_program),
            **dict.fromkeys(_OBSERVES, self._withdraw),
        }
        handlers = {event: self.guard(handler) for event, handler in handlers.items()}

        def hook(event, arguments):
            handler = handlers.get(event)
            if handler is not None:
                handler(*arguments)

        sys.addaudithook(hook)  # tells of itself only those that come later

    def guard(self, function):
        """Return a function that does the same, but raises nothing and never enters itself."""

        def guarded(*arguments):
            thread = get_ident()
            if thread in self._busy:
                return
            try:
                self._busy.add(thread)
                function(*arguments)
            except Exception as error:
                if not _is_ours(error):  # a signal came, and its handler raised
                    raise
                self._record.lost = self._record.lost or f"{type(error).__name__}: {error}"
            finally:
                self._busy.discard(thread)

        return guarded

    @contextmanager
    def unseen(self):
        """Let what happens here, in this thread, go unrecorded."""
        self._busy.add(get_ident())
        try:
            yield
        finally:
            self._busy.discard(get_ident())

    def forget_threads(self):
        """Forget what other threads were about: this is a fork, which has none."""
        self._busy.intersection_update({get_ident()})

    def told(self):
        """Return the record so far as text."""
        return ascii(self._recorded())

    def is_ours(self, path):
        """Tell whether a full path is one whose reading and writing is recorded."""
        return self._record.is_ours(path)

    def _withdraw(self, *_):
        """Leave Python alone: the cell is about to observe all that happens there."""
        self._record.silent = True
        while self._ends:
            self._ends.pop()()

    def _list(self, folder=None, *_):
        if self._record.silent:
            return
        asking = sys._getframe(3).f_globals.get("__name__", "")
        if not asking.startswith("importlib._bootstrap"):  # it looks for modules
            self._record.list(folder, _PARTS.get(asking, ""))

    def _load(self, library=None, *_):
        if library:
            self._libraries.add(str(library))

    def _start_program(self, program=None, *_):
        name = program.rpartition(os.sep)[2] if isinstance(program, str) else ""
        if name not in _ABOUT_THE_MACHINE:
            self._programs = True

    def _run(self, code=None, *_):
        constants = getattr(code, "co_consts", None)
        asks = constants and type(constants[0]) is str and constants[0] == self._answer
        if asks and code.co_code == self._asking.co_code:  # else it asks for a value of the text
            content = self.told().encode()
            file = os.open(self._answer, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            try:
                while content:
                    content = content[os.write(file, content) :]
            finally:
                os.close(file)

    def _changing(self, module):
        """Return the full path of a module that may change while no package does, else None.

        It is the book's, or nowhere where one is installed: of a package beside the book, say.
        """
        if place := self._record.place(module):
            return place
        installed = type(module) is not str or _PACKAGES in module or module.startswith(_STANDARD)
        return None if installed or not os.path.isabs(module) else os.path.normpath(module)

    def _recorded(self):
        record = self._record
        return {
            "found": record.found | record.unchanged(),
            "before": record.before,
            "listed": record.listed,
            "appended": sorted(record.appended),
            "made": record.made,
            "reread": sorted(record.reread),
            "modules": sorted(filter(None, map(self._changing, _module_files()))),
            "imported": _imported(),
            "sought": self._imports.told(),
            "variables": sorted(self._variables),
            "programs": self._programs,
            "withdrawn": record.silent,
            "extensions": sorted(_extensions() | self._libraries),
            "lost": record.lost,
        }


def _is_ours(error):
    """Tell whether an error was raised by our own code."""
    place = error.__traceback__
    while place.tb_next is not None:
        place = place.tb_next
    name = place.tb_frame.f_globals.get("__name__", "")
    return name.startswith(__name__.rpartition(".")[0]) or name in _USED


def _module_files():
    """Yield the files of the modules that are imported."""
    for module in list(sys.modules.values()):
        try:
            path = object.__getattribute__(module, "__dict__").get("__file__")  # loads no lazy one
        except AttributeError:
            continue
        if isinstance(path, str):
            yield path


def _imported():
    """Return the names of all top-level modules that are not Python's own."""
    found = {name.partition(".")[0] for name in list(sys.modules)}
    return sorted(found - sys.stdlib_module_names - {"__main__"})


def _extensions():
    """Return the packages that have brought compiled code; on Linux alone it matters."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
            places = [line.rpartition(_PACKAGES)[2] for line in file if _PACKAGES in line]
    except OSError:
        return set()
    names = (place.partition(os.sep) for place in places if ".so" in place)
    return {name.partition(".")[0] for name, _, _ in names}
