"""Tell the files and sockets that a kernel has open: those of ipykernel, and those of its cells.

A fork shares what is open with the process that it is a fork of. What ipykernel has open it must
let go, and gets its own; of a file that is only read it opens its own, at the same place. With
anything else that a cell has open, there is no telling.
"""

import fcntl
import os
import socket
from contextlib import suppress
from itertools import combinations
from stat import S_ISDIR, S_ISREG

_TABLE = "/proc/self/fd"
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_NAMELESS = ("anon_inode:", "pipe:", "socket:")
_OF_SOCKETS = "anon_inode:[eventfd]"  # zmq has one for each of its sockets,
_OF_CONTEXTS = "anon_inode:[eventpoll]"  # and two for each context


class Descriptors:
    """What is open in a kernel whose sockets have these addresses: paths, or numbers of ports.

    `kept` are the descriptors that a fork may share.
    """

    def __init__(self, kept, paths=(), ports=()):
        self._kept = kept
        self._paths = tuple(paths)
        self._ports = ports
        self._first = _table()

    def sort(self, contexts=0):
        """Return why what is open cannot be in a fork; else the descriptors to let go, to reopen.

        One of the two is empty. So many `contexts` zmq may have more than at the beginning.
        """
        lost, reopened, polls = [], [], 2 * contexts
        for number, target in _table().items():
            if number in self._kept:
                if self._first.get(number) != target:
                    return f"descriptor {number} is another one than it was", ()
            elif self._is_kernels(number, target):
                lost.append(number)
            elif target == _OF_CONTEXTS and polls:
                lost.append(number)
                polls -= 1
            elif _is_only_read(number):
                reopened.append(number)
            elif target not in _DEVICES and self._first.get(number) != target:
                return f"{target} is open", ()
        if any(_share_place(*pair) for pair in combinations(reopened, 2)):
            return "two descriptors have one place in a file", ()
        return "", (lost, reopened)

    def _is_kernels(self, number, target):
        """Tell whether a descriptor is one of ipykernel's own."""
        if not target.startswith(_NAMELESS):
            return False
        return (
            self._first.get(number) == target
            or target == _OF_SOCKETS
            or (target.startswith("socket:") and self._is_at_our_address(number))
        )

    def _is_at_our_address(self, number):
        with suppress(OSError), socket.socket(fileno=os.dup(number)) as found:
            address = found.getsockname()
            if isinstance(address, str):
                return address in self._paths
            return isinstance(address, tuple) and address[1] in self._ports
        return False


def _share_place(one, other):
    """Tell whether two descriptors are of one open file, so that reading from one moves both."""
    if os.fstat(one)[1:3] != os.fstat(other)[1:3]:
        return False
    place = os.lseek(one, 0, os.SEEK_CUR)
    if os.lseek(other, 0, os.SEEK_CUR) != place:
        return False
    if S_ISDIR(os.fstat(one).st_mode):
        return True  # for all that is known
    os.lseek(one, place + 1, os.SEEK_SET)
    try:
        return os.lseek(other, 0, os.SEEK_CUR) != place
    finally:
        os.lseek(one, place, os.SEEK_SET)


def let_go(numbers):
    """Close descriptors, but keep their numbers taken: whoever has one may close it once more."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in numbers:
        os.dup2(nothing, number, inheritable=False)
    os.close(nothing)


def reopen(numbers):
    """Open files anew that are only read, at the same place, under the same number."""
    for number in numbers:
        try:
            own = os.open(f"{_TABLE}/{number}", os.O_RDONLY)
        except FileNotFoundError:  # who had it open has closed it in the fork, as matplotlib does
            continue
        with suppress(OSError):
            os.lseek(own, os.lseek(number, 0, os.SEEK_CUR), os.SEEK_SET)
        os.dup2(own, number, inheritable=os.get_inheritable(number))
        os.close(own)


def _table():
    """Return what is open, by number."""
    found = {}
    for name in os.listdir(_TABLE):
        with suppress(OSError):  # the one with which the folder is listed
            found[int(name)] = os.readlink(f"{_TABLE}/{name}")
    return found


def _is_only_read(number):
    """Tell whether a descriptor is of a file or a folder that is read."""
    mode = os.fstat(number).st_mode
    flags = fcntl.fcntl(number, fcntl.F_GETFL)
    return (S_ISREG(mode) or S_ISDIR(mode)) and flags & os.O_ACCMODE == os.O_RDONLY
