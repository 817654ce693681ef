"""Made-up pictures of figures for the style guide."""

from django.utils.translation import gettext as _

from zhicheng.statistics import pictures
from zhicheng.web.samples import Sample


def pyramid() -> Sample:
    """Three levels."""
    levels = [(_("正高级"), 120, 80), (_("副高级"), 340, 310), (_("中级"), 560, 720)]
    return Sample(
        "pyramid",
        _("级别金字塔"),
        "statistics/_pyramid.html",
        {"pyramid": pictures.pyramid(levels)},
    )


def district_map() -> Sample:
    """Every shade, and a district without people."""
    names = ("渝中区", "江北区", "万州区", "涪陵区", "永川区", "黔江区")
    numbers = {name: 90 * place for place, name in enumerate(names)}
    tiles = pictures.tiles(numbers, {})
    return Sample("map", _("区县示意图"), "statistics/_map.html", {"tiles": tiles, "off_map": 40})
