"""HTML becomes text, however large and broken, in linear time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    ],
)
def test_html(html: str, text: str | None) -> None:
    found = html_to_text(html)
    if text is not None:
        assert text == found
    assert "evil" not in found


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
