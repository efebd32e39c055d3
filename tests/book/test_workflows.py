"""What runs on GitHub is thin, holds no more rights than it needs, and runs what a person can."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
# What each job may do besides nothing. Only what builds nothing may write.
RIGHTS = {
    ("book", "test"): {"contents": "read"},
    ("book", "changes"): {"contents": "read"},
    ("book", "attest"): {"attestations": "write", "id-token": "write"},
    ("book", "gate"): {"attestations": "read", "contents": "read"},
    ("book", "deploy"): {"id-token": "write", "pages": "write"},
    ("book", "notebooks"): {"contents": "write"},
    ("release", "build"): {"contents": "read"},
    ("release", "test"): {"contents": "read"},
    ("release", "attest"): {"attestations": "write", "id-token": "write"},
    ("release", "publish"): {"id-token": "write"},
    ("release", "notes"): {"contents": "write"},
    ("weekly", "drift"): {"contents": "read"},
    ("weekly", "issue"): {"issues": "write"},
    ("weekly", "links"): {"contents": "read"},
    ("weekly", "audit"): {"contents": "read"},
    ("weekly", "plain"): {"contents": "read"},
}
BUILDS = {"book", "test", "changes", "drift", "links", "audit", "seal", "release"}


def workflows():
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in FILES}


def jobs():
    found = [(n, name, job) for n, w in workflows().items() for name, job in w["jobs"].items()]
    assert len(found) == len(RIGHTS)
    return found


def steps():
    found = [(n, name, step) for n, name, job in jobs() for step in job["steps"]]
    assert len(found) >= 30
    return found


def targets(command):
    return re.findall(r"\bmake ((?:[a-z][a-z-]* ?)+)", command)


def test_every_job_has_just_its_rights():
    assert [workflow["permissions"] for workflow in workflows().values()] == [{}, {}, {}]
    assert {(n, name): job["permissions"] for n, name, job in jobs()} == RIGHTS


def test_what_may_write_builds_nothing():
    writers = {key for key, rights in RIGHTS.items() if "write" in rights.values()}
    assert len(writers) == 7
    for workflow, name, step in steps():
        if (workflow, name) in writers:
            assert not BUILDS.intersection(" ".join(targets(step.get("run", ""))).split())
            assert not re.search(r"\bpip\b|\bpython\b", step.get("run", ""))


def test_every_job_ends_and_no_workflow_runs_beside_itself():
    assert all(0 < job["timeout-minutes"] <= 45 for _, _, job in jobs())
    assert all(workflow["concurrency"]["group"] for workflow in workflows().values())


def test_a_pull_request_reaches_no_secret():
    text = "".join(path.read_text("utf-8") for path in FILES)
    assert "secrets." not in text
    assert "pull_request_target" not in text
    reached = {"test", "changes"}
    for name, job in workflows()["book"]["jobs"].items():
        if name in reached:
            assert set(job["permissions"].values()) == {"read"}
            assert "token" not in yaml.safe_dump(job)
        elif name == "attest":
            assert job["if"] == "github.event_name == 'push'"
        else:  # waits for one that runs on a push only
            assert job["needs"] in ("attest", "gate")


def test_actions_are_pinned_and_leave_no_token_behind():
    lines = [line for path in FILES for line in path.read_text("utf-8").splitlines()]
    uses = [line for line in lines if re.search(r"^\s*(- )?uses:", line)]
    assert len(uses) >= 15
    for line in uses:
        assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line
    assert len(dict(re.findall(r"uses: (\S+)@(\S+)", "\n".join(uses)))) == len(
        set(re.findall(r"uses: (\S+@\S+)", "\n".join(uses)))
    )  # one release of each
    checkouts = [s for _, _, s in steps() if s.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) >= 6
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_every_command_is_a_line_and_every_target_exists():
    commands = [step["run"] for _, _, step in steps() if "run" in step]
    assert len(commands) >= 15
    assert not [command for command in commands if "\n" in command]
    assert not [command for command in commands if "${{" in command]  # nothing to inject into
    known = set(re.findall(r"^([a-z][a-z-]*)(?= |:)[^=\n]*:", makefile(), re.MULTILINE))
    known |= {"lock", "upgrade"}
    named = {target for command in commands for target in " ".join(targets(command)).split()}
    assert {"book", "test", "seal", "changes", "drift", "links", "audit"} <= named
    assert named <= known


def makefile():
    return (ROOT / "Makefile").read_text("utf-8")


def test_every_target_is_phony_and_the_python_of_the_notebooks_is_the_sites():
    [phony] = re.findall(r"^\.PHONY: ((?:.*\\\n)*.*)", makefile(), re.MULTILINE)
    explained = re.findall(r'^\t@echo "make ([a-z-]+)', makefile(), re.MULTILINE)
    assert len(explained) >= 14
    assert set(explained) <= set(phony.replace("\\", "").split())
    job = workflows()["book"]["jobs"]["test"]
    [kept] = {step["if"] for step in job["steps"] if "if" in step}
    [python] = re.findall(r"\d+\.\d+", kept)
    assert python == min(job["strategy"]["matrix"]["python"])
    assert f'"python-{python}" > $(BRANCH)/runtime.txt' in makefile()
    for file in ("pyproject.toml", "code/bookproof/pyproject.toml"):
        project = tomllib.loads((ROOT / file).read_text("utf-8"))["project"]
        assert project["requires-python"] == f">={python}"


def test_a_release_is_what_was_tested_and_only_a_tag_makes_one():
    release = workflows()["release"]
    assert release[True] == {"push": {"tags": ["bookproof-v*"]}}  # `on`, to YAML 1.1
    jobs = release["jobs"]
    order = ["build", "test", "attest", "publish", "notes"]
    assert list(jobs) == order
    assert [job.get("needs") for job in jobs.values()] == [None, *order[:-1]]
    assert jobs["publish"]["environment"]["name"] == "pypi"
    for name in order[1:]:  # each takes the files that were built, and builds none
        got = [s for s in jobs[name]["steps"] if s.get("uses", "").startswith("actions/download")]
        assert [step["with"]["name"] for step in got] == ["release"]
    [test] = [step["run"] for step in jobs["test"]["steps"] if "run" in step]
    assert test == 'make "$RELEASES" WHEELS=release/dist'
    releases = {one["releases"] for one in jobs["test"]["strategy"]["matrix"]["include"]}
    assert releases == {"lowest", "newest", "sphinx"}


@pytest.fixture
def project(tmp_path):
    """Return a version with its changelog."""
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\n## [Unreleased]\n\n- later\n\n"
        "## [1.2.0] - 2026-12-01\n\n### Added\n\n- this\n\n"
        "## [1.2.0rc1] - 2026-11-01\n\n- before\n\n## [1.1.0] - 2026-10-01\n"
    )
    return tmp_path


def test_the_notes_of_a_release_are_cut_from_the_changelog(project, capsys):
    assert release().main("bookproof-v1.2.0", project) == 0
    assert capsys.readouterr().out == "### Added\n\n- this\n"


@pytest.mark.parametrize("tag", ["bookproof-v1.2", "v1.2.0", "bookproof-v1.1.0", ""])
def test_a_tag_that_is_not_that_of_the_version_is_refused(project, capsys, tag):
    assert release().main(tag, project) == 1
    assert capsys.readouterr().err == (
        f"release: the tag is {tag!r}, but the version in pyproject.toml is 1.2.0: "
        "tag bookproof-v1.2.0, or change the version first\n"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[1.2.0]", "[1.2.1]", "and has none: rename [Unreleased]"),
        (" - 2026-12-01", "", "and has none"),
        ("### Added\n\n- this\n", "", "and has 1, empty"),
        ("[1.2.0rc1]", "[1.2.0]", "and has 2"),
    ],
)
def test_a_changelog_that_does_not_say_what_is_released_is_refused(project, capsys, old, new, said):
    path = project / "CHANGELOG.md"
    path.write_text(path.read_text().replace(old, new))
    assert release().main("bookproof-v1.2.0", project) == 1
    assert said in capsys.readouterr().err


def release():
    """Return the program that cuts the notes."""
    spec = importlib.util.spec_from_file_location("release", ROOT / ".ci" / "release.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_hook_stops_what_the_book_says_wrongly(tmp_path):
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    # Chapters need their book's packages; a module that is gone changes what they print, too.
    assert (hook["id"], hook["language"]) == ("bookproof", "system")
    assert (hook["always_run"], hook["pass_filenames"]) == (True, False)
    program, *words = hook["entry"].split()
    path = tmp_path / "docs" / "one.md"
    path.parent.mkdir()
    for said, status in (("2", 0), ("3", 1)):
        path.write_text(
            "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"
            f"```{{code-cell}}\n1 + 1\n```\n```{{expect}}\n{said}\n```\n"
        )
        command = [Path(sys.executable).with_name(program), *words, "--root", "docs"]
        assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == status


def git(*words, cwd):
    return subprocess.check_output(["git", *words], cwd=cwd, text=True).strip()


@pytest.fixture
def remote(tmp_path):
    git("init", "--quiet", "--bare", "remote.git", cwd=tmp_path)
    return tmp_path / "remote.git"


def publish(site, remote):
    command = ["make", "--silent", "notebooks-branch", f"SITE={site}", f"REMOTE={remote}"]
    branch = f"BRANCH={site.parent / 'branch'}"
    subprocess.run([*command, branch], cwd=ROOT, check=True, capture_output=True, text=True)


def test_the_branch_of_the_notebooks_is_one_commit_of_what_the_site_shows(tmp_path, remote):
    notes = tmp_path / "site" / "book" / "notes"
    notes.mkdir(parents=True)
    (notes / "a.html").write_text("no notebook")
    for name in ("a", "gone"):
        (notes / f"{name}.ipynb").write_text("{}")
    publish(tmp_path / "site", remote)
    (notes / "gone.ipynb").unlink()
    (notes / "a.ipynb").write_text('{"cells": []}')
    publish(tmp_path / "site", remote)
    assert git("ls-tree", "-r", "--name-only", "notebooks", cwd=remote).splitlines() == [
        "book/notes/a.ipynb",
        "requirements.txt",
        "runtime.txt",
    ]
    assert git("show", "notebooks:book/notes/a.ipynb", cwd=remote) == '{"cells": []}'
    assert git("rev-list", "--count", "notebooks", cwd=remote) == "1"
    head = git("rev-parse", "HEAD", cwd=ROOT)
    assert git("log", "-1", "--format=%s", "notebooks", cwd=remote) == f"Notebooks of {head}"
    wanted = git("show", "notebooks:requirements.txt", cwd=remote).partition("\n")[2]
    assert wanted == (ROOT / "requirements.txt").read_text("utf-8").strip()


def test_a_site_without_notebooks_leaves_the_branch_alone(tmp_path, remote):
    (tmp_path / "site").mkdir()
    with pytest.raises(subprocess.CalledProcessError):
        publish(tmp_path / "site", remote)
    assert git("branch", "--list", cwd=remote) == ""
