"""Warn again at every build until a warning's cause is mended.

Sphinx warns of a page when it reads or writes it, and does neither again while the page is
unchanged: the second build of a faulty book would pass. After a build that warned, this forgets
the stored environment, as Sphinx itself does after a build that broke off.
"""

from pathlib import Path

from sphinx.application import ENV_PICKLE_FILENAME


def forget_environment(app, exception):
    """Force a fresh reading next time."""
    if app._warncount:
        (Path(app.doctreedir) / ENV_PICKLE_FILENAME).unlink(missing_ok=True)


def setup(app):
    """Register the handler."""
    app.connect("build-finished", forget_environment)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
