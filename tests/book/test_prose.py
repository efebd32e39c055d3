"""Traps of Chinese prose in Markdown, of which the build warns."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from notesite.chapters.glossary import Term
from notesite.checks import prose
from notesite.checks.prose import (
    BOLD,
    LOOSE,
    MIXED,
    NARROW,
    STRAIGHT,
    TIGHT,
    TWICE,
    parser,
    troubles,
    variants,
)

ROOT = Path(__file__).parents[2]
ENABLED = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["parse"]
PARSE = parser(ENABLED["myst_enable_extensions"]).parse


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("**损失（loss）**下降", [BOLD, BOLD]),
        ("损失,下降", [NARROW]),
        ("损失(loss)", [NARROW]),
        ("（高, 宽）", [NARROW]),
        ("用GPU训练", [TIGHT, TIGHT]),
        ("用`x`", [TIGHT]),
        ("$k$个", [TIGHT]),
        ("损失 ，下降", [LOOSE]),
        ("损失（loss) 下降", [MIXED]),
        ('叫"损失"', [STRAIGHT, STRAIGHT]),
        ("损失。，下降", [TWICE]),
        ("```{note}\n用GPU 训练\n```", [TIGHT]),
        ("```{erratum} 2023-0911-1 “步”\n笔记原说\n: 用GPU 训练\n```", [TIGHT]),
        ("```{code-cell}\n---\nmystnb:\n  image:\n    alt: 用GPU 训练\n---\n1\n```", [TIGHT]),
        ("**损失**（loss）用 `x` 和 $k$；见 [GPU](a.md)。\n\n```python\n用GPU\n```", []),
        ("2 * 3 与 2*3；`**kwargs`；换\n行", []),
    ],
)
def test_each_rule_finds_its_trap(text, rules):
    assert [rule for _, rule, _ in troubles(PARSE, text)] == rules


def test_a_variant_of_a_term_is_found_unless_it_is_told_as_one():
    terms = [Term("池化", "pooling", ("汇聚", "池化操作"))]
    assert variants(PARSE, "池化（pooling，又称汇聚）\n\n也译作“汇聚”。也叫汇聚，", terms) == []
    assert variants(PARSE, "一段。\n\n做汇聚", terms) == [(3, "汇聚", "池化")]


def test_many_places_of_one_kind_are_told_together(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text("")
    env = SimpleNamespace(doc2path=lambda name: str(page), chapters=())
    enabled = {"myst_enable_extensions": ENABLED["myst_enable_extensions"]}
    config = SimpleNamespace(**enabled, chapter_checks=["prose"])
    told = []

    def warning(message, *values, location):
        told.append((location[1], message % values))

    monkeypatch.setattr(prose.logger, "warning", warning)
    text = "一,二\n\n三,四\n\n五,六\n\n用GPU 训练\n"
    prose.warn(SimpleNamespace(env=env, config=config), "page", [text])
    assert [line for line, _ in told] == [1, 3, 5, 7]
    told.clear()
    prose.warn(SimpleNamespace(env=env, config=config), "page", [text + "\n七,八\n"])
    assert [line for line, _ in told] == [1, 7]
    assert "at lines 3, 5, 9" in told[0][1]
