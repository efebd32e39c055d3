"""Warn again at every build until a warning's cause is mended.

Sphinx warns of a page when it reads or writes it, and does neither again while the page is
unchanged: the second build of a faulty book would pass. So the pages of which it warned are read
and written again at the next build. Where a warning is of no page, the stored environment is
forgotten, as Sphinx itself does after a build that broke off.

A warning with ``extra=AGAIN`` is one that its giver gives again at every build by itself.
"""

import json
import logging
from pathlib import Path

from docutils import nodes
from sphinx.application import ENV_PICKLE_FILENAME
from sphinx.util.build_phase import BuildPhase
from sphinx.util.logging import NAMESPACE, get_node_location, is_suppressed_warning

AGAIN = {"again": True}
_VERIFIER = f"{NAMESPACE}.bookproof"
"""Where the verdicts come from, which are told at every build."""


class Warned(logging.Handler):
    """The pages of which a build warns; they are kept in a file as soon as they are known."""

    def __init__(self, app):
        super().__init__(logging.WARNING)
        self._app = app
        self._before = None
        self._pages = set()
        self._placeless = False

    def emit(self, record):
        """Note the pages of a warning."""
        app = self._app
        kind = getattr(record, "type", None), getattr(record, "subtype", None)
        if is_suppressed_warning(*kind, app.config.suppress_warnings):
            return
        if hasattr(record, "noted") or getattr(record, "again", False):
            return
        record.noted = True  # those of reading are held back, and come a second time
        pages = self._pages_of(record) if getattr(app, "env", None) else set()
        if pages - self._pages:
            self._pages |= pages
            self._write(self._pages | self.before)
        if not pages and not record.name.startswith(_VERIFIER):
            self._placeless = True

    @property
    def before(self):
        """The pages of which the last build of this kind warned."""
        if self._before is None:
            try:
                self._before = set(json.loads(self._path.read_text("utf-8")))
            except (OSError, ValueError):
                self._before = set()
        return self._before

    def start(self, *_):
        """Begin to listen: of what is wrong until now every build warns."""
        logger = logging.getLogger(NAMESPACE)
        logger.handlers.insert(0, self)  # with -W the next one may raise

    def outdated(self, app, env, added, changed, removed):
        """Return the pages that have to be read and written again."""
        return sorted(self.before)

    def purge(self, app, env, docnames):
        """Forget them all before the first is read: one may warn of what another has, too."""
        for page in self.before.intersection(docnames):
            app.emit("env-purge-doc", env, page)
            env.clear_doc(page)

    def finish(self, app, exception):
        """Keep the pages for the next build, or forget everything."""
        if exception is None:  # else Sphinx has forgotten everything
            self._write(self._pages)
        if self._placeless:
            Path(app.doctreedir, ENV_PICKLE_FILENAME).unlink(missing_ok=True)

    @property
    def _path(self):
        return Path(self._app.doctreedir, f"warned-{self._app.builder.name}.json")

    def _write(self, pages):
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(sorted(pages)), "utf-8")

    def _pages_of(self, record):
        """Return the pages that a warning is of: its place, what it names, what is at work."""
        env = self._app.env
        location = getattr(record, "location", None)
        found = self._at(location) | {env.temp_data.get("docname")}
        message = record.getMessage()
        words = record.args.values() if isinstance(record.args, dict) else record.args or ()
        found |= {word for word in words if isinstance(word, str)}
        found |= {page for page in env.found_docs if env.doc2path(page) in message}
        found &= env.found_docs
        if found and self._app.phase is BuildPhase.WRITING:  # pages show parts of others
            found.add(getattr(self._app.builder, "current_docname", None))
        return found & env.found_docs

    def _at(self, location):
        """Return the pages at a place, in the forms in which Sphinx takes it."""
        env = self._app.env
        if isinstance(location, tuple):
            return {location[0]}
        if isinstance(location, nodes.Node):
            location = get_node_location(location)
        if not location or ":" not in location:
            return {location}
        path = location.rpartition(":")[0]
        root = Path(env.srcdir)
        using = {
            p for p, files in env.dependencies.items() if Path(path) in map(root.joinpath, files)
        }
        return {env.path2doc(path)} | using


def setup(app):
    """Register the handlers."""
    warned = Warned(app)
    app.connect("config-inited", warned.start, priority=1000)
    app.connect("env-get-outdated", warned.outdated)
    app.connect("env-before-read-docs", warned.purge, priority=1)
    app.connect("build-finished", warned.finish, priority=1000)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
