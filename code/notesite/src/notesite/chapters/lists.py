"""The pages that list what stands on others: they are read again whenever any page changed."""


def lists(env):
    """Return for each page that has lists the names of the directives that make them."""
    if not hasattr(env, "lists"):
        env.lists = {}
    return env.lists


def note(env, name):
    """Note that the page that is read has a list."""
    lists(env).setdefault(env.docname, set()).add(name)


def page_of(env, name):
    """Return the page on which a list stands, None where there is none."""
    return min((page for page, names in lists(env).items() if name in names), default=None)


def pages_in_order(env, docname):
    """Yield a page and all below it, in the order of the table of contents."""
    yield docname
    for child in env.toctree_includes.get(docname, ()):
        yield from pages_in_order(env, child)


def purge(app, env, docname):
    """Forget a page that is read again or gone."""
    lists(env).pop(docname, None)


def merge(app, env, docnames, other):
    """Take over what a parallel reader found."""
    lists(env).update({page: names for page, names in lists(other).items() if page in docnames})


def outdated(app, env, added, changed, removed):
    """Return the pages with lists where any page changed."""
    return [*lists(env)] if added | changed | removed else ()


def setup(app):
    """Register the handlers."""
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("env-get-outdated", outdated)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
