"""The sections of the inspector's pages."""

from django.urls import reverse
from django.utils.translation import gettext as _


def tabs(current: str) -> list[dict[str, object]]:
    """For the ``tabs`` component."""
    sections = (
        ("list", _("异常线索"), "anomalies:list"),
        ("inquiries", _("核查案卷"), "anomalies:inquiries"),
        ("policy", _("线索标准"), "anomalies:policy"),
    )
    return [
        {"label": label, "url": reverse(route), "current": key == current}
        for key, label, route in sections
    ]
