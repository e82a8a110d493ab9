"""A shared view within a notebook: notebooks show what has a form as HTML, so nothing of theirs need be installed."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Frame:
    """A page of the service in a frame.

    Args:
        address: of the page.
        width: as in CSS or HTML: ``"100%"`` or pixels.
        height: in pixels.
    """

    address: str
    width: str | int = "100%"
    height: int = 640

    def _repr_html_(self) -> str:
        """As a notebook shows it."""
        return (
            f'<iframe src="{escape(self.address)}" width="{escape(str(self.width))}" height="{int(self.height)}" '
            'style="border:0" loading="lazy" referrerpolicy="no-referrer" title="NeurFlow Explorer"></iframe>'
        )
