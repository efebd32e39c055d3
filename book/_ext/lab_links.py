"""Links into the shape lab that carry a network: one under the code of a chapter that builds it.

``lab_networks`` in the configuration says for a chapter which expressions build a network, and
which name of the chapter holds its input or the size of it::

    lab_networks:
      book/notes/2023-09-11-lenet: {lenet(): x}

The code in the link is the chapter's own: the definitions that the expression needs, and no more.
Where ``mistakes.yml`` has a network that shows a message of the index of error messages, the entry
there has a link to it.
"""

import ast
import functools
import json
import re
from pathlib import Path
from urllib.parse import urlencode

import yaml
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform

LAB = "book/lab"
MISTAKES = Path(__file__).with_name("mistakes.yml")
TEXT = "在形状实验室里打开这个网络"


class lab_link(nodes.Inline, nodes.TextElement):
    """A link into the lab, to its state `fragment`; not where there is no lab."""


def fragment(code, size):
    """Return the state of the lab that shows a network with an input."""
    return urlencode({"net": code, "in": ", ".join(map(str, size))})


def linked(state, text):
    """Return a paragraph with a link into the lab."""
    return nodes.paragraph(
        "", "", lab_link("", text, fragment=state), classes=["lab-open", "no-search"]
    )


# The networks of the chapters


def definitions(sources):
    """Return the first definition of each name at the outermost level: its source and tree."""
    found = {}
    for source in sources:
        try:
            tree = ast.parse(source)
        except SyntaxError:  # a magic of IPython
            continue
        for node in tree.body:
            names = [node.name] if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else []
            if isinstance(node, ast.Assign):
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            for name in names:
                found.setdefault(name, (ast.get_source_segment(source, node), node))
    return found


def needed(tree, defined):
    """Return the names of the definitions that a code needs, in the order of the chapter."""
    names, open_trees = set(), [tree]
    while open_trees:
        for node in ast.walk(open_trees.pop()):
            if isinstance(node, ast.Name) and node.id in defined and node.id not in names:
                names.add(node.id)
                open_trees.append(defined[node.id][1])
    return [name for name in defined if name in names]


def code_of(expression, defined):
    """Return the code that builds a network and nothing else."""
    tree = ast.parse(expression, mode="eval")
    parts = [defined[name][0] for name in needed(tree, defined)]
    alone = isinstance(tree.body, ast.Name)
    return "\n\n".join([*parts, *([] if alone else [f"net = {expression}"])]) + "\n"


def size_of(name, defined):
    """Return the size that a name of the chapter holds, as a tuple or as the tensor's arguments."""
    _, node = defined[name]
    value = node.value
    parts = value.args if isinstance(value, ast.Call) else value.elts
    return tuple(ast.literal_eval(part) for part in parts)


def add_links(app, doctree):
    """Put the links of a chapter under the cells that define its networks."""
    networks = app.config.lab_networks.get(app.env.docname)
    if not networks or not hasattr(app, "bookproof_pages"):
        return
    page = app.bookproof_pages[app.env.docname]
    defined = definitions(cell.source for cell in page.checked.chapter.cells)
    for expression, size in networks.items():
        name = re.match(r"\w+", expression)[0]
        if name not in defined or size not in defined:
            raise ExtensionError(f"lab_networks: {app.env.docname} has no {name} or no {size}")
        state = fragment(code_of(expression, defined), size_of(size, defined))
        cell = cell_with(doctree, defined[name][0])
        place = cell.parent.index(cell) + 1
        while "bookproof-verified" in cell.parent[place].get("classes", ()):
            place += 1
        cell.parent.insert(place, linked(state, TEXT))


def cell_with(doctree, source):
    """Return the cell whose code holds a source."""
    for cell in doctree.findall(nodes.container):
        blocks = cell.findall(nodes.literal_block) if "cell" in cell.get("classes", ()) else ()
        if any(source in block.astext() for block in blocks):
            return cell
    raise ExtensionError(f"no cell shows {source.splitlines()[0]!r}")


# The examples of the error messages


@functools.cache
def mistakes():
    """Return the networks that do not run."""
    return yaml.safe_load(MISTAKES.read_text("utf-8"))


def pattern(message):
    """Return a message without its numbers."""
    return re.sub(r"\d+(, \d+)*", "#", " ".join(message.split()))


def lab_example(message):
    """Return the shortest state of the lab that shows a message, with other numbers, or None."""
    found = [one for one in mistakes() if pattern(message) in pattern(one["message"])]
    if not found:
        return None
    return urlencode({"mistake": min(found, key=lambda one: len(one["code"]))["id"]})


def show_example(app, message):
    """Return the link below an error message in the index of them, None where there is none."""
    example = lab_example(message)
    return linked(example, "在形状实验室里改好它") if example else None


def write_mistakes(app, exception):
    """Write the examples once, for the lab to read when it is opened."""
    if exception or app.builder.name != "html" or LAB not in app.env.all_docs:
        return
    kept = {one["id"]: {key: one[key] for key in ("name", "code", "input")} for one in mistakes()}
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    path = Path(app.outdir, "_static", "lab", "network", "mistakes.js")
    path.write_text(f'"use strict";\n\nconst NetworkMistakes = {text};\n', "utf-8")


class FillLabLinks(SphinxPostTransform):
    """Make references of the links, on the site; elsewhere, and without a lab, nothing."""

    default_priority = 5

    def run(self, **kwargs):
        """Replace each placeholder."""
        on_site = self.app.builder.name == "html" and LAB in self.env.all_docs
        for link in list(self.document.findall(lab_link)):
            if not on_site:
                link.parent.parent.remove(link.parent)
                continue
            page = self.app.builder.get_relative_uri(self.env.docname, LAB)
            uri = f"{page}#{link['fragment']}"
            link.replace_self(nodes.reference("", link.astext(), refuri=uri, internal=True))


def setup(app):
    """Register the node, the configuration and the handlers."""
    app.setup_extension("notesite")
    app.connect("error-index-entry", show_example)
    app.add_node(lab_link)
    app.add_config_value("lab_networks", {}, "env", dict)
    app.add_post_transform(FillLabLinks)
    app.connect("doctree-read", add_links)
    app.connect("build-finished", write_mistakes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
