"""What authors write in their editors becomes MyST, and what does not is told."""

import re
import textwrap
from pathlib import Path

import pytest

from bookproof.notes.formulas import Kept
from bookproof.notes.phrases import CHINESE, ENGLISH, phrases_for, reason
from bookproof.notes.pictures import Pictures, size
from bookproof.notes.prose import Prose
from bookproof.notes.rules import without_idle_rules

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def folder(tmp_path):
    """A folder with pictures under names of all kinds."""
    names = ["a.png", "assets/池 化.png", "img/深/x y(1).jpg", "note.assets/图.PNG", "b.svg"]
    for number, name in enumerate(names):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(PNG + bytes([number]))
    return tmp_path


class Translated:
    """A translation: its text, what was told of it, and the pictures to copy."""

    def __init__(self, folder: Path, text: str):
        self.told: list[tuple[int, str]] = []
        pictures = Pictures()
        tell = lambda line, message: self.told.append((line, message))  # noqa: E731
        links = {"池化": "2020-01-02-chi-hua.md"}
        prose = Prose(folder / "note.md", pictures, ENGLISH, tell, links, "eq-1-")
        lines = textwrap.dedent(text).strip("\n").split("\n")
        text = "\n".join(prose.translate(lines, 10)).strip("\n")
        self.text = re.sub(r"\n{3,}", "\n\n", text)
        self.copies = pictures.copies


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("一个 $ x+1 $ 公式", "一个 $x+1$ 公式"),
        ("cost $5 and $6", "cost \\$5 and \\$6"),
        ("第 $5$ 个", "第 $5$ 个"),
        ("`$ x $` stays", "`$ x $` stays"),
        ("句子$$y=x$$后面", "句子$y=x$后面"),
        ("上面一句\n$$\ny=x\n$$\n下面一句", "上面一句\n\n$$\ny=x\n$$\n\n下面一句"),
        ("$$y=x$$", "$$\ny=x\n$$"),
        ("$$\na=b \\label{eq:one}\n$$", "$$\na=b\n$$ (eq-1-eq-one)"),
        ("$$\na=b \\tag{3}\n$$", "$$\na=b \\tag{3}\n$$"),
        (
            "$$\na=b \\\\\nc=d \\tag{3}\n$$",
            "```{math}\n:nowrap:\n\n\\begin{gather*}\na=b \\\\\nc=d \\tag{3}\n\\end{gather*}\n```",
        ),
        ("- $$x^2$$", "- $x^2$"),
        ("> $$\n> x\n> $$", "> $$\n> x\n> $$"),
        ("$\\pmb{x}_i$ 与 $a*b*c$", "$\\pmb{x}_i$ 与 $a*b*c$"),
    ],
)
def test_formulas(folder, text, wanted):
    done = Translated(folder, text)
    assert done.text == wanted
    assert done.told == []


def test_what_was_taken_out_is_given_back_however_deep():
    kept = Kept()
    assert kept.give(kept.keep(kept.take("a `$x$` and $ y $"))) == "a `$x$` and $y$"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("一处==高亮==了", "一处<mark>高亮</mark>了"),
        ("一处~~删去~~了", "一处<del>删去</del>了"),
        ("a == b and c == d", "a == b and c == d"),
        ("`==x==`", "`==x==`"),
        ("见 [[池化]]", "见 [池化](2020-01-02-chi-hua.md)"),
        ("见 [[池化|那一节]]", "见 [那一节](2020-01-02-chi-hua.md)"),
        ("见 [上次](../池化.md#一)", "见 [上次](2020-01-02-chi-hua.md)"),
        ("见 [站点](https://example.org/a.md)", "见 [站点](https://example.org/a.md)"),
        ("**损失（loss）**下降", "{strong}`损失（loss）`下降"),
        ("**plain** bold", "**plain** bold"),
        ("模板 {{ x }}", "模板 &#123;&#123; x }}"),
        ("[TOC]", "```{contents}\n:local:\n```"),
        ("> [!note]\n> 一句话", "```{note}\n一句话\n```"),
        ("> [!WARNING] 小心\n> 一句话", "```{admonition} 小心\n:class: warning\n\n一句话\n```"),
        ("> 引用", "> 引用"),
        ("{% note info %}\n一句话\n{% endnote %}", "```{info}\n一句话\n```"),
        ("<center>居中</center>", "```{rst-class} align-center\n\n居中\n```"),
        ("- [ ] 待做\n- [x] 做了", "- [ ] 待做\n- [x] 做了"),
        ("|a|b|\n|-|-|\n|1|2|", "|a|b|\n|-|-|\n|1|2|"),
        ("脚注[^1]\n\n[^1]: 说明", "脚注[^1]\n\n[^1]: 说明"),
        ("{% raw %}x{% endraw %}", "x"),
    ],
)
def test_marks(folder, text, wanted):
    wanted = wanted.replace("{info}", "{note}")
    done = Translated(folder, text)
    assert done.text == wanted
    assert done.told == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x\n\n见 [[没有]]", "[[没有]] is not translated: no such note is imported"),
        ("x\n\n{% youtube abc %}", "{% youtube abc %} is not translated"),
        ("x\n\n![[别的笔记]]", "![[别的笔记]] is not translated: what it embeds is no picture"),
    ],
)
def test_what_is_not_translated_stays_and_is_told(folder, text, message):
    done = Translated(folder, text)
    assert done.text == text
    assert done.told == [(12, message)]


