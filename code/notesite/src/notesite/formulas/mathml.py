r"""Mathematics as MathML, made at build time: no script, no font, no other host.

``$$ … $$ (label)`` and ``{eq}`` work as with Sphinx's own renderers. A formula that cannot be
converted, or a LaTeX command that latex2mathml does not know, is a build warning with its place.
"""

import html
import re
import unicodedata
from xml.etree.ElementTree import tostring

from docutils import nodes
from latex2mathml.commands import MATRICES
from latex2mathml.converter import Converter
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from notesite.formulas.habits import usual
from notesite.formulas.mathml_core import arrange

logger = logging.getLogger(__name__)

# Numbers are Sphinx's business, and latex2mathml knows one aligning environment.
ALIGNING = re.compile(r"\\(begin|end)\{(aligned|align|gathered|gather\*?)\}")
WRAPPER = re.compile(r"\\(begin|end)\{equation\*?\}")
ENVIRONMENT = re.compile(r"\\begin\{(\w+\*?)\}")
UNKNOWN = re.compile(r"\\[A-Za-z]+")

# Operators whose limits stand below and above them in displayed formulas.
MOVABLE = {"max", "min", "sup", "inf", "argmax", "argmin", "arg\u2009max", "arg\u2009min"}
# How many parts these elements have; the converter does not count.
PARTS = {
    "mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2,
    "msubsup": 3, "munderover": 3,
}  # fmt: skip
# What Unicode calls the letters of a style; some were there before the others, under other names.
STYLES = {
    "bold": ("MATHEMATICAL BOLD",),
    "italic": ("MATHEMATICAL ITALIC",),
    "bold-italic": ("MATHEMATICAL BOLD ITALIC", "MATHEMATICAL BOLD"),  # digits are never italic
    "script": ("MATHEMATICAL SCRIPT", "SCRIPT"),
    "bold-script": ("MATHEMATICAL BOLD SCRIPT",),
    "fraktur": ("MATHEMATICAL FRAKTUR", "BLACK-LETTER"),
    "bold-fraktur": ("MATHEMATICAL BOLD FRAKTUR",),
    "double-struck": ("MATHEMATICAL DOUBLE-STRUCK", "DOUBLE-STRUCK"),
    "sans-serif": ("MATHEMATICAL SANS-SERIF",),
    "bold-sans-serif": ("MATHEMATICAL SANS-SERIF BOLD",),
    "sans-serif-italic": ("MATHEMATICAL SANS-SERIF ITALIC",),
    "monospace": ("MATHEMATICAL MONOSPACE",),
}
BELOW = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}


def to_mathml(latex, *, display):
    r"""Convert ``latex`` to a ``<math>`` element, as text.

    Raises ``ValueError`` with a reason where that is not possible.

    >>> to_mathml("x", display=False)
    '<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline" alttext="x"><mi>x</mi></math>'
    """  # noqa: E501
    source = usual(WRAPPER.sub("", ALIGNING.sub(r"\\\1{align*}", latex)).strip())
    if display and r"\\" in source and r"\begin{" not in source:
        source = rf"\begin{{split}}{source}\end{{split}}"
    braces = re.sub(r"\\[{}]", "", source)
    if braces.count("{") != braces.count("}"):
        raise ValueError("unbalanced braces")
    for name in ENVIRONMENT.findall(source):
        if rf"\{name}" not in MATRICES:
            raise ValueError(f"unknown environment {name}")
    try:
        root = Converter(display="block" if display else "inline").convert_to_element(source)
    except Exception as error:  # latex2mathml's errors have no common base class
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()
        raise ValueError(f"{name} {error}".strip()) from error
    for element in root.iter():
        mend(element, display)
    arrange(root)
    root.set("alttext", " ".join(latex.split()))
    return tostring(root, encoding="unicode")


def mend(element, display):
    """Correct what latex2mathml gets wrong in one element; raise ``ValueError`` for the rest."""
    # It leaves character references in its texts and serialises around them.
    text = element.text = element.text and html.unescape(element.text)
    if element.get("columnspacing") == "":  # of a single column
        del element.attrib["columnspacing"]
    if text and (unknown := UNKNOWN.search(text)):
        raise ValueError(f"unknown command {unknown.group()}")
    if text and "$" in text and element.tag == "mtext":
        raise ValueError("mathematics inside \\text is not supported")
    if len(element) != PARTS.get(element.tag, len(element)):
        raise ValueError(f"incomplete {element.tag}")
    if (style := element.get("mathvariant")) in STYLES and text:
        element.text = "".join(styled(letter, style) for letter in text)
        del element.attrib["mathvariant"]
    if text and text in "⌊⌋⌈⌉⟨⟩" and "stretchy" not in element.attrib:
        element.tag = "mo"
        element.set("stretchy", str(display).lower())
    base = html.unescape(element[0].text or "") if element.tag in BELOW else ""
    if base in MOVABLE or (display and base and base in "∑∏⋃⋂"):
        element.tag = BELOW[element.tag]
        element[0].set("movablelimits", "true")


def styled(letter, style):
    """Return a letter or digit in a style as the character that Unicode has for it.

    MathML Core knows no other way: browsers pass over `mathvariant`. Others stay as they are.

    >>> styled("L", "script"), styled("d", "bold"), styled("+", "bold")
    ('ℒ', '𝐝', '+')
    """
    name = re.sub(r"^(LATIN|GREEK) | LETTER\b", "", unicodedata.name(letter, ""))
    for prefix in STYLES[style] if letter.isalnum() else ():
        try:
            return unicodedata.lookup(f"{prefix} {name}")
        except KeyError:
            continue
    return letter


def render(node, *, display):
    """Return the MathML of a node; where that fails, warn and return its source."""
    try:
        return to_mathml(node.astext(), display=display)
    except ValueError as error:
        logger.warning("mathematics: %s in: %s", error, node.astext(), location=node)
        return f"<code>{html.escape(node.astext())}</code>"


def visit_inline(self, node):
    """Write an inline formula."""
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate"))
    self.body.append(render(node, display=False) + "</span>")
    raise nodes.SkipNode


def visit_block(self, node):
    """Write a displayed formula with its number, if it has one."""
    self.body.append(self.starttag(node, "div", CLASS="math notranslate"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append(f'<div class="formula">{render(node, display=True)}</div></div>\n')
    raise nodes.SkipNode


def setup(app):
    """Register the renderer; `html_math_renderer` selects it."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
