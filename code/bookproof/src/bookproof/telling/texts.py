"""What the pages of a book say of its verification, by language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bookproof.reading.counted import counted
from bookproof.running.origin import Origin


@dataclass(frozen=True)
class Texts:
    """The words on a page; `kinds` names verdicts, where not by their English names."""

    verified: str
    verified_frozen: str
    unverified: str
    waived: str
    failed: str
    value: str
    inserted: str
    columns: tuple[str, str, str, str]
    foot: Callable[[int, int, dict[str, str]], str]
    unrun: str
    totals: Callable[[dict[str, int]], str]
    versions: Callable[[dict[str, str]], str]
    frozen: Callable[[Origin], str]
    wrong: Callable[[int], str]
    broken: str
    no_page: str
    setup: str
    install: str
    references: str
    colon: str
    kinds: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def reason(self, text: str) -> str:
        """Return a reason that `accept` gives for an unverified output, in this language."""
        if text in self.kinds:
            return self.kinds[text]
        for part, words in self.reasons.items():
            text = text.replace(part, words)
        return text


def _names(versions: dict[str, str], separator: str) -> str:
    return separator.join(
        f"{'Python' if name == 'python' else name} {version}" for name, version in versions.items()
    )


_ENGLISH = Texts(
    verified="✓ output verified",
    verified_frozen="✓ frozen output verified",
    unverified="not verified: {}",
    waived=" ({})",
    failed="✗ not as the book says: {}",
    value="✓ checked: {}",
    inserted="not verified: the code gives it, and nothing compares it",
    columns=("line", "compared", "verdict", "claim or reason"),
    foot=lambda verified, unverified, versions: (
        f"{counted(verified, 'output')} of this page verified"
        + (f", {unverified} left unverified" if unverified else "")
        + (f", with {_names(versions, ', ')}." if versions else ".")
    ),
    unrun="Nothing on this page was run by the build: its outputs are older, and not verified.",
    totals=lambda totals: (
        f"{counted(totals['verified'], 'output')} verified in "
        f"{counted(totals['chapters'], 'chapter')}, "
        f"{totals['unverified']} left unverified, {totals['failed']} failed."
        + (f" The outputs of {totals['frozen']} are frozen." if "frozen" in totals else "")
    ),
    versions=lambda versions: (
        f"Run with {_names(versions, ', ')}." if versions else "Not run by the build."
    ),
    frozen=lambda origin: (
        f"Not run when this book was built: the outputs are frozen, from a run on {origin.date} "
        f"on {origin.machine}."
    ),
    wrong=lambda number: (
        f"The last build failed: {number} output{'s are' if number > 1 else ' is'} "
        "not as the book says"
    ),
    broken="The last build itself failed (exit status {}); pages may be out of date",
    no_page="There is no page {}. If a build writes it, it will appear here.",
    setup="Install what this chapter imports and what is missing; else do nothing.",
    install="There is no {}: install it as the book says, then run this cell again.",
    references="References",
    colon=": ",
)

_CHINESE = Texts(
    verified="✓ 输出已核对",
    verified_frozen="✓ 输出已核对（冻结的）",
    unverified="未核对：{}",
    waived="（{}）",
    failed="✗ 与书中所写不符：{}",
    value="✓ 已核对：{}",
    inserted="未核对：由代码给出，没有比较",
    columns=("行", "比较方式", "结果", "书中所写，或原因"),
    foot=lambda verified, unverified, versions: (
        f"本页核对了 {verified} 处输出"
        + (f"，另有 {unverified} 处说明了不核对的原因" if unverified else "")
        + (f"；运行环境：{_names(versions, '、')}。" if versions else "。")
    ),
    unrun="构建时没有运行本页的代码：页上的输出是以前的，没有核对。",
    totals=lambda totals: (
        f"全书 {totals['chapters']} 个可运行的页面，核对了 {totals['verified']} 处输出；"
        f"未核对 {totals['unverified']} 处，不符 {totals['failed']} 处。"
        + (f"其中 {totals['frozen']} 个页面的输出是冻结的。" if "frozen" in totals else "")
    ),
    versions=lambda versions: (
        f"运行环境：{_names(versions, '、')}。" if versions else "构建时没有运行。"
    ),
    frozen=lambda origin: (
        f"构建时没有运行：输出是冻结的，{origin.date} 在 {origin.machine} 上运行得到。"
    ),
    wrong=lambda number: f"最近一次构建没有通过：{number} 处输出与书中所写不符",
    broken="最近一次构建本身失败（退出状态 {}），网页可能不是最新的",
    no_page="没有 {} 这一页。构建写出它之后，它会自动出现在这里。",
    setup="本章用到的包，缺哪个就装哪个；都有，就什么也不做。",
    install="还没有装 {}：请先从本书的网站或仓库装上它，再运行下面的单元格。",
    references="参考文献",
    colon="：",
    kinds={
        "verified": "已核对",
        "unverified": "未核对",
        "mismatch": "不符",
        "missing expectation": "缺少核对块",
        "unexpected stderr": "意外的 stderr",
        "figure empty": "空图",
        "figure not drawn": "没有画图",
        "missing glyph": "缺字",
        "expression failed": "表达式出错",
        "cell failed": "单元格出错",
        "cell never ended": "单元格超时",
        "kernel died": "内核崩溃",
        "kernel not started": "内核未启动",
        "frozen outputs unusable": "冻结的输出不可用",
        "cell not run": "没有运行",
        "flaky output": "每次不同",
        "malformed block": "核对块有误",
        "chapter unreadable": "无法读取",
        "chapter without a check": "整章没有核对",
    },
    reasons={
        "differs from run to run": "每次运行都不同",
        "shown as something that cannot be compared as text": "显示的内容不能作为文字比较",
        ", which no block can hold": "，核对块里写不下",
        "what a terminal would swallow": "终端会吞掉的字符",
        "holds ": "含有 ",
        "shows ": "含有",
        " and ": "、",
        "an address in memory": "内存地址",
        "a path of this machine": "这台机器的路径",
        "the name of this machine": "这台机器的名称",
        "the date of today": "当天的日期",
        "the order of a set": "集合的次序",
        "that a program is not installed here": "“这台机器没有装某个程序”的提示",
        "that the network cannot be reached from here": "“这台机器连不上网络”的提示",
    },
)


def texts_for(language: str | None) -> Texts:
    """Return the words for a Sphinx language code, English where there are none."""
    return _CHINESE if (language or "").startswith("zh") else _ENGLISH
