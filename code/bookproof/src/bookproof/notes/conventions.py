"""How people write what their code gives: the rules by which an output is found in a note.

This is the whole set. `reads as a value` is decided by `values`: literals, arrays, shapes,
objects, dtypes, tables, errors, and text that a `print` with the same fixed words gives. What does
not read so is an explanation, unless a label says that it is an output of something printed.

| convention      | how it looks                            | what is claimed   | bound to        |
|-----------------|-----------------------------------------|-------------------|-----------------|
| session         | `>>> x` or `In [1]: x`, lines below     | the lines below   | the prompt      |
| trailing        | `x.shape  # (3,)`, `# Output: 9`        | value, or labelled| its own line    |
| arrow           | `x  # => 3`, `# -> 3`, also below       | value, or printed | line, or above  |
| above           | `# 7.5` right above, three times a note | value             | expression or   |
|                 | or more, counting numbers aside         |                   | print below     |
| below           | `# [1 2 3]` on the next lines, also in  | leading value     | statement above |
|                 | a session without other outputs         |                   |                 |
| label comment   | `# 输出：3`, `# Out:` and `# ...` below | value, or labelled| statement above |
| mark            | `>>>3` below code without prompts, also | to a blank line   | as many prints, |
|                 | `>>>cuda:0`: nothing behind a mark acts |                   | or the last     |
| bare lines      | `输出：` `True`, or `[1 2]` among code  | value, or labelled| statement above |
| triple quotes   | `'''` value `'''` below                 | value, or labelled| statement above |
| label paragraph | `输出：3` below the fence               | value, or labelled| fence above     |
| label fence     | `输出：` and a fence, also of a shell,  | the whole fence   | fence above     |
|                 | if no line of it may be a command       |                   |                 |
| plain fence     | a fence with an output right below      | the whole fence   | fence above     |
| indented, pre,  | such a block right below, or labelled   | the whole block   | fence above     |
| quote, table    |                                         |                   |                 |

The statement above is the last one that prints, or is a bare expression, or assigns (then the
value of what it assigns is claimed). A trailing comment counts only behind a simple statement.

Words may follow a value, which alone is claimed: `# ['a'] without the last`, `# 0, no error`. So
the value has to be closed by brackets or quotes, or parted from the words by a sign (`remarks`);
`# 3 channels` and `# 1. begin` explain. Behind a label, and behind what a session shows, an
explanation is left out as well: `# 输出：9（三的平方）`. An array that ends a trailing remark in
Chinese is claimed, `# 取第一行 [5 6 7]`, unless the remark speaks of something else (`at_end`). A
comment that is code put aside, and what stands below it, claims nothing.

Lines of a session without prompts, at its start or below a blank line, are read as any code up to
the next prompt, where they begin with an assignment, an import, a definition or a print. A prompt
with an indented line below that of a loop goes on with it. A fence that is told to be text
(`TOLD`) does not run.
"""

from __future__ import annotations

import re

from bookproof.notes.remarks import led
from bookproof.notes.values import reads_as_value

SESSION = "session"
TRAILING = "trailing"
ARROW = "arrow"
ABOVE = "above"
BELOW = "below"
LABEL = "label comment"
MARK = "mark"
BARE = "bare lines"
QUOTES = "triple quotes"
PARAGRAPH = "label paragraph"
LABEL_FENCE = "label fence"
PLAIN_FENCE = "plain fence"
BLOCKS = {"indented": "indented", "pre": "pre", "quote": "quote", "table": "table"}

