"""Show a view in a notebook by its HTML representation, without a notebook extension."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class IFrame:
    """A page of the service in an iframe.

    Args:
        address: URL of the page.
        width: width in CSS or HTML: ``"100%"`` or pixels.
        height: height in pixels.
    """

    address: str
    width: str | int = "100%"
    height: int = 640

    def _repr_html_(self) -> str:
        """Return the HTML that notebooks display."""
        return (
            f'<iframe src="{escape(self.address)}" width="{escape(str(self.width))}" height="{int(self.height)}" '
            'style="border:0" loading="lazy" referrerpolicy="no-referrer" title="NeurFlow Explorer"></iframe>'
        )
