"""The error messages that a chapter shows, taken from its verified outputs.

They are the errors that cells end with, and what cells print of those that they catch. Of a printed
line the message is what stands where the code prints the exception, in one of these shapes, if it
reads like English::

    except TypeError as error:
        print("没有 y：", str(error))

    def complaint(call):
        …
        except TypeError as error:
            return str(error)

    print(complaint(lambda: add(1)))

What the chapters and the book's own packages (``own_packages``) raise themselves is left out:
nobody meets it elsewhere.
"""

import ast
import functools
import importlib.util
import re
from pathlib import Path
from typing import NamedTuple

from bookproof import Kind
from bookproof.reading.block import parse

_NAME = r"[A-Z]\w*(?:Error|Exception|Interrupt|Iteration|Warning)"
_LABEL = re.compile(r".*(?:→|：|\s{2})\s*")
_CHINESE = re.compile("[\u3000-\u9fff\uff00-\uffef]")


class Shape(NamedTuple):
    """How a line looks that holds a message; `kind` is the exception that the code catches."""

    pattern: re.Pattern
    kind: str
    labelled: bool


class Message(NamedTuple):
    """A message, with the name of its exception and the line of the block that verified it."""

    kind: str
    text: str
    line: int


def messages(checked, packages=()):
    """Return the messages in a chapter that was checked, without what its own code raises.

    That is the chapter's, and that of some packages.
    """
    trees = [(cell, _tree(cell.source)) for cell in checked.chapter.cells]
    raised = own_words(tuple(packages)) | {words for _, tree in trees for words in _raised(tree)}
    found, givers = [], {}
    for cell, tree in trees:
        givers |= _givers(tree)
        shapes = list(_shapes(tree, givers))
        for verdict in (v for v in checked.verdicts if v.block):
            if verdict.cell == cell.line and verdict.kind is Kind.VERIFIED and verdict.expected:
                error = parse(verdict.block.argument).part == "error"
                said = (
                    _ended_with(verdict.expected) if error else _printed(verdict.expected, shapes)
                )
                found += [Message(kind, text, verdict.block.line) for kind, text in said]
    return [m for m in dict.fromkeys(found) if not any(words in m.text for words in raised)]


def _tree(source):
    try:
        return ast.parse(source)
    except SyntaxError:  # a magic of IPython
        return ast.Module([], [])


@functools.cache
def own_words(packages):
    """Return what some packages themselves write in the messages that they raise."""
    specs = filter(None, map(importlib.util.find_spec, packages))
    folders = [Path(folder) for spec in specs for folder in spec.submodule_search_locations or ()]
    paths = (path for folder in folders for path in folder.glob("*.py"))
    trees = [_tree(path.read_text("utf-8")) for path in paths]
    return {words for tree in trees for words in _raised(tree)}


def _raised(tree):
    """Yield the first long text in each message that a code raises."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc:
            texts = [c.value for c in ast.walk(node.exc) if isinstance(c, ast.Constant)]
            yield from [text for text in texts if isinstance(text, str) and len(text) >= 12][:1]


def _ended_with(text):
    kind, _, said = text.partition(": ")
    return [(kind, " ".join(said.split("\n")))] if said else []


def _printed(text, shapes):
    """Return the messages in a printed text, each with its exception's name."""
    found, above = [], ""
    for line in text.split("\n"):
        if re.fullmatch(_NAME, line):
            above = line
        for shape in shapes:
            match = shape.pattern.fullmatch(line)
            said = match and _LABEL.sub("", match["said"]).strip()
            if said and _reads_like_one(said, shape):
                kind = match.groupdict().get("kind") or shape.kind or above
                found.append((kind, said))
                shapes.append(shapes.pop(shapes.index(shape)))  # the next line is another's
                break
    return found


def _reads_like_one(said, shape):
    """Tell a message from what the same place prints where nothing went wrong."""
    if shape.kind == "KeyError":
        return said[0] == said[-1] == "'"
    tokens = [token.strip("'\"().,:;") for token in said.split()]
    words = [token for token in tokens if re.fullmatch("[A-Za-z_']{2,}", token)]
    enough = len(words) >= 3 or (shape.labelled and len(words) == len(tokens) == 2)
    return enough and not _CHINESE.search(re.sub("'[^']*'", "", said))


def _handlers(tree):
    """Yield the handlers that name their exception, each with the class; none where it is wide."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.name:
            kind = ast.unparse(node.type).rpartition(".")[2]
            narrow = re.fullmatch(_NAME, kind) and kind != "Exception"
            yield node, kind if narrow else ""


def _givers(tree):
    """Return the functions that return the message of what they catch, each with its class."""
    return {
        function.name: kind
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for handler, kind in _handlers(function)
        for node in ast.walk(handler)
        if isinstance(node, ast.Return) and _tells(node.value, handler.name)
    }


def _shapes(tree, givers):
    """Yield the shapes of the lines in which a code prints messages."""
    for handler, kind in _handlers(tree):
        yield from _prints(handler, handler.name, kind)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for name, kind in givers.items():
        if name in used:
            yield from _prints(tree, name, kind)


def _prints(tree, name, kind):
    """Yield the shapes of all that a code prints of a name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
            pattern = " ".join(_pattern(argument, name) for argument in node.args)
            if pattern.count("(?P<said>") == 1:
                labelled = any(isinstance(c, ast.Constant) for a in node.args for c in _literal(a))
                yield Shape(re.compile(pattern), kind, labelled)


def _literal(argument):
    return argument.values if isinstance(argument, ast.JoinedStr) else [argument]


def _pattern(argument, name):
    """Return the pattern of an argument of `print`."""
    pattern = ""
    for part in _literal(argument):
        if isinstance(part, ast.Constant):
            pattern += re.escape(str(part.value))
        elif ast.unparse(part).endswith(f"type({name}).__name__"):
            pattern += f"(?P<kind>{_NAME})"
        else:
            pattern += "(?P<said>.+)" if _tells(part, name) else ".*?"
    return pattern


def _tells(expression, name):
    """Tell whether an expression gives (part of) the message of a name, no fact about it."""
    if expression is None or isinstance(expression, ast.Compare):
        return False
    names = [node.id for node in ast.walk(expression) if isinstance(node, ast.Name)]
    return name in names and "type" not in names
