"""Notes as HTML: Markdown without raw HTML and without pictures, and of that only what a list allows.

Two walls, each of which would do: the renderer escapes all HTML that people write, and knows no link that runs; the
sanitiser then keeps known elements alone, and links to http, https and this site.
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
    r"""``text``, which is Markdown, as HTML that does no harm.

    >>> html_of("*Look* at <b>this</b>")
    '<p><em>Look</em> at &lt;b&gt;this&lt;/b&gt;</p>\n'
    """
    # Only who reads notes waits for it to be loaded.
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