@pytest.mark.parametrize(
    ("text", "place", "more"),
    [
        ("![一只猫](a.png)", "a.png", [":alt: 一只猫"]),
        ("![](a.png)", "a.png", [":alt: to be written: what the picture shows"]),
        ("![image-20230101](a.png)", "a.png", [":alt: to be written"]),
        ('![x 轴](a.png "曲线")', "a.png", [":alt: x 轴", "\n\n曲线\n"]),
        ("![](assets/池%20化.png)", "chi-hua.png", []),
        ("![](<assets/池 化.png>)", "chi-hua.png", []),
        ("![](assets/池 化.png)", "chi-hua.png", []),
        (r"![](C:\Users\me\assets\池 化.png)", "chi-hua.png", []),
        ("![](/home/me/图.PNG)", "tu.png", []),
        ("![[x y(1).jpg]]", "x-y-1.jpg", []),
        ("![[x y(1).jpg|300]]", "x-y-1.jpg", [":width: 300px"]),
        (
            '<img src="a.png" alt="一只猫" style="zoom:50%;" />',
            "a.png",
            [":alt: 一只猫", ":scale: 50%"],
        ),
        ('<center><img src="b.svg"><br>图一：池化</center>', "b.svg", ["\n\n图一：池化\n"]),
        ('<div align=center><img src="a.png" width="40%"/></div>', "a.png", [":width: 40%"]),
        ("{% asset_img a.png 一只猫 %}", "a.png", [":alt: 一只猫"]),
    ],
)
def test_a_picture_becomes_a_figure(folder, text, place, more):
    done = Translated(folder, text)
    assert done.text.startswith(f"```{{figure}} assets/{place}\n:alt: "), done.text
    assert list(done.copies) == [place]
    for piece in more:
        assert piece in done.text
    assert done.told == []


def test_a_link_to_a_note_that_is_not_there_is_words_and_told(folder):
    done = Translated(folder, "见 [上次](%E6%B2%A1%E6%9C%89.md)。")
    assert done.text == "见 上次 (`没有.md`)。"
    assert [line for line, _ in done.told] == [10]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("---\n\na", "\na"),
        ("a\n\n---\n", "a\n\n"),
        ("a\n\n---\n\n---\n\nb", "a\n\n---\n\n\nb"),
        ("a\n\n## B\n\n***\n\nc", "a\n\n## B\n\n\nc"),
        ("a\n\n* * *\n\nb", "a\n\n* * *\n\nb"),
        ("a\n\n```text\n\n---\n```", "a\n\n```text\n\n---\n```"),
        ("a\n---\nb", "a\n---\nb"),
    ],
)
def test_rules_that_part_nothing_are_left_out(text, wanted):
    assert "\n".join(without_idle_rules(text.split("\n"))) == wanted


def test_two_pictures_of_one_name_are_two_files(folder):
    (folder / "c").mkdir()
    (folder / "c/a.png").write_bytes(PNG + b"another")
    done = Translated(folder, "![](a.png)\n\n![](c/a.png)\n\n![](./a.png)")
    assert sorted(done.copies) == ["a-2.png", "a.png"]


def test_a_missing_picture_stays_visible_and_is_told(folder):
    done = Translated(folder, "文字\n\n![池化的过程](./assets/无.png)")
    assert done.text == "文字\n\n*missing picture：`./assets/无.png`（池化的过程）*"
    assert done.told == [(12, "the picture ./assets/无.png is missing")]


def test_a_picture_from_elsewhere_is_told(folder):
    done = Translated(folder, "![一只猫](https://example.org/cat.png)")
    assert "{figure} https://example.org/cat.png" in done.text
    assert [line for line, _ in done.told] == [10]


@pytest.mark.parametrize(
    ("attributes", "wanted"),
    [
        ({"style": "zoom:0.5"}, ("50%", "")),
        ({"style": "max-width: 3px; width: 50%"}, ("", "50%")),
        ({"width": "20em"}, ("", "20em")),
        ({}, ("", "")),
    ],
)
def test_sizes(attributes, wanted):
    assert size(attributes) == wanted


def test_words_are_those_of_the_language():
    assert phrases_for("zh_CN") is CHINESE
    assert phrases_for(None) is ENGLISH
    assert reason("name 'net' is not defined", CHINESE) == "用到的 net 在笔记里没有定义"
    assert reason("No module named 'cv9'\nmore", ENGLISH) == "cv9 is not installed"
