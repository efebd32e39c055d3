"""A tiny reader of scripts whose cells begin with `# %%`: one for `nb_custom_formats`."""

import re

import nbformat.v4 as v4


def read(text, kernel="python3"):
    """Read a script into a notebook; `# %% [markdown]` begins a cell of commented Markdown."""
    cells = []
    for cell in re.split(r"^# %%", text, flags=re.MULTILINE)[1:]:
        head, _, source = cell.partition("\n")
        if "[markdown]" in head:
            lines = [line.removeprefix("#").removeprefix(" ") for line in source.split("\n")]
            cells.append(v4.new_markdown_cell("\n".join(lines).strip()))
        else:
            tags = re.findall(r"\w[\w-]+", head)
            cells.append(v4.new_code_cell(source.strip(), metadata={"tags": tags} if tags else {}))
    spec = {"name": kernel, "display_name": kernel}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": spec})


def setup(app):
    """Let jupyter-book, which takes a folder of readers for one of extensions, have it so."""
    return {"parallel_read_safe": True}
