"""Actions of users on a shared circuit: label groups, write notes, make links, open them."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, expect

from tests.e2e.browsing import Visitor
from tests.e2e.explorer import Explorer, query


class Discussed(Explorer):
    """A circuit with a selected group that users discuss."""

    def __init__(self, visitor: Visitor, circuit: Any, group: str, path: str | None = None) -> None:
        super().__init__(visitor, circuit, "" if path else query(select=group), path)
        self.title = self.inspector.get_by_role("heading", level=2).first
        self.notes = self.inspector.locator(".notes-section")
        self.threads = self.notes.get_by_role("list").first

    def call(self, name: str, about: str = "") -> None:
        """Label the selected group."""
        self.inspector.get_by_role("button", name="✎").click()
        form = self.inspector.locator(".label-form")
        form.get_by_label("Name").fill(name)
        form.get_by_label("Description").fill(about)
        form.get_by_role("button", name="Save").click()
        expect(form).to_have_count(0)

    def write(self, text: str) -> None:
        """Post a note on it."""
        form = self.notes.locator("form").last
        form.get_by_role("textbox").fill(text)
        form.get_by_role("button", name="Post").click()
        expect(form.get_by_role("textbox")).to_have_value("")

    def answer(self, first: str, text: str) -> None:
        """Answer the thread that begins with ``first``."""
        thread = self.thread(first)
        thread.get_by_role("button", name="Reply").click()
        thread.get_by_role("textbox").fill(text)
        thread.locator("form").get_by_role("button", name="Reply").click()
        expect(thread.locator("form")).to_have_count(0)

    def thread(self, first: str) -> Locator:
        """Return the thread that begins with this text."""
        return self.notes.locator(".thread").filter(has_text=first)

    def share(self, name: str, comment: bool = False, account: bool = False) -> str:
        """Save the view under a name, and make a link to it; return its path."""
        self.button("Share…").click()
        dialog = self.page.get_by_role("dialog", name="Share this view")
        dialog.get_by_label("Name", exact=True).fill(name)
        if comment:
            dialog.get_by_label("can write notes").check()
        if account:
            dialog.get_by_label("need no account").uncheck()
        expect(dialog.get_by_role("img", name="Preview of this view")).to_be_visible()
        dialog.get_by_role("button", name="Save and create link").click()
        address = dialog.get_by_label("Link", exact=True).input_value()
        assert address.startswith(f"{self.visitor.url}/s/"), address
        dialog.get_by_role("button", name="Close").click()
        return address.removeprefix(self.visitor.url)

    def revoke(self, name: str) -> None:
        """Revoke the only link to a view."""
        self.button("Share…").click()
        dialog = self.page.get_by_role("dialog", name="Share this view")
        dialog.get_by_role("tab", name="My views").click()
        row = dialog.locator(".view-row").filter(has_text=name)
        row.get_by_text("Links and provenance").click()
        row.get_by_role("button", name="Revoke").click()
        self.page.get_by_role("dialog", name="Revoke this link?").get_by_role("button", name="Revoke").click()
        expect(row.locator(".share-link")).to_contain_text("revoked")
        dialog.get_by_role("button", name="Close").click()
