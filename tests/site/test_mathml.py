"""Mathematics at build time."""

import string
import unicodedata
from xml.etree.ElementTree import fromstring

import pytest

from mathml import STYLES, styled, to_mathml

NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"


def tags(latex, *, display=True):
    """Return the element names of a formula, in document order."""
    root = fromstring(to_mathml(latex, display=display))
    return [element.tag.removeprefix(NAMESPACE) for element in root.iter()]


def text(latex):
    """Return the characters of a formula."""
    return "".join(fromstring(to_mathml(latex, display=True)).itertext())


@pytest.mark.parametrize(
    ("latex", "tag"),
    [
        (r"\frac{a}{b}", "mfrac"),
        ("x_i", "msub"),
        ("x^2", "msup"),
        ("x_i^2", "msubsup"),
        (r"\sum_{i=1}^{n} i", "munderover"),
        (r"\sqrt{2}", "msqrt"),
        (r"\begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}", "mtable"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "mtable"),
        (r"\begin{align} a &= b \\ c &= d \end{align}", "mtable"),
        (r"a &= b \\ c &= d", "mtable"),
        (r"\max_i z", "munder"),
    ],
)
def test_structure(latex, tag):
    assert tag in tags(latex)


@pytest.mark.parametrize(
    ("latex", "characters"),
    [
        (r"\lfloor x \rfloor", "⌊x⌋"),
        (r"4 \times 4", "4×4"),
        ("a < b", "a<b"),
        (r"a \& b", "a&b"),
        (r"\text{其他 & < 0}", "其他\u00a0&\u00a0<\u00a00"),
        (r"\begin{align} a &= b \\ c &= d \end{align}", "a=bc=d"),
        (r"\begin{equation} a \end{equation}", "a"),
        (r"\mathcal{L} \mathscr{e} \mathfrak{C} \mathbb{R}", "ℒℯℭℝ"),
        (r"\mathbf{Ax1} \boldsymbol{d} \boldsymbol{\alpha}", "𝐀𝐱𝟏𝒅𝜶"),
        (r"\mathtt{x1} \mathsf{x} \mathit{h}", "𝚡𝟷𝗑h"),
    ],
)
def test_characters(latex, characters):
    assert text(latex) == characters


@pytest.mark.parametrize("style", STYLES)
def test_letters_of_a_style_are_characters_of_their_own(style):
    letters = string.ascii_letters + string.digits + "αβω"
    changed = [(letter, styled(letter, style)) for letter in letters]
    changed = [(letter, other) for letter, other in changed if other != letter]
    assert len(changed) >= 50
    for letter, other in changed:
        assert unicodedata.decomposition(other) == f"<font> {ord(letter):04X}"


def test_fences_and_infinity_are_what_they_are():
    root = fromstring(to_mathml(r"\lfloor -\infty \rfloor", display=False))
    kinds = {element.text: element.tag.removeprefix(NAMESPACE) for element in root.iter()}
    assert (kinds["⌊"], kinds["⌋"], kinds["∞"]) == ("mo", "mo", "mi")


def test_source_is_kept_for_those_who_do_not_see():
    assert fromstring(to_mathml("a\n< b", display=True)).get("alttext") == "a < b"


@pytest.mark.parametrize(
    ("latex", "reason"),
    [
        (r"\foo{x}", r"unknown command \\foo"),
        (r"\begin{foo} x \end{foo}", "unknown environment foo"),
        (r"\frac{a}", "incomplete mfrac"),
        ("x_{a", "unbalanced braces"),
        ("x^a^b", "double superscripts"),
        (r"\left( x", "extra left or missing right"),
        (r"\text{若 $x$}", r"inside \\text"),
    ],
)
def test_faults_are_told(latex, reason):
    with pytest.raises(ValueError, match=reason):
        to_mathml(latex, display=True)


def test_book_numbers_and_links_displayed_formulas(tiny_book):
    book = tiny_book(
        "mathml",
        html_math_renderer="mathml",
        math_numfig=False,
        myst_enable_extensions=["dollarmath"],
    )
    book.write(
        index="# T\n\n$x$\n\n$$a < b$$ (eq-a)\n\n$$c$$\n\n$$d$$ (eq-d)\n\n{eq}`eq-d`\n"
    ).build()
    html = book.html()
    assert book.warnings == ""
    assert html.count('display="block"') == 3
    assert html.count('display="inline"') == 1
    assert html.count('class="eqno">(1)') == html.count('class="eqno">(2)') == 1
    assert 'href="#equation-eq-d"' in html
    assert 'id="equation-eq-d"' in html
    assert "a &lt; b" not in html.replace('alttext="a &lt; b"', "")


def test_book_warns_of_a_fault_with_its_place(tiny_book):
    book = tiny_book("mathml", html_math_renderer="mathml", myst_enable_extensions=["dollarmath"])
    book.write(index="# T\n\nfine\n\n$$\n\\foo\n$$\n").build()
    assert "index.md:5: WARNING: mathematics: unknown command \\foo" in book.warnings
