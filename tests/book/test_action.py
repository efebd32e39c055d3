"""The action that checks a book: its steps are run as GitHub runs them; a `gh` records."""

import json
import os
import re
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "code" / "bookproof"
ACTION = yaml.safe_load((PROJECT / "action.yml").read_text("utf-8"))
STEPS = ACTION["runs"]["steps"]
CHAPTER = """\
---
file_format: mystnb
kernelspec:
  name: python3
---

# One

```{{code-cell}} python
print("mean", {value})
```
```{{expect}}
mean {said}
```
"""
GH = """\
#!{python}
import json, os, subprocess, sys
words, home = sys.argv[1:], os.environ["HOME_OF_GH"]
assert os.environ["GH_TOKEN"] == "the token"
method = words[words.index("--method") + 1] if "--method" in words else "GET"
if method == "GET":
    listed = open(home + "/comments.json").read()
    jq = ["jq", "--raw-output", words[words.index("--jq") + 1]]
    sys.exit(subprocess.run(jq, input=listed, text=True).returncode)
if os.path.exists(home + "/readonly"):
    sys.exit("gh: Resource not accessible by integration (HTTP 403)")
[field] = [word for word in words if word.startswith("body=@")]
[path] = [word for word in words if word.startswith("repos/")]
with open(home + "/said.jsonl", "a") as file:
    file.write(json.dumps([method, path, open(field[6:]).read()]) + "\\n")
"""


def git(*words, cwd):
    return subprocess.check_output(["git", *words], cwd=cwd, text=True).strip()


