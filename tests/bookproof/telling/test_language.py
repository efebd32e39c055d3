"""In which language bookproof speaks; gettext itself is the standard."""

import gettext
import itertools
import subprocess
import sys

import pytest

from bookproof.arguments import Parser
from bookproof.telling import language

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
VALUES = ("", "zh_CN.UTF-8", "zh", "en_US.UTF-8", "de_DE", "zh_TW:en", "de:zh_CN:en", "en:zh", "C")


@pytest.fixture
def catalogues(tmp_path):
    """Make catalogues of gettext, which are empty."""
    for name in language.LANGUAGES:
        (tmp_path / name / "LC_MESSAGES").mkdir(parents=True)
        (tmp_path / name / "LC_MESSAGES" / "any.mo").touch()
    return tmp_path


def test_the_locale_is_read_as_gettext_reads_it(catalogues, monkeypatch):
    seen = set()
    for values in itertools.product(VALUES, repeat=2):
        for names in itertools.combinations(VARIABLES, 2):
            if values[1] == "C" and names[0] == "LANGUAGE" and names[1] != "LANG":
                continue  # GNU's gettext speaks English then, as every shell script expects
            if any(":" in value for value in values[names[0] == "LANGUAGE" :]):
                continue  # only LANGUAGE is a list
            variables = dict(zip(names, values, strict=True))
            if variables.get("LANG") == "C":
                continue
            for name in VARIABLES:
                monkeypatch.setenv(name, variables.get(name, ""))
            found = gettext.find("any", str(catalogues))
            wanted = "zh" if found and "/zh/" in found else "en"
            assert language.from_environment(variables) == wanted, variables
            seen.add(wanted)
    assert seen == {"zh", "en"}


@pytest.mark.parametrize("plain", ["C", "POSIX"])
def test_where_the_locale_is_plain_it_is_english_whatever_else_is_set(plain):
    assert language.from_environment({"LC_ALL": plain, "LANGUAGE": "zh_CN"}) == "en"
    assert language.from_environment({"LANG": plain, "LANGUAGE": "zh_CN"}) == "en"
    assert language.from_environment({"LANG": "C.UTF-8", "LANGUAGE": "zh_CN"}) == "zh"
    assert language.from_environment({}) == "en"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["check", "--language", "zh"], "zh"),
        (["--language=en", "check"], "en"),
        (["--language", "en", "check", "--language", "zh"], "zh"),
        (["check", "--language"], None),
        (["check", "--language", "fr"], None),
        (["serve", "--", "build", "--language", "zh"], None),
        ([], None),
    ],
)
def test_what_a_command_line_asks_for(words, wanted):
    assert language.asked(words) == wanted


def test_what_is_chosen_counts_for_more(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert (language.current(), language.current("en")) == ("zh", "en")
    language.choose("en")
    try:
        assert (language.current(), language.current("zh-CN")) == ("en", "en")
        assert language.words() is str
    finally:
        language.choose(None)
    assert language.words()("mismatch") == "不符"


def test_several_messages_and_what_stands_between_them():
    text = "a.md:1: mismatch\n    mismatch\n\nnothing to do with us\nmismatch"
    words = language.words_for("zh-hans")
    wanted = "a.md:1: 不符\n    mismatch\n\nnothing to do with us\n不符"
    assert language.each(text, words) == wanted
    assert language.each(text, str) == text


def test_help_in_chinese_keeps_to_the_width(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    parser = Parser("any", description="一句话，" * 30)
    parser.add_argument("--option", help="很长的说明 with words " * 9)
    lines = parser.format_help().splitlines()
    wide = [sum(1 + (ord(one) > 0x2E80) for one in line) for line in lines]
    assert len(lines) > 12
    assert max(wide) <= 60
    assert sorted(wide)[-5] > 40
    joined = "".join(line.strip() for line in lines).replace(" ", "")
    assert "一句话，" * 30 in joined
    assert "很长的说明withwords" * 9 in joined


@pytest.mark.parametrize("locale", ["zh_CN.UTF-8", "C.UTF-8"])
def test_only_chinese_reads_the_catalogue(locale):
    code = (
        "import sys\nfrom bookproof.cli import main\ntry: main(['check', '--help'])\n"
        "except SystemExit: print('bookproof.telling.catalogue' in sys.modules)\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env={"LC_ALL": locale}, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith(f"{locale.startswith('zh')}\n")
    assert ("运行各章" in done.stdout) == locale.startswith("zh")
