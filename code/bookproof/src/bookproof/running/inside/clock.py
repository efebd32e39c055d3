"""Let the clocks of a chapter run faster, so that what they decide is seen.

A cell that took no time prints `0.0 s` at each run. With such clocks it prints something else.
They are right for everybody but the chapter and the modules of its book: a library that looks at
the clock, to warn of what is slow say, shall do what it always does.
"""

import os
import sys
import time

_CLOCKS = ("time", "perf_counter", "process_time", "thread_time")
_FACTOR = 1_000_000


def hurry(root):
    """Let a second of every clock that a chapter below `root` reads count as a million."""
    import timeit  # not sooner: a cell shall find the modules that it would find

    plain = timeit.default_timer
    for name in _CLOCKS:
        for clock in (name, f"{name}_ns"):
            if hasattr(time, clock):
                setattr(time, clock, _faster(getattr(time, clock), root + os.sep))
    timeit.default_timer = time.perf_counter
    for function in (timeit.timeit, timeit.repeat, timeit.Timer.__init__):
        defaults = function.__defaults__
        function.__defaults__ = tuple(time.perf_counter if d is plain else d for d in defaults)


def _faster(plain, inside):
    begin = plain()

    def clock():
        now = plain()
        frame = sys._getframe(1)
        ours = frame.f_globals.get("__name__") in ("__main__", "timeit")
        if ours or frame.f_code.co_filename.startswith(inside):
            return begin + (now - begin) * _FACTOR
        return now

    clock.__name__ = clock.__qualname__ = plain.__name__
    clock.__doc__ = plain.__doc__
    return clock
