"""The built book is fit to be published, and it is known whose files are in it."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bookproof.telling import seal

ROOT = Path(__file__).parents[2]


def test_the_site_is_fit_to_be_published(site):
    assert seal.troubles(site) == []


def licences(site):
    command = [sys.executable, ROOT / ".ci" / "licences.py", site]
    return subprocess.run(command, capture_output=True, text=True)


def test_every_file_has_an_owner_and_every_owner_a_licence(site):
    done = licences(site)
    assert (done.returncode, done.stderr) == (0, "")
    owners = done.stdout.split("=" * 72)[1:]
    names = [owner.split()[0] for owner in owners]
    assert {"furo", "Sphinx", "myst-nb", "Pygments", "pylopdf-fonts-zh-cn"} <= set(names)
    assert not [owner for owner in owners if "见下文" in owner]
    assert all(len(owner) > 1000 for owner in owners)  # the text of the licence


def test_a_file_of_unknown_origin_is_told(tmp_path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "found.js").write_text("stray()")
    done = licences(tmp_path)
    assert done.returncode == 1
    assert done.stderr == "nobody is known to have made _static/found.js\n"


@pytest.fixture
def host():
    """Serve pages that answer with the status that they are called."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(int(self.path[1:4]))
            self.end_headers()

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


def test_broken_links_are_told_with_their_pages(tmp_path, host):
    def check(*links):
        body = "".join(f'<a class="x" href="{link}">x</a>' for link in links)
        for name in ("a", "b"):
            (tmp_path / f"{name}.html").write_text(f'<a href="c.html">c</a>{body}')
        command = [sys.executable, ROOT / ".ci" / "links.py", tmp_path]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()

    good = [f"{host}/200", f"{host}/200?a=1&amp;b=2#part", f"{host}/403"]
    unclear = f"unclear: {host}/403: 403, on a.html, b.html"
    assert check(*good) == (0, [unclear, "3 links, 0 broken, 1 unclear"])
    nowhere = "http://127.0.0.1:9/"
    status, lines = check(*good, f"{host}/404", nowhere)
    assert status == 1
    assert lines.pop() == "5 links, 2 broken, 1 unclear"
    assert set(lines) == {
        f"broken: {nowhere}: ConnectionError, on a.html, b.html",
        f"broken: {host}/404: 404, on a.html, b.html",
        unclear,
    }
