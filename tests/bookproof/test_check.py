"""The pipeline as a whole, with real kernels."""

GOOD = "```{code-cell}\nprint('ok')\n```\n```{expect}\nok\n```\n"


def test_prints_results_and_displays_are_one_text(book):
    book.chapter(
        "a.md",
        """\
        ```{code-cell}
        from IPython.display import display
        print("one")
        display(2)
        "three"
        ```
        ```{expect}
        one
        2
        'three'
        ```
        """,
    )
    assert book.verdicts() == [("a.md", 12, "verified")]


def without_policy(verdicts):
    """Leave out that a chapter has no check at all, where a test is about something else."""
    return [verdict for verdict in verdicts if verdict[2] != "chapter without a check"]


def test_every_kind_of_failure_is_told_apart_and_every_chapter_reported(book):
    book.write("_config.yml", "title: small\nexecute:\n  timeout: 2\n")
    book.chapter("good.md", GOOD)
    book.chapter("mismatch.md", GOOD.replace("ok\n```\n", "no\n```\n", 2))
    book.chapter("missing.md", "```{code-cell}\n1\n```\n")
    book.chapter("raises.md", "```{code-cell}\nx = 1\n1 / 0\n```\n\n" + GOOD)
    book.chapter("endless.md", "```{code-cell}\nwhile True: pass\n```\n")
    book.chapter("dies.md", "```{code-cell}\nimport os; os._exit(1)\n```\n")
    book.chapter("alone.md", "```{expect}\n1\n```\n\n" + GOOD)
    book.chapter("malformed.md", GOOD.replace("{expect}", "{expect} exakt"))
    book.chapter("stderr.md", "```{code-cell}\nimport sys; print('x', file=sys.stderr)\n```\n")
    book.chapter("needless.md", "```{code-cell}\npass\n```\n```{unverified} why\n```\n")
    book.chapter("kernel.md", GOOD)
    path = book.root / "kernel.md"
    path.write_text(path.read_text().replace("python3", "nokernel"))
    (book.root / "bytes.md").write_bytes(b"---\nfile_format: mystnb\n---\n\xff")
    report = book.check()
    assert not report.green
    assert without_policy(sorted((c.name, v.line, str(v.kind)) for c, v in report)) == [
        ("alone.md", 6, "malformed block"),
        ("alone.md", 13, "verified"),
        ("bytes.md", 4, "chapter unreadable"),
        ("dies.md", 6, "kernel died"),
        ("endless.md", 6, "cell never ended"),
        ("good.md", 9, "verified"),
        ("kernel.md", 1, "kernel not started"),
        ("kernel.md", 6, "cell not run"),
        ("malformed.md", 9, "malformed block"),
        ("mismatch.md", 9, "mismatch"),
        ("missing.md", 6, "missing expectation"),
        ("needless.md", 9, "malformed block"),
        ("raises.md", 8, "cell failed"),
        ("raises.md", 11, "cell not run"),
        ("stderr.md", 6, "unexpected stderr"),
    ]
    text = report.failures()
    for name in {c.name for c, v in report if v.kind.failed}:
        assert f"{name}:" in text
    assert "good.md" not in text
    assert "ZeroDivisionError: division by zero" in text
    assert "did not end within 2 s" in text


def test_a_failure_is_found_again_at_every_check(book):
    path = book.chapter("a.md", GOOD.replace("```{expect}\nok", "```{expect}\nno"))
    assert [book.ran()[0].green for _ in range(2)] == [False, False]
    path.write_text(path.read_text().replace("\nno\n", "\nok\n"))
    report, names = book.ran()
    assert report.green
    assert names == []  # mending an expectation re-runs nothing


def test_a_failed_run_is_not_kept(book):
    book.chapter("a.md", "```{code-cell}\n1 / 0\n```\n")
    assert book.ran()[1] == ["a.md"]
    assert book.ran()[1] == ["a.md"]


def test_a_run_leaves_no_trace_in_the_session(book):
    book.chapter(
        "a.md",
        """\
        ```{code-cell}
        names = {name for name in dir() if not name.startswith("_")}
        sorted(names - {"In", "Out", "exit", "get_ipython", "open", "quit"}), len(In)
        ```
        ```{expect}
        ([], 2)
        ```
        """,
    )
    assert book.verdicts() == [("a.md", 10, "verified")]


def test_glue_without_display_is_no_output(book):
    book.chapter(
        "a.md", "```{code-cell}\nfrom myst_nb import glue\nglue('x', 1, display=False)\n```\n"
    )
    assert book.verdicts() == []


def test_a_picture_wants_a_reason(book):
    draw = """\
        ```{code-cell}
        from IPython.display import SVG
        SVG("<svg xmlns='http://www.w3.org/2000/svg'/>")
        ```
        """
    path = book.chapter("a.md", draw)
    assert without_policy(book.verdicts()) == [("a.md", 6, "missing expectation")]
    path.write_text(path.read_text() + "```{unverified} drawn by hand\n```\n")
    assert without_policy(book.verdicts()) == [("a.md", 10, "unverified")]


def test_nothing_can_be_expected_of_a_picture_without_description(book):
    draw = "```{code-cell}\nfrom IPython.display import SVG\nSVG('<svg/>')\n```\n"
    book.chapter("a.md", draw + "```{expect} figure\npicture image/svg+xml\n```\n")
    assert book.verdicts() == [
        ("a.md", 6, "missing expectation"),
        ("a.md", 10, "figure not drawn"),
    ]


def test_raises_exception_needs_a_verdict(book):
    raising = "```{code-cell}\n:tags: [raises-exception]\n1 / 0\n```\n"
    path = book.chapter("a.md", raising)
    assert without_policy(book.verdicts()) == [("a.md", 6, "missing expectation")]
    path.write_text(path.read_text() + "```{unverified} shown in the text\n```\n")
    assert without_policy(book.verdicts()) == [("a.md", 10, "unverified")]
