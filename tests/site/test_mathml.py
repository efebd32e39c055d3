"""Mathematics at build time."""

import string
import unicodedata
from xml.etree.ElementTree import fromstring

import pytest

from notesite.formulas.mathml import STYLES, styled, to_mathml

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


@pytest.mark.parametrize(
    ("written", "usual"),
    [
        (r"{a\over b}", r"\frac{a}{b}"),
        (r"x^{{a\over b}\over c}", r"x^{\frac{\frac{a}{b}}{c}}"),
        (r"\overline{ab}", r"\overline{ab}"),
        (r"\text{若 $x<1$}", r"\text{若 }x<1"),
        (r"a \text{若 ${1\over 2}$ 时} b", r"a \text{若 }\frac{1}{2}\text{ 时} b"),
        (
            r"\begin{aligned} [a] &= b \\ [c] &= d \end{aligned}",
            r"\begin{aligned} \lbrack a\rbrack &= b \\ \lbrack c\rbrack &= d \end{aligned}",
        ),
    ],
)
def test_old_habits_mean_what_the_usual_way_means(written, usual):
    """The same elements and letters; brackets may be made of another element."""

    def plain(latex):
        root = fromstring(to_mathml(latex, display=True))
        found = [(element.tag.removeprefix(NAMESPACE), element.text) for element in root.iter()]
        return [text if text in ("[", "]") else (tag, text) for tag, text in found if tag != "mrow"]

    assert plain(written) == plain(usual)


def test_a_single_aligned_column_has_no_empty_attribute():
    root = fromstring(to_mathml(r"\begin{aligned} a \\ b \end{aligned}", display=True))
    assert root.find(f".//{NAMESPACE}mtable") is not None
    assert not [name for e in root.iter() for name, value in e.attrib.items() if not value]


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
        (r"\text{若 $x}", r"inside \\text"),
    ],
)
def test_faults_are_told(latex, reason):
    with pytest.raises(ValueError, match=reason):
        to_mathml(latex, display=True)


def test_book_numbers_and_links_displayed_formulas(tiny_book):
    book = tiny_book(
        "notesite.formulas.mathml",
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
    book = tiny_book(
        "notesite.formulas.mathml",
        html_math_renderer="mathml",
        myst_enable_extensions=["dollarmath"],
    )
    book.write(index="# T\n\nfine\n\n$$\n\\foo\n$$\n").build()
    assert "index.md:5: WARNING: mathematics: unknown command \\foo" in book.warnings


def operators(latex, *, display=True):
    """Return the operators of a formula with what is said about their place and size."""
    root = fromstring(to_mathml(latex, display=display))
    return [(one.text, one.get("form"), one.get("stretchy")) for one in root.iter(f"{NAMESPACE}mo")]


def spaced(latex):
    """Return a formula as text, each thin space as a blank."""
    root = fromstring(to_mathml(latex, display=True))
    return "".join(
        " " if one.tag == f"{NAMESPACE}mspace" else one.text or "" for one in root.iter()
    )


def test_bars_open_and_close_in_turn():
    for bar, latex in [("|", "|a|+|b|"), ("‖", r"\lVert a \rVert + \|b\|"), ("|", r"|a|^2|b|_1")]:
        forms = [form for text, form, _ in operators(latex) if text == bar]
        assert forms == ["prefix", "postfix"] * 2
    assert operators(r"P(A \mid B)")[1] == ("∣", None, None)
    assert operators("P(A | B)")[1][1] is None  # alone it may stand for a condition


@pytest.mark.parametrize(
    ("latex", "forms"),
    [
        ("a=-b", [None, "prefix"]),
        ("a-b", [None]),
        ("-b", [None]),  # the first of a row is one anyway
        (r"a,\ -b", [None, "prefix"]),
        ("x^2-1", [None]),
        (r"|a|-|b|", ["prefix", "postfix", None, "prefix", "postfix"]),
        (r"f'-1", [None, None]),
        (r"1+\cdots+n", [None, None, None]),
        (r"\max(-x, y)", [None, "prefix", None, None]),
        (r"100\%-x", [None]),
    ],
)
def test_signs_are_told_from_operators(latex, forms):
    assert [form for _, form, _ in operators(latex)] == forms


@pytest.mark.parametrize(
    ("latex", "wanted"),
    [
        (r"R\cos\theta", "R cos θ"),
        (r"\sin(x)", "sin(x)"),
        (r"2\sin\pi s", "2 sin πs"),
        (r"\log_2 n", "log2 n"),
        (r"-\ln p", "−ln p"),
        (r"h_{\max}+1", "hmax+1"),
        (r"\operatorname{Var}(y)", "Var(y)"),
        (r"2\operatorname{ReLU} x", "2 ReLU x"),
        (r"\mathrm{BN}x", "BNx"),  # letters, not an operator
        (r"s_1\cdots s_n", "s1 ⋯ sn"),
        (r"x_1,\dots,x_n", "x1,…,xn"),
        (r"M\max_i z", "M maxi z"),
    ],
)
def test_names_of_functions_have_thin_spaces_to_letters_beside_them(latex, wanted):
    assert spaced(latex) == wanted


def test_fences_grow_only_around_what_is_tall():
    def grows(latex):
        return {stretchy for text, _, stretchy in operators(latex) if text in "()"}

    assert grows(r"\left(x\right)") == {"false"}
    assert grows(r"\left(x^2\right)^2") == {"false"}
    assert grows(r"\left(\frac{a}{b}\right)") == {"true"}
    assert grows(r"\left(\sum_{i=1}^n i\right)") == {"true"}
    assert grows(r"\bigl(x\bigr)") == {"false"}
    assert 'mathsize="120%"' in to_mathml(r"\bigl(x\bigr)", display=True)


def test_marks_are_set_as_tex_sets_them():
    root = fromstring(to_mathml(r"\Delta\delta\nabla\partial", display=True))
    kinds = {one.text: (one.tag[len(NAMESPACE) :], one.get("mathvariant")) for one in root.iter()}
    assert kinds["Δ"] == kinds["∇"] == ("mi", "normal")
    assert kinds["δ"] == kinds["∂"] == ("mi", None)
    assert "msup" not in tags("f''")
    assert "msup" in tags("f^2")
    for latex, accent in [(r"\hat x", "ˆ"), (r"\bar x", "¯"), (r"\overline{ab}", "‾")]:
        root = fromstring(to_mathml(latex, display=True))
        (over,) = root.iter(f"{NAMESPACE}mover")
        assert (over.get("accent"), over[1].text) == ("true", accent)
    assert 'width="-0.167em"' in to_mathml(r"f\!x", display=True)
