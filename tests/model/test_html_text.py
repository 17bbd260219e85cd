"""HTML becomes text, however large and broken, in linear time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.model.html_text import CHARACTERS, html_to_text
from tests.toil import linear


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("a<br>b<br/>c<br><br>d", "a\nb\nc\n\nd"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("a  \n b&nbsp; c", "a b c"),
        ("<b>a</b> <i>b</i>c", "a bc"),
        ("&lt;p&gt; &amp; &eacute; &#8364; &#x20ac;", "<p> & é € €"),
        ("&#99999999999999999999; &nope;", "\ufffd &nope;"),
        ("<script>if (a<b) x()</script>t<style>p{}</style>", "t"),
        ("<SCRIPT>x</SCRIPT >t", "t"),
        ("<title>no</title>yes", "yes"),
        ("<!-- <p>no --> yes", "yes"),
        ("<!-->yes", "yes"),
        ("<!doctype html>yes", "yes"),
        ("<?xml x?>yes", "yes"),
        ("a < b and c<5", "a < b and c<5"),
        ('<a href="http://x.example/">link</a>.', "link <http://x.example/>."),
        ("<a href=http://x.example>http://x.example</a>", "http://x.example"),
        ("<a href='mailto:a@x'>a@x</a>", "a@x"),
        ("<a href='http://x.example'></a>", "http://x.example"),
        ("<a href='javascript:evil()'>x</a>", "x"),
        ("<a href='#top'>x</a>", "x"),
        ("<a href='http://a.example'>x<a href='http://b.example'>y</a>", None),
        ("<img alt='A  cat' src=x><img>", "[A cat]"),
        ("<ul><li>a<li>b</ul>c", "- a\n- b\n\nc"),
        ("<ol start=3><li>a</li><li>b</li></ol>", "3. a\n4. b"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n  - b\n- c"),
        ("<ol start=x><li>a</ol><ol start=99999999><li>b</ol>", "1. a\n\n1. b"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a | b\nc"),
        ("x<blockquote>a<p>b</blockquote>y", "x\n\n> a\n>\n> b\n\ny"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("a<hr>b", "a\n--------------------\nb"),
        ('<p title="a > b">c', "c"),
        ("<p title=a'b>c", "c"),
        ('<p title="never', ""),
        ("a<!-- never", "a"),
        ("a<p never", "a"),
        ("a</>b</ >c", None),
        ("</li></ul></ol></blockquote></pre>a", "a"),
        ("<textarea><p>x</textarea>", None),
        ("<template><p>x</template>y", "y"),
        ("<h1>Title</h1><h2>Sub</h2>text", "Title\n\nSub\n\ntext"),
        ("<p>a<o:p></o:p></p><p><o:p>&nbsp;</o:p></p><p>b", "a\n\nb"),
        ("<!--[if mso]><p>no<![endif]-->a<![if !mso]>b<![endif]>", "ab"),
        ("<ol><li>a<ul><li>b<ul><li>c</ul></ul><li>d</ol>", "1. a\n  - b\n    - c\n2. d"),
        ("<ul><li><p>a</p></li><li><p>b</p></li></ul>", "- a\n\n- b"),
        ("<dl><dt>a<dd>b</dl>", "a\nb"),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td></td></tr></table>", "a | b\n1 |"),
        (
            "<table><tr><td><table><tr><td><p>a</p></table></td><td><p>b</p></td></tr></table>",
            "a\n\nb",
        ),
        ("<a href='https://x.example'><img alt='Logo'></a>", "[Logo] <https://x.example>"),
        ("<p>a</b></i></font></p></div></center>b", "a\n\nb"),
        ("<b><p>a</b>b</p>c", "ab\n\nc"),
        ("First&zwnj;&nbsp;&#847;&zwnj; <br>&zwnj; &nbsp;<p>Hi", "First\n\nHi"),
        ("<pre>a &lt; b\n\n  c  \n</pre>d", "a < b\n\n  c\n\nd"),
        ("&copy&notin;&#150;&#0;", None),
    ],
)
def test_html(html: str, text: str | None) -> None:
    found = html_to_text(html)
    if text is not None:
        assert text == found
    assert "evil" not in found


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<div style="display:none">no</div>yes', "yes"),
        ("<div style='color:red; DISPLAY : none !important'>no</div>yes", "yes"),
        ("<span style='visibility:hidden'>no</span>yes", "yes"),
        ("<div style='max-height:0;overflow:hidden'>no</div>yes", "yes"),
        ("<div style='max-height:0.5em;overflow:hidden'>yes</div>", "yes"),
        ("<div style='display:none'>no<div>no</div>no<br>no</div>yes", "yes"),
        ("<div style='display:none'>a < b<script></div></script>no</div>yes", "yes"),
        ("<img style='display:none' alt=no>yes", "yes"),
        ("<ul><li style='display:none'>no<li>yes</ul>", "- yes"),
        ("<table><tr><td style='display:none'>no<td>yes</table>", "yes"),
        ("<table><tr><td><p style='display:none'>no</td><td>yes</table>", "yes"),
        ("<table><tr style='display:none'><td><table><tr><td>no</table><tr><td>yes</table>", "yes"),
        ("<p style='display:none'>no</b>no</p>yes", "yes"),
        ("<div style='display:none'>never ends, yes", "never ends, yes"),
        ("<p style='display:none-such'>yes", "yes"),
        ("<p title='display:none'>yes", "yes"),
        ("<p style='x-display:none'>yes", "yes"),
        ("<p style=display:none>no</p>yes", "yes"),
        ("<p style='font-size:0'>yes", "yes"),
        ("<span style='font-size:0px'>no</span>yes", "yes"),
        ("<td style='font-size:0'> <div style='font-size:13px'>yes</div></td>", "yes"),
        ("<span style='font-size:0.9em'>yes</span>", "yes"),
        ("<div style='opacity:0'>no</div>yes", "yes"),
        ("<div style='opacity:0.0;'>no<b>no</b></div>yes", "yes"),
        ("<div style='opacity:0.5'>yes</div>", "yes"),
        ("<div style='width:0;height:0'>no</div>yes", "yes"),
        ("<div style='max-width:0px;overflow:hidden'>no</div>yes", "yes"),
        ("<tr style='line-height:0;min-height:0'><td>yes", "yes"),
        ("<div style='/*x*/display:none'>no</div>yes", "yes"),
        ("<div style='color:red;/* ; */display/**/:none'>no</div>yes", "yes"),
        ("<div style='color:red/* display:none'>yes</div>", "yes"),
        ("<div hidden>no</div>yes", "yes"),
        ("<div class='a'hidden>no</div>yes", "yes"),
        ("<div HIDDEN=hidden id=x>no</div>yes", "yes"),
        ("<p title='the hidden one' aria-hidden=true data-hidden>yes", "yes"),
        ("<p title= hidden>yes", "yes"),
        ("<img alt='a hidden cat'>", "[a hidden cat]"),
        ("<input type=hidden>yes", "yes"),
        ("<!--[if mso]>no<![endif]--><a style='mso-hide:all'>yes</a>", "yes"),
        ("<style>.p{display:none}</style><p class=p>yes", "yes"),
    ],
)
def test_what_a_style_hides_is_no_text(html: str, text: str) -> None:
    assert text == html_to_text(html)


@pytest.mark.parametrize("control", ["\x1b", "\0", "\x7f", "\x9b", "&#27;", "&#x81;", "\b"])
def test_control_characters_are_no_text(control: str) -> None:
    assert "a[2Jb" == html_to_text(f"<p>a{control}[2Jb</p>")
    assert "[ab] <https://x.example/>" == html_to_text(
        f"<a href='https://x.example/{control}'><img alt='a{control}b'></a>"
    )


@pytest.mark.parametrize("html", [None, b"<p>a", 5], ids=str)
def test_anything_but_a_string_is_misused(html: Any) -> None:
    with pytest.raises(Misused, match="HTML must be a string"):
        html_to_text(html)


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<!--",
        "<!",
        "</",
        "<a ",
        '<a "',
        "<a '\"",
        '<a b="',
        "<a b='><",
        "<p>",
        "<ul>",
        "<ul><li>",
        "<blockquote>",
        "<pre>",
        "<pre>\n",
        "<td>",
        "<script>",
        "<script></scrip",
        "<a href=http://x>",
        "<a href='http://x'>y",
        "&#",
        "&amp",
        "&" + "a" * 40,
        "\n",
        "<br>",
        "<title></title",
        "< a=\"'",
        "-->",
        "<a href=" + "x" * 30,
        "<p style=display:none>",
        "<div style=display:none><div>",
        "<div style=display:none></div>",
        "<a style='" + "display: " * 9 + "'>",
        "<a style='" + " " * 999 + "'>",
        "<a style='" + "/*" * 99 + "'>",
        "<a style='" + "width:" * 99 + "'>",
        "<a hidden ",
        "<p " + "= " * 99 + "hidden>",
        "\x1b",
        "\u200b ",
    ],
)
def test_html_bombs_take_linear_time(piece: str) -> None:
    html = piece * (1_000_000 // len(piece))
    with linear():
        text = html_to_text(html)
    assert len(html) * 25 > len(text)


def test_html_beyond_the_bound_is_cut() -> None:
    assert CHARACTERS == len(html_to_text("x" * (CHARACTERS + 5)))


@given(st.text(alphabet="<>/!-abp&;#x'\"= \nliu"))
def test_law_no_html_raises(html: str) -> None:
    assert isinstance(html_to_text(html), str)
