"""What other folders put above a page's content: a registered function of the request says it.

``web`` knows none of them; an app registers one with ``provides_panel`` in its ``ready()``. It
gives safe HTML, or '' on pages that aren't its own.
"""

from collections.abc import Callable

from django.http import HttpRequest

Panel = Callable[[HttpRequest], str]
_panels: list[Panel] = []


def provides_panel(panel: Panel) -> Panel:
    """Registers a panel; call it from an app's ``ready``."""
    if panel not in _panels:
        _panels.append(panel)
    return panel


def panels_of(request: HttpRequest) -> list[str]:
    """The panels of this page, in the order in which they were registered."""
    return [html for panel in _panels if (html := panel(request))]
