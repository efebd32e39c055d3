"""Ready a kernel for a chapter."""

from . import clock, errors, strange
from .cells import name_cells
from .figures import describe_figures
from .probe import Probe
from .streams import deliver
from .values import tell_values


def ready(answer, elsewhere, forks, root, *excluded):
    """Ready the kernel; write what it has read and written to the file `answer` when asked.

    `elsewhere` makes the machine another one, whose clocks run too fast; `forks` lets snapshots
    be taken.
    """
    probe = Probe(answer, root, *excluded)
    name_cells()
    describe_figures()
    errors.show_all()
    tell_values(answer)
    descriptors = deliver(probe.guard)
    if elsewhere:
        clock.hurry(root)
        strange.be_strange(root)
    probe.start()
    if forks:
        from .forks.snapshot import offer  # which is sent only then

        offer(probe, descriptors)
