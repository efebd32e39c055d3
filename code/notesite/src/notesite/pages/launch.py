"""Offer each chapter as a notebook: to download, and to open in Colab or on Binder.

What opens it there is derived from where the repository lives, so that a fork needs no edit:
from ``GITHUB_REPOSITORY``, or from the git remote ``origin``. Where it lives nowhere that these
services know, there are only the downloads. The branch of the repository that ``notebook_branch``
names has the executed notebooks, laid out as on the site, and for Binder a ``requirements.txt``.
The packages that the repository itself is, ``own_packages``, are installed from the commit that is
built.

``{notebooks}`text``` is a link to all notebooks in one file.
"""

import fnmatch
import os
import re
import subprocess
from html import escape
from urllib.parse import quote

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxRole

from bookproof.pages.downloads import ARCHIVE

NAME = re.compile(r"[\w.-]+/[\w.-]+")
REMOTE = re.compile(
    r"(?:https://(?:[^@/]+@)?github\.com/|(?:ssh://)?git@github\.com[:/])([^/]+/[^/]+?)(\.git)?/?"
)


def repository(folder):
    """Return owner and name of the repository on GitHub, ``owner/name``; empty where unknown."""
    name = os.environ.get("GITHUB_REPOSITORY")
    if not name:
        remote = REMOTE.fullmatch(git(folder, "remote", "get-url", "origin"))
        name = remote[1] if remote else ""
    return name if NAME.fullmatch(name) else ""


def git(folder, *words):
    """Return what git says of a folder; nothing where there is no git, or no repository."""
    try:
        done = subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True)
    except OSError:
        return ""
    return "" if done.returncode else done.stdout.strip()


def tell_source(app, config):
    """Fill in the options: the repository, and from where notebooks install its packages."""
    config.github_repository = config.github_repository or repository(app.srcdir)
    commit = os.environ.get("GITHUB_SHA") or git(app.srcdir, "rev-parse", "HEAD")
    known = config.github_repository and commit
    place = f"git+https://github.com/{config.github_repository}@{commit}"
    own = {name: f"{name}@{place}" if known else "" for name in config.own_packages}
    config.bookproof_sources = own | config.bookproof_sources


def links(config, page):
    """Yield text and address of what a chapter offers, relative to its page."""
    file = f"{page.rpartition('/')[2]}.ipynb"
    yield "下载笔记本", file
    yield "Markdown 源文件", f"{'../' * page.count('/')}_sources/{page}.md"
    if config.github_repository and config.notebook_branch:
        branch = config.notebook_branch
        place, path = f"{config.github_repository}/blob/{branch}", quote(f"{page}.ipynb")
        yield "在 Colab 打开", f"https://colab.research.google.com/github/{place}/{path}"
        place = f"{config.github_repository}/{branch}?labpath={quote(f'{page}.ipynb', safe='')}"
        yield "在 Binder 打开", f"https://mybinder.org/v2/gh/{place}"


class Launch(SphinxPostTransform):
    """Put the links under the title of a chapter, below the line that `ways_in` puts there."""

    builders = ("html",)
    default_priority = 6

    def run(self, **kwargs):
        """Do so."""
        page = self.env.docname
        if not any(fnmatch.fnmatch(page, p) for p in self.config.bookproof_notebooks):
            return
        offered = [
            f'<a href="{escape(to)}"{"" if "//" in to else " download"}>{text}</a>'
            for text, to in links(self.config, page)
        ]
        line = f'<p class="chapter-launch">{" ".join(offered)}</p>'
        title = next(self.document.findall(nodes.title))
        heads = [n for n in title.parent if "chapter-head" in n.get("classes", ())]
        place = title.parent.index((heads or [title])[0]) + 1
        title.parent.insert(place, nodes.raw("", line, format="html"))


class Notebooks(SphinxRole):
    """``{notebooks}`text```."""

    def run(self):
        """Return the link."""
        address = "../" * self.env.docname.count("/") + ARCHIVE
        return [nodes.reference("", self.text, refuri=address, internal=True)], []


def setup(app):
    """Register the option, the role and what puts the links."""
    app.setup_extension("bookproof.sphinx_ext")
    app.setup_extension("notesite.settings")
    app.add_role("notebooks", Notebooks())
    app.add_post_transform(Launch)
    app.connect("config-inited", tell_source)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
