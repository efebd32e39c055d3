"""What bookproof relies on inside other packages: when one of these fails, an upgrade broke it."""

import asyncio
import inspect
import json

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader, read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from bookproof import sphinx_ext
from bookproof.reading.scan import scan
from bookproof.running import warm
from bookproof.running.inside import describe, figures


def test_mystnb_chooses_the_reader_whose_key_ends_the_path():
    mine = {"/book/a.md": ("json.dumps", {"indent": 1}, False)}
    config = NbParserConfig().copy(custom_formats=mine, execution_mode="off")
    head = "---\nfile_format: mystnb\n---\n"

    def read(path):
        return create_nb_reader(path, MdParserConfig(), config, head).read(head)

    assert read("/book/a.md") == json.dumps(head), "MyST-NB no longer asks custom_formats first"
    assert read("/book/b.md") != json.dumps(head), "MyST-NB takes a custom format for any path"


def test_the_reader_can_be_imported_by_its_name():
    from sphinx.util import import_object  # as MyST-NB does

    name = f"{sphinx_ext.__name__}.{sphinx_ext.read_checked.__name__}"
    assert import_object(name) is sphinx_ext.read_checked, "the reader's name does not lead to it"


CELLS = """
```{code-cell}
1
```

+++ {"x": 1}

```{code-cell} python
:tags: [hide-input, remove-output]

2

```

- nested

  ```{code-cell}
  never
  ```

~~~{code-cell}python
---
mystnb:
  image: {alt: "---"}
---

3
~~~

````{code-cell}
```
4
````

```{raw-cell}
raw
```

```{code-cell}
```
"""


def test_the_cells_of_mystnb_are_ours(book):
    path = book.chapter("a.md", CELLS)
    theirs = [
        (cell.source, set(cell.metadata.get("tags", ())))
        for cell in read_myst_markdown_notebook(path.read_text()).cells
        if cell.cell_type == "code"
    ]
    chapter = scan(book.root, "a.md")
    ours = [(cell.source, set(cell.tags)) for cell in chapter.cells]
    assert ours == theirs, "MyST-NB sees other cells than bookproof"
    assert len(ours) == 5
    assert [p.message for p in chapter.problems] == ["a code cell inside another block never runs"]
    lines = path.read_text().split("\n")
    for cell in chapter.cells[:4]:
        first = cell.source.split("\n")[0]
        assert lines[cell.source_line - 1] == first, "MyST-NB cuts options off in another way"


def test_nbclient_and_jupyter_client_offer_what_is_not_public():
    manager = AsyncKernelManager(transport="ipc", connection_file="/tmp/none.json")
    client = NotebookClient(new_notebook(), km=manager, timeout=7)
    assert client._get_timeout(new_code_cell()) == 7, "nbclient's timeout of a cell is elsewhere"
    kernel_client = manager.client()
    parameters = inspect.signature(kernel_client._async_execute_interactive).parameters
    wanted = {"silent", "store_history", "user_expressions", "allow_stdin", "timeout"}
    assert wanted | {"output_hook"} <= set(parameters), "execute_interactive takes other arguments"
    assert manager.has_kernel is False, "a manager that started nothing has a kernel"
    assert client.kc is None, "a client that started nothing has channels"


@pytest.mark.parametrize(
    ("status", "code"), [(None, "import time; time.sleep(60)"), (3, "import sys; sys.exit(3)")]
)
def test_the_provisioner_tells_how_a_process_ended(status, code, tmp_path, monkeypatch):
    spec = f'{{"argv": ["python3", "-c", "{code}"], "display_name": "x", "language": "x"}}'
    (tmp_path / "kernels" / "x").mkdir(parents=True)
    (tmp_path / "kernels" / "x" / "kernel.json").write_text(spec)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    async def poll():
        manager = AsyncKernelManager(kernel_name="x", connection_file=str(tmp_path / "x.json"))
        await manager.start_kernel()
        if status is not None:
            manager.provisioner.process.wait(30)
        found = await manager.provisioner.poll()
        await manager.provisioner.kill()
        await manager.shutdown_kernel(now=True)
        return found

    assert asyncio.run(poll()) == status, "the provisioner no longer tells the exit status"


def test_jupyter_finds_the_provisioner_and_looks_where_we_name_it():
    spec = KernelSpec(argv=["python", "-m", "ipykernel_launcher"])
    warm.use("a nursery", spec)
    made = KernelProvisionerFactory.instance().create_provisioner_instance("id", spec, None)
    assert type(made) is warm.WarmProvisioner, "Jupyter no longer reads a spec's stanza"
    assert made.nursery == "a nursery", "Jupyter no longer hands over the stanza's config"


def test_ipython_asks_one_method_for_all_that_it_shows(monkeypatch):
    from IPython.core.formatters import DisplayFormatter
    from IPython.core.interactiveshell import InteractiveShell
    from matplotlib.figure import Figure

    monkeypatch.setattr(DisplayFormatter, "format", DisplayFormatter.format)
    shell = InteractiveShell.instance()
    try:
        figures.describe_figures()
        shell.display_formatter.formatters["image/png"].for_type(Figure, lambda figure: b"png")
        data, _ = shell.display_formatter.format(Figure())
        assert data[describe.MIME]["empty"] is True, "IPython formats in another way"
        assert describe.MIME not in shell.display_formatter.format(3)[0]
    finally:
        InteractiveShell.clear_instance()


def test_ipykernel_reads_descriptors_and_names_cells_as_we_know_it():
    from ipykernel import compiler, iostream

    assert isinstance(iostream.OutStream.parent_header, property)
    write = inspect.getsource(iostream.OutStream.write).partition('"""\n        ')[2]
    assert "self.parent_header" in write.partition("\n")[0], "a stream writes in another way"
    assert "StringIO)" in inspect.getsource(iostream.OutStream._rotate_buffers)
    assert "_rotate_buffers" in inspect.getsource(iostream.OutStream._flush_buffers)
    assert "self.write(" in inspect.getsource(iostream.OutStream._watch_pipe_fd)
    assert "get_tmp_directory()" in inspect.getsource(compiler.get_file_name)
