"""Give every page a description for search engines and link previews.

A page's own is ``description: …`` in its front matter; pages without one get the book's,
``page_description`` in the configuration, if any.
"""

from html import escape


def add_description(app, pagename, templatename, context, doctree):
    """Append the meta element to the page's head."""
    own = (context.get("meta") or {}).get("description")
    description = escape(str(own or app.config.page_description), quote=True)
    if not description:
        return
    meta = f'<meta name="description" content="{description}" />\n'
    context["metatags"] = context.get("metatags", "") + meta


def setup(app):
    """Register the option and the handler."""
    app.setup_extension("notesite.settings")
    app.connect("html-page-context", add_description)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
