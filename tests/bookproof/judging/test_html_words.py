"""Pieces of HTML in words."""

import re

import pytest

from bookproof.judging.html_words import words

READ = {
    "a <b>bold</b>\n  word": "a bold word",
    "<p>one<p>two<br>three": "one\ntwo\nthree",
    "<p>a" * 3000: "a\n" * 2999 + "a",
    "<h2>Title</h2><div>a<div>b</div>c</div>": "Title\na\nb\nc",
    "<ul><li>one<li>two<ol start=3><li>three</ol></ul>": "- one\n- two\n3. three",
    "<pre>  a\n\n    b</pre>": "  a\n\n    b",
    "x<sup>2</sup> + y<sub>1</sub>": "x^2 + y_1",
    "1 &lt; 2 &amp; 3&nbsp;&#215; 4": "1 < 2 & 3 × 4",
    '<a href="https://example.org">here</a>': "here <https://example.org>",
    '<a href="b">b</a>': "b",
    "<table><caption>C</caption><tr><th>a<th>b<tr><td>1<td>2</table>": "C\n| a | b |\n| 1 | 2 |",
    "<table><tr><td colspan=2>w<td>x<tr><td>1<td>2<td>3</table>": "| w |  | x |\n| 1 | 2 | 3 |",
    "<table><tr><td rowspan=2>high<td>x<tr><td>y</table>": "| high | x |\n|  | y |",
    "<table><tr><td>a<br>b<td>c|d</table>": r"| a ⏎ b | c\|d |",
    "<table><tr><td>a<table><tr><td>in</table></table>": "| a ⏎ \\| in \\| |",
    "text <img src=a.png alt=A>": "text [image A a.png]",
    "<input type=checkbox checked> on <input value=3>": "[x] on [text 3]",
    "<progress value=3 max=4></progress>": "[progress 3 of 4]",
    "a<span hidden>b</span><i style='display: none'>c</i>d": "ad",
    # A style sheet could show it again: then it counts.
    "<style>i {display: block !important}</style>a<i hidden>b</i>": "ab",
    "<style>b::after {content: '41 %'}</style><b>x</b>": "x\n[style '41 %']",
    "<style>b::after {content: ''}</style><b>x</b>": "x",
    "<!-- a comment --><!doctype html>x": "x",
    "<details><summary>more</summary>inside</details>": "more\ninside",
    "<select><option>a<option>b</select>": "a\nb",
}


@pytest.mark.parametrize(("html", "text"), READ.items())
def test_html_is_put_into_words(html, text):
    assert words(html).opaque == ()
    assert words(html).text == text


@pytest.mark.parametrize(
    ("html", "what"),
    [
        ("<div id=plot></div><script>draw('plot')</script>", "script"),
        ("<p>Loading</p><script src=x.js></script>", "script"),
        ("<img src=x onerror='this.outerHTML=1'> text", "script"),
        ("<iframe src=https://example.org></iframe>", "frame"),
        ("<object data=a.pdf>text</object>", "frame"),
        ("<video src=a.mp4></video>text", "recording"),
        ("<template shadowrootmode=open>text</template>", "script"),
        ("<div id=plot></div>", "empty element"),
        ("<img src='data:image/png;base64,AAAA'>", "picture"),
        ("<svg><path d='M0 0'/></svg>", "picture"),
        ("a<!-->b-->", "comment"),
        ("<![x[a]]>", "unreadable text"),
        ("<b>" * 5000 + "a", "unreadable text"),
        ("a<textarea><b>c</b></textarea>", "raw text"),
        ("<style>b::after {content: attr(title)}</style><b title=x>y</b>", "style"),
    ],
)
def test_what_cannot_be_put_into_words_is_named(html, what):
    assert what in words(html).opaque


@pytest.mark.parametrize("html", ["", "<style>p {color: red}</style>", "<!-- x -->", "<br>"])
def test_what_shows_nothing_says_nothing(html):
    assert (words(html).text, words(html).opaque) == ("", ())


def test_a_drawing_is_its_texts_and_a_digest():
    svg = "<svg viewBox='0 0 9 9'><!-- v1 --><text>one</text>\n<path d='M0 0L{} 9'/></svg>"
    one, other = words(svg.format(9)), words(svg.format(8))
    assert one.text.split("\n")[0] == other.text.split("\n")[0] == "one"
    assert re.fullmatch(r"\[drawing sha_[0-9a-f]{16}\]", one.text.split("\n")[1])
    assert one.text != other.text
    assert words(svg.format(9).replace("v1", "v2").replace("\n", "")).text == one.text
    picture = "x <img src='data:image/png;base64,{}'>"
    assert words(picture.format("AAAA")).text != words(picture.format("AAAB")).text


ODD = """
<table><thead><tr><th>k<th>v<tbody><tr><th>a<td>1.50<tr><th>b<td>-2e-3</table>3 rows
<dl><dt>term<dd>what it is</dl><p>&alpha;&#x3b2; &notanentity; a&lt;b 5<6 a<b>c</b>
<details open><summary>sum</summary><p>inner</details>
<svg width=50 height=20><title>tip</title><text y=9>12<tspan>34</tspan></text></svg>
<select><option>one<option selected>two</select><button>press</button>
<style>.gone {display: none} .back {display: inline !important}</style>
<i class=gone>no</i><i class=back style="display:none">yes</i><i hidden>maybe</i>
<pre>
 kept   apart
</pre><p>un<!-- never seen -->seen<!-- 1 > 0 --></p><ruby>漢<rt>kan</rt></ruby>
<table><caption>T</caption><tr><td rowspan=2>x<td>y<tr><td><ul><li>z<li>w</ul></table>
<math><mi>x</mi><mo>=</mo><mn>3</mn></math><x-own>own</x-own><center>old</center>
<p>a<p>b</div></span>c<b>d<i>e</b>f</i><a href="/to">link</a>&amp;&copy 2024
""".strip().split("\n")


def test_every_character_that_a_browser_shows_counts(reader):
    mutants = [(html, mutant) for html in ODD for mutant in reader.visible(html)]
    missed = [
        mutant
        for html, mutant in mutants
        if words(mutant).text == words(html).text and not words(mutant).opaque
    ]
    assert missed == []
    assert len(mutants) > 110
