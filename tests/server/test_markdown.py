"""Notes as HTML: all text is shown, and none of it runs, loads anything or links anywhere unseen."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurflow_server.services.markdown import html_of

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://example.org/x.png)",
    "![x](javascript:alert(1))",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://example.org "\\" onmouseover=alert(1) x=\\"")',
    '[x](https://example.org"onclick="alert(1))',
    "<a href='javascript:alert(1)'>x</a>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<style>*{display:none}</style>",
    "<iframe src=//example.org></iframe>",
    "<details open ontoggle=alert(1)>",
    "```<script>\nalert(1)\n```",
    "`<img src=x onerror=alert(1)>`",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "<!--><script>alert(1)</script>-->",
    "\u2028<script>\u2029",
]
ALLOWED = {"a": {"href", "rel"}, "ol": {"start"}}


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def harmless(html: str) -> None:
    for tag, attributes in Tags(html).found:
        assert re.fullmatch("p|br|em|strong|s|code|pre|blockquote|ul|ol|li|a|h[1-6]|hr|table|thead|tbody|tr|th|td", tag)
        assert attributes.keys() <= ALLOWED.get(tag, set())
        href = attributes.get("href")
        if href is not None:
            assert not re.match(r"[\s\x00-\x1f]*(?!https?:)[a-z][a-z0-9+.-]*:", href, re.I), href
            assert attributes["rel"] == "noopener noreferrer nofollow"


@pytest.mark.parametrize("text", ATTACKS)
def test_an_attack_is_shown_and_not_run(text: str) -> None:
    harmless(html_of(text))


@given(st.text(max_size=200) | st.lists(st.sampled_from(ATTACKS), max_size=4).map("".join))
def test_arbitrary_text_does_no_harm(text: str) -> None:
    harmless(html_of(text))


def test_markdown_is_rendered() -> None:
    html = html_of("# Ears\n\n*a* **b** ~~c~~ `d`\n\n1. one\n\n> [quote](https://example.org/a)\n\n| h |\n|---|\n| c |")
    for part in ("<h1>Ears</h1>", "<em>a</em>", "<s>c</s>", "<ol>", "<blockquote>", "<td>c</td>"):
        assert part in html
    assert '<a href="https://example.org/a" rel="noopener noreferrer nofollow">quote</a>' in html
    assert 'href="/circuits/cat-00000?note=note-1"' in html_of("[see](/circuits/cat-00000?note=note-1)")


@pytest.mark.parametrize(
    "text", ["[" * 10_000, "*a_" * 3_000, "> " * 5_000, "`" * 10_000, "- " * 5_000, "![[](" * 2_000]
)
def test_long_nonsense_is_rendered_quickly(text: str) -> None:
    begun = time.thread_time()  # however busy the machine is
    harmless(html_of(text))
    assert time.thread_time() - begun < 2.0
