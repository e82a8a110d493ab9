"""Notes as HTML: Markdown without raw HTML and pictures, sanitised with an allow-list.

Two defences, each sufficient: the renderer escapes all HTML in the text and rejects script links; the sanitiser then
keeps only known elements, and links to http, https and this site.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_BLOCKS: Final = {"p", "pre", "blockquote", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
_WITHIN: Final = {"br", "em", "strong", "s", "code", "a"}
_TABLES: Final = {"table", "thead", "tbody", "tr", "th", "td"}
_ATTRIBUTES: Final[dict[str, set[str]]] = {"a": {"href"}, "ol": {"start"}, "*": set()}
_SCHEMES: Final = {"http", "https"}
_REL: Final = "noopener noreferrer nofollow"


def html_of(text: str) -> str:
    r"""Convert Markdown to safe HTML.

    >>> html_of("*Look* at <b>this</b>")
    '<p><em>Look</em> at &lt;b&gt;this&lt;/b&gt;</p>\n'
    """
    # Imported here, so that only requests for notes wait for it.
    import nh3

    return nh3.clean(
        _renderer().render(text),
        tags=_BLOCKS | _WITHIN | _TABLES,
        attributes={name: set(values) for name, values in _ATTRIBUTES.items()},
        url_schemes=set(_SCHEMES),
        link_rel=_REL,
    )


@cache
def _renderer() -> MarkdownIt:
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    return renderer.enable(["table", "strikethrough"]).disable(["image", "html_block", "html_inline"])
