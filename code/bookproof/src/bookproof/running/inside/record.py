"""Record which files of a book are read, and which are written, in the order in which it happens.

Nothing here may raise into a cell, nor call what a cell can replace: paths are looked at with
functions of the interpreter's own, kept from before the first cell.
"""

from hashlib import sha256
from importlib.util import source_from_cache
from os import O_EXCL, O_RDONLY, O_TRUNC, O_WRONLY, close, getcwd, listdir, lstat, stat
from os import open as open_file
from os import read as read_file
from os.path import normpath
from stat import S_ISDIR, S_ISREG
from sys import getfilesystemencoding

_SEPARATOR = "/" if normpath("/") == "/" else "\\"
_CACHES = f"{_SEPARATOR}__pycache__{_SEPARATOR}"
_ENCODING = getfilesystemencoding()
_WHOLE = slice(None)
_ACCESS = 3  # the bits of a flag that tell reading from writing
FOLDER = "folder"
"""What stands for the state of a folder."""


class Record:
    """What was read below `root` and outside `excluded` (which end with a /), and what was written.

    `found` has the state of each file as it was when it was first read, None where there was
    none, and `before` the digest of those that the run changed later; `listed` the names in each
    folder, of which a part counts, when it was first listed. `made` are the files that the run has
    written or removed, with their state before: what it reads of them is its own, and stands in
    `reread`. `lost` tells why the record is not complete; where it is `silent`, no file is opened
    for it, nor a folder listed.
    """

    def __init__(self, root, excluded=()):
        self._root = root.rstrip(_SEPARATOR) + _SEPARATOR
        self._excluded = tuple(excluded)
        self.appended = {}
        self.found = {}
        self.before = {}
        self.listed = {}
        self.made = {}
        self.reread = set()
        self.lost = ""
        self.silent = False

    def place(self, path):
        """Return the full path of what lies in the book, else None."""
        if issubclass(type(path), str):
            path = str.__getitem__(
                path, _WHOLE
            )  # a plain one: of a cell's own class nothing is run
        elif issubclass(type(path), bytes):
            path = bytes.__getitem__(path, _WHOLE).decode(_ENCODING, "surrogateescape")
        else:
            return None
        if "\0" in path:
            return None
        if not path.startswith(_SEPARATOR) and path[1:2] != ":":
            try:
                path = getcwd() + _SEPARATOR + path
            except OSError as error:  # a folder that is gone has no files
                expect(error)
                return None
        path = normpath(path)
        return path if self.is_ours(path) else None

    def is_ours(self, path):
        """Tell whether a full path lies in the book."""
        path += _SEPARATOR
        return path.startswith(self._root) and not path.startswith(self._excluded)

    def opened(self, path, mode=None, flags=0, *_):
        """Note that a file is about to be opened with these flags."""
        path = self.place(path)
        if path is None:
            return
        if path.endswith(".pyc"):  # compiled: what counts is the source
            path = _source(path)
            if path is None or not self.is_ours(path):
                return
        access = flags & _ACCESS
        if access != O_WRONLY and not flags & O_TRUNC:
            self.read(path)
        if access != O_RDONLY and not path.endswith(".pyc"):
            self.written(path, whole=flags & (O_TRUNC | O_EXCL))

    def read(self, path):
        """Note that a file is read, or looked for."""
        if path in self.appended:
            self.found[path], self.before[path] = self.appended.pop(path)
        elif path in self.made:
            self.reread.add(path)
        elif path not in self.found:
            self.found[path] = state(path)

    def missed(self, path):
        """Note that a file was looked for in vain."""
        if path not in self.made:
            self.found.setdefault(path, None)

    def written(self, path, whole=True):
        """Note that a file is about to be written or removed: `whole` says that nothing stays."""
        if path in self.made or _CACHES in path:
            return
        now = state(path)
        if now == FOLDER:
            return
        if path in self.found:
            if now is not None:
                self.before[path] = self._digest(path) if now == self.found[path] else ""
        elif now is not None and not whole:
            self.appended[path] = now, self._digest(path)
        self.made[path] = now

    def _digest(self, path):
        return "" if self.silent else digest(path)

    def moved(self, source, target, *_):
        """Note that a file is about to be renamed or linked."""
        source, target = self.place(source), self.place(target)
        if source:
            self.read(source)
            self.written(source)
        if target:
            self.written(target)

    def removed(self, path, folder=-1, *_):
        """Note that a file is about to be removed."""
        path = self.place(path)
        if path and folder == -1:
            self.written(path)

    def founded(self, path, mode=0, folder=-1, *_):
        """Note that a folder is about to be made."""
        self.removed(path, folder)

    def linked(self, source, target, *_):
        """Note that a link is about to be made."""
        target = self.place(target)
        if target:
            self.written(target)

    def changed(self, path, *_):
        """Note that a part of a file is about to be written."""
        path = self.place(path)
        if path:
            self.written(path, whole=False)

    def connected(self, database, *_):
        """Note that a database is about to be opened, which may read and write it."""
        if type(database) is str and database.startswith("file:"):
            database = database[len("file:") :].partition("?")[0]
        path = self.place(database)
        if path and database not in (":memory:", ""):
            self.read(path)
            self.written(path, whole=False)

    def unchanged(self):
        """Return the states of files that were to be written but were not: they count as read."""
        return {path: self.made[path] for path in self.reread if state(path) == self.made[path]}

    def list(self, folder, part=""):
        """Note that a folder is about to be listed, of which a part counts."""
        folder = self.place("." if folder is None else folder)
        if folder and (folder, part) not in self.listed:
            try:
                self.listed[folder, part] = listdir(folder)
            except OSError as error:
                expect(error)
                self.missed(folder)


def _source(path):
    """Return the source of a compiled module, None where that is not known."""
    try:
        return source_from_cache(path)
    except ValueError:
        return None


def state(path):
    """Return what tells two states of a file apart, None where there is none."""
    try:
        found = stat(path)
    except OSError as error:
        expect(error)
        try:
            found = lstat(path)  # a link to nothing
        except OSError as error:
            expect(error)
            return None
    if S_ISDIR(found.st_mode):
        return FOLDER
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size


def digest(path):
    """Return the SHA-256 of a file, empty where it cannot be told."""
    try:
        if not S_ISREG(stat(path).st_mode):  # reading a pipe would take from it, or wait
            return ""
        content, file = sha256(), open_file(path, O_RDONLY)
        try:
            while part := read_file(file, 1 << 20):
                content.update(part)
        finally:
            close(file)
        return content.hexdigest()
    except OSError as error:
        expect(error)
        return ""


def expect(error):
    """Raise it again, unless the call right here has raised it: a signal came in between."""
    if error.__traceback__.tb_next is not None:
        raise error