class Runner:
    """A repository with a book, and what GitHub gives the action in a run."""

    def __init__(self, folder, tools):
        self.folder, self.tools = folder, tools
        self.origin, self.workspace = folder / "origin", folder / "workspace"
        self.home, self.temp = folder / "gh", folder / "temp"
        for path in (self.origin, self.home, self.temp):
            path.mkdir()
        self.comments([])
        git("init", "--quiet", "--initial-branch", "main", cwd=self.origin)

    def comments(self, listed):
        (self.home / "comments.json").write_text(json.dumps(listed))

    def commit(self, value, said, name="docs/one.md"):
        path = self.origin / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(CHAPTER.format(value=value, said=said))
        git("add", ".", cwd=self.origin)
        self.git("commit", "--quiet", "--message", "Change")

    def git(self, *words):
        git("-c", "user.name=a", "-c", "user.email=a@example.org", *words, cwd=self.origin)

    def check_out(self, depth):
        """Check out as actions/checkout does it."""
        source = f"file://{self.origin}"
        git("clone", "--quiet", "--depth", str(depth), source, str(self.workspace), cwd=self.folder)

    def pull(self, value, said, depth=2):
        """Check out the merge of a pull request with its base."""
        git("checkout", "--quiet", "-b", "change", cwd=self.origin)
        self.commit(value, said)
        git("checkout", "--quiet", "main", cwd=self.origin)
        self.git("merge", "--quiet", "--no-ff", "--message", "Merge", "change")
        self.check_out(depth)

    def run(self, event="pull_request", path="docs"):
        """Run the action; return whether it passed, and what it printed."""
        known = {
            "github.event.pull_request.head.sha": "abc123",
            "github.event.pull_request.number": "7",
            "inputs.path": path,
            "inputs.token": "the token",
        }
        given = {
            "GITHUB_REPOSITORY": "alice/book",
            "GITHUB_SHA": git("rev-parse", "HEAD", cwd=self.workspace),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "HOME_OF_GH": str(self.home),
            "RUNNER_TEMP": str(self.temp),
        }
        passed, outcomes, printed = True, {}, ""
        for step in STEPS[1:]:  # the first one is run by `tools`
            if not self.wanted(step.get("if"), passed, outcomes, event):
                continue
            done = run(step, self.tools, self.workspace, known, given)
            printed += done.stdout
            passed = passed and done.returncode == 0
            outcomes[step.get("id")] = "success" if done.returncode == 0 else "failure"
        return passed, printed

    @staticmethod
    def wanted(condition, passed, outcomes, event):
        if condition is None:
            return passed
        ours = (
            "${{ !cancelled() && steps.check.outcome != 'skipped' "
            "&& github.event_name == 'pull_request' }}"
        )
        assert condition == ours
        return "check" in outcomes and event == "pull_request"

    @property
    def summary(self):
        path = self.folder / "summary.md"
        return path.read_text("utf-8") if path.exists() else ""

    @property
    def said(self):
        path = self.home / "said.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def run(step, tools, folder, known, given):
    """Run a step as GitHub runs it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GIT", "CI"))}
    environment |= given | {
        "PATH": f"{tools / 'venv' / 'bin'}:{os.environ['PATH']}",
        "PIP_NO_BUILD_ISOLATION": "0",  # sic: pip reads it so that this turns it off
        "PIP_NO_INDEX": "1",
    }
    environment |= {name: filled(value, known) for name, value in step.get("env", {}).items()}
    script = tools / "step.sh"
    script.write_text(step["run"])
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def filled(text, known):
    return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: known[found[1]], str(text))


@pytest.fixture(scope="module")
def tools(tmp_path_factory):
    """Make an environment with what bookproof needs, and a `gh`; install what the action has.

    The action stands elsewhere than the repository that uses it.
    """
    folder = tmp_path_factory.mktemp("tools")
    ignored = shutil.ignore_patterns("_build", "build", "*.egg-info", "__pycache__")
    shutil.copytree(PROJECT, folder / "action", ignore=ignored)
    venv.create(folder / "venv")  # what installs into it comes from below, too
    [packages] = (folder / "venv" / "lib").glob("python*/site-packages")
    needed = site.getsitepackages()[0]
    (packages / "needed.pth").write_text(needed + "\n")
    gh = folder / "venv" / "bin" / "gh"
    gh.write_text(GH.format(python=sys.executable))
    gh.chmod(0o755)
    done = run(STEPS[0], folder, folder, {"github.action_path": str(folder / "action")}, {})
    assert done.returncode == 0, done.stdout
    return folder


@pytest.fixture
def runner(tools, tmp_path):
    made = Runner(tmp_path, tools)
    made.commit("0.93", "0.93")
    return made


needs_jq = pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed")
ROW = "| one.md:12 | verified | `mean 0.93` | `mean 0.95` |"


def test_a_right_book_passes_and_nothing_is_said_of_a_push(runner):
    runner.check_out(1)
    passed, printed = runner.run(event="push")
    assert passed, printed
    assert "bookproof: 1 output verified in 1 chapter\n" in printed
    assert "::" not in printed
    assert (runner.summary, runner.said) == ("", [])


def test_bookproof_is_that_of_the_action(tools):
    shown = [tools / "venv" / "bin" / "python", "-m", "pip", "show", "--files", "bookproof"]
    place = subprocess.check_output(shown, text=True)
    assert f"Location: {tools / 'venv'}" in place


def test_a_wrong_output_fails_and_is_marked(runner):
    runner.commit("0.95", "0.93")
    runner.check_out(1)
    passed, printed = runner.run(event="push")
    assert not passed
    place = r"^::error file=docs/one\.md,line=13,col=9,title=mismatch::"
    assert re.search(place, printed, re.MULTILINE), printed


@needs_jq
def test_what_a_pull_request_changes_is_commented_once(runner):
    runner.pull("0.95", "0.95")
    passed, printed = runner.run()
    assert passed, printed
    [[method, path, body]] = runner.said
    assert (method, path) == ("POST", "repos/alice/book/issues/7/comments")
    first, *lines = body.splitlines()
    assert first == "<!-- bookproof docs -->"
    assert "at abc123:" in lines[0]
    assert ROW in lines
    assert ROW in runner.summary.splitlines()
    assert git("worktree", "list", cwd=runner.workspace).count("\n") == 0
    others = [
        {"id": 1, "user": {"type": "User"}, "body": body},
        {"id": 2, "user": {"type": "Bot"}, "body": "<!-- bookproof notes -->"},
        {"id": 3, "user": {"type": "Bot"}, "body": body},
    ]
    runner.comments(others)
    assert runner.run()[0]
    assert runner.said[1][:2] == ["PATCH", "repos/alice/book/issues/comments/3"]


@needs_jq
def test_a_red_pull_request_is_commented_too(runner):
    runner.pull("0.95", "0.93")
    passed, printed = runner.run()
    assert not passed
    assert "::error file=docs/one.md,line=13," in printed
    [[_, _, body]] = runner.said
    assert "| one.md:12 | verified → mismatch | `mean 0.93` | `mean 0.95` |" in body


@needs_jq
def test_where_nothing_changes_an_old_comment_says_so_and_no_new_one_is_made(runner):
    runner.pull("0.930", "0.93")
    assert runner.run()[0]
    assert runner.said == []
    mine = {"id": 5, "user": {"type": "Bot"}, "body": "<!-- bookproof docs -->\nold"}
    runner.comments([mine])
    assert runner.run()[0]
    [[method, _, body]] = runner.said
    assert method == "PATCH"
    assert "No output changed." in body


@needs_jq
def test_where_nothing_may_be_written_the_summary_has_the_list(runner):
    runner.pull("0.95", "0.95")
    (runner.home / "readonly").touch()
    passed, printed = runner.run()
    assert passed, printed
    assert "::notice title=bookproof::The comment cannot be written" in printed
    assert ROW in runner.summary


def test_without_the_base_nothing_is_compared_and_it_says_why(runner):
    runner.pull("0.95", "0.95", depth=1)
    passed, printed = runner.run()
    assert passed, printed
    assert "give it fetch-depth: 2" in printed
    assert (runner.summary, runner.said) == ("", [])


def test_a_base_without_a_book_is_told(runner):
    git("mv", "docs", "old", cwd=runner.origin)
    runner.git("commit", "--quiet", "--message", "Move")
    runner.pull("0.95", "0.95")
    passed, printed = runner.run()
    assert passed, printed
    assert re.search("::notice .*no book in the base .* is not there", printed), printed
    assert runner.said == []


def test_nothing_of_the_run_is_written_into_a_script(runner):
    assert len(STEPS) == 4
    for step in STEPS:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
    tokens = [step["name"] for step in STEPS if "GH_TOKEN" in step.get("env", {})]
    assert tokens == [STEPS[-1]["name"]]
    assert "bookproof check" not in STEPS[-1]["run"]