_WORDS = (
    r"(?:(?:程序|代码|运行|执行|控制台|屏幕|最终|打印|会|将|则)*"
    r"(?:输出|输出值|结果|打印|返回值?|显示|得到)(?:结果|内容|值|形状|如下|信息)*"
    r"|(?:the\s+|this\s+|it\s+|sample\s+|expected\s+|console\s+|will\s+)*"
    r"(?:outputs?|out|results?|prints?|printed|returns?|returned|displays?|shows|stdout|gives)"
    r"(?:\s+(?:is|are|will\s+be|value|values|looks?\s+like(?:\s+this)?))*"
    r"|(?:実行)?(?:出力|結果)(?:結果|例)?|(?:실행\s*)?(?:출력|결과)(?:\s*(?:결과|값))?)"
)
_STRONG = re.compile(
    rf"\W{{0,3}}{_WORDS}\s*(?:\[\d*\])?(?:如下|为|是|就是|は)?\s*(?:：|:|=+>|-+>|→)+\s*",
    re.I,
)
_OUT = re.compile(r"\W{0,3}Out\s*\[\s*\d*\s*\]\s*[:：]?\s*", re.I)
_WEAK = re.compile(rf"{_WORDS}\s*(?:如下|为|是|就是|等于|は)?\s*", re.I)
_ALONE = re.compile(
    rf"\W{{0,4}}{_WORDS}\s*(?:如下|为|是|就是|は|below|as follows)?\s*[:：。.*_]*\W{{0,4}}", re.I
)
_CALL = re.compile(r"(?:print|return)\s*\(")
_ARROW = re.compile(r"(?:=+>|-+>|~>|→|⇒|➜|➡️?|>{1,3}(?![>=])|==(?=\s))\s*")
_ABOUT = re.compile(
    r"(?P<what>shape|size|dtype|形状|ndim)\s*(?:(?:=|:|：|is|为|是)\s*|(?=[\[(]))", re.I
)
ATTRIBUTES = {"shape": "shape", "形状": "shape", "dtype": "dtype", "size": "shape", "ndim": "ndim"}
"""The attribute that the first word of a comment is about: `# shape: (3,)`."""

LANGUAGES = {
    "python",
    "py",
    "python3",
    "py3",
    "ipython",
    "ipython3",
    "pycon",
    "python2",
    "python-repl",
}
"""The languages of fences that run."""

UNTOLD = {
    "",
    "text",
    "txt",
    "plain",
    "plaintext",
    "output",
    "out",
    "console",
    "markdown",
    "md",
    "log",
}
"""What stands behind the mark of fences that may be outputs; without a word they may be code."""

TOLD = UNTOLD - {"", "markdown", "md"}
"""What stands behind the mark of fences that are text: no code, but for a session."""

SHELLS = {"shell", "sh", "bash", "zsh", "terminal", "cmd", "powershell"}
"""What stands behind the mark of fences that are commands, or below a label what code gives."""


def unlabel(text: str) -> tuple[str, str]:
    """Return the convention that opens a text, empty where none does, and the rest of the text.

    >>> unlabel("输出：3"), unlabel("=> [1]"), unlabel("returns the sum")
    (('label comment', '3'), ('arrow', '[1]'), ('', 'returns the sum'))
    """
    if _CALL.match(text):
        return "", text
    for pattern, convention in ((_OUT, LABEL), (_STRONG, LABEL), (_ARROW, ARROW)):
        found = pattern.match(text)
        if found:
            return convention, text[found.end() :]
    found = _WEAK.match(text)
    if found and found.end():
        rest = text[found.end() :]
        if not rest.strip() and _is_short(text):
            return LABEL, ""
        if reads_as_value(rest.split("\n")[0], loose=True) or reads_as_value(rest, loose=True):
            return LABEL, rest
        if led(rest):
            return LABEL, rest
    return "", text


def _is_short(text: str) -> bool:
    return len(text.strip()) <= 12


def is_label(text: str) -> bool:
    """Tell whether a text is a label alone: what follows it is an output.

    >>> is_label("**输出结果：**"), is_label("Output:"), is_label("输出是行数")
    (True, True, False)
    """
    lines = text.strip().split("\n")
    last = lines[-1].strip().strip("*_`#> ").strip()
    if len(lines) > 3 or len(last) > 40:
        return False
    return bool(_ALONE.fullmatch(last) or _OUT.fullmatch(last) or _STRONG.fullmatch(last))


def about(text: str) -> tuple[str, str]:
    """Return the attribute that a comment names first, empty where none, and the rest.

    >>> about("shape = (3,)")
    ('shape', '(3,)')
    """
    found = _ABOUT.match(text)
    attribute = ATTRIBUTES.get(found["what"].lower(), "") if found else ""
    return (attribute, text[found.end() :]) if attribute else ("", text)


def language(info: str) -> str:
    """Return the language that the words behind a fence's mark name, in small letters."""
    word = re.split(r"[\s,;:]", info.strip().strip("{}").removeprefix("."))[0]
    return word.strip("{}.").lower().removeprefix("code-cell").strip() or (
        "python" if "code-cell" in info else ""
    )
