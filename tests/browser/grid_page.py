"""A person's hands on the register's grid, for browser tests."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Window
from zhicheng.registers.models import Register


class Grid:
    """A person in front of the grid."""

    def __init__(self, window: Window, register: Register, **asked: object) -> None:
        self.window, self.register = window, register
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        self.page: Page = window.go(f"/registers/{register.pk}/?{query}")
        expect(self.page.locator("#sheet.is-loaded")).to_be_visible()

    def cell(self, position: int, key: str) -> Locator:
        row = self.page.locator(f".g-row[aria-rowindex='{position + 1}']")
        return row.locator(f".g-cell[data-key='{key}']")

    def choose(self, position: int, key: str) -> None:
        self.cell(position, key).click()

    def active(self) -> tuple[str, str]:
        """(序号, column's key) of the chosen cell."""
        cell = self.page.locator(".g-cell.is-active")
        place = cell.locator("..").locator(".g-number").inner_text()
        return place, cell.get_attribute("data-key") or ""

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def paste(self, text: str) -> None:
        """As the browser hands over what Excel put on the clipboard."""
        self.page.evaluate(
            """(text) => {
                const data = new DataTransfer();
                data.setData("text/plain", text);
                const event = new ClipboardEvent("paste",
                    { clipboardData: data, bubbles: true, cancelable: true });
                document.activeElement.dispatchEvent(event);
            }""",
            text,
        )

    def copied(self) -> str:
        return self.page.evaluate(
            """() => {
                const data = new DataTransfer();
                const event = new ClipboardEvent("copy",
                    { clipboardData: data, bubbles: true, cancelable: true });
                document.activeElement.dispatchEvent(event);
                return data.getData("text/plain");
            }"""
        )

    def saved(self) -> None:
        expect(self.page.locator("[data-grid='state'][data-state='saved']")).to_be_visible()

    def said(self, text: str) -> None:
        expect(self.page.locator("[data-grid='said']")).to_contain_text(text)
