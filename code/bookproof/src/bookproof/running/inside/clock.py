"""Let the clocks of a kernel run faster, so that what they decide is seen.

A cell that took no time prints `0.0 s` at each run. With such clocks it prints something else.
Those that libraries wait by, `time.monotonic` and the event loop's, stay as they are.
"""

import time
import timeit

_CLOCKS = ("time", "perf_counter", "process_time", "thread_time")
_FACTOR = 1_000_000


def hurry():
    """Let a second of every clock that a chapter may read count as a million."""
    plain = timeit.default_timer
    for name in _CLOCKS:
        for clock in (name, f"{name}_ns"):
            if hasattr(time, clock):
                setattr(time, clock, _faster(getattr(time, clock)))
    timeit.default_timer = time.perf_counter
    for function in (timeit.timeit, timeit.repeat, timeit.Timer.__init__):
        defaults = function.__defaults__
        function.__defaults__ = tuple(time.perf_counter if d is plain else d for d in defaults)


def _faster(plain):
    begin = plain()

    def clock():
        return begin + (plain() - begin) * _FACTOR

    clock.__name__ = clock.__qualname__ = plain.__name__
    clock.__doc__ = plain.__doc__
    return clock
