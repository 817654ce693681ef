"""Components that other folders have: each shows itself on the style guide, by its own template."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string


@dataclass(frozen=True)
class Sample:
    """A component with made-up content: what it is, its template, what that needs."""

    key: str
    title: str
    template: str
    context: Mapping[str, Any]

    def rendered(self) -> str:
        """As a page shows it."""
        return render_to_string(self.template, dict(self.context))


Maker = Callable[[], Sample]
_makers: list[Maker] = []


def provides_sample(maker: Maker) -> Maker:
    """Registers a sample for the style guide; call it from an app's ``ready``."""
    if maker not in _makers:
        _makers.append(maker)
    return maker


def samples() -> list[Sample]:
    """Every folder's."""
    return [maker() for maker in _makers]
