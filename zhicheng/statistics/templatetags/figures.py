"""Cells of tables of figures, put together in one go: a large table has thousands of them."""

from collections.abc import Sequence

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from zhicheng.statistics.notes import hidden_words, note_on
from zhicheng.statistics.tables import Cell, Table

register = template.Library()


@register.simple_tag
def number(cell: Cell | None) -> SafeString:
    """A figure as a link to its people, or an asterisk with its reason."""
    return _words([cell])[0] if cell is not None else SafeString("")


@register.simple_tag
def figure(n: int | None, link: str = "") -> SafeString:
    """A number that stands for itself, with the people behind it where ``link`` leads to them."""
    return _words([Cell(n, link)])[0]


@register.simple_tag
def papers(n: int | None, address: str = "") -> SafeString:
    """A number of papers, with the list of them where ``address`` leads to it."""
    return format_html('<a href="{}">{}</a>', address, n) if n and address else figure(n)


@register.simple_tag
def numbers(cells: Sequence[Cell], total: Cell | None = None, sums: object = False) -> SafeString:
    """The cells of a line as ``td``, with its sum where the table has sums."""
    shown: list[Cell | None] = [*cells]
    if sums:
        shown.append(total)
    return format_html_join(
        "", '<td class="zc-number">{}</td>', ((words,) for words in _words(shown))
    )


@register.simple_tag
def note(table: Table) -> SafeString:
    """What is said above the table of groups without lines or numbers, as a paragraph."""
    words = note_on(table)
    return format_html('<p class="zc-muted">{}</p>', words) if words else SafeString("")


def _words(cells: Sequence[Cell | None]) -> list[SafeString]:
    people = reverse("statistics:people")
    hidden: SafeString | None = None
    found = []
    for cell in cells:
        if cell is None:
            found.append(SafeString(""))
        elif cell.n is None:
            if hidden is None:
                hidden = format_html(
                    '<span class="zc-muted" title="{}">*<span class="zc-unseen">{}</span></span>',
                    hidden_words(),
                    _("（不显示）"),
                )
            found.append(hidden)
        elif cell.link:
            found.append(format_html('<a href="{}?{}">{}</a>', people, cell.link, cell.n))
        else:
            # A whole number is nothing that HTML could stumble over.
            found.append(mark_safe(str(cell.n)))  # noqa: S308
    return found
