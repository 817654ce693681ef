"""What a saved view shows, in words."""

from urllib.parse import parse_qsl

from django.utils.translation import gettext as _

from zhicheng.statistics import comparing, queries
from zhicheng.statistics.areas import Area
from zhicheng.statistics.models import SavedView
from zhicheng.statistics.tables import Question, parse, scope_of, title_of


def told(view: SavedView, area: Area) -> str:
    """The page that it opens, and of a table what stands in it."""
    given, years = dict(parse_qsl(view.query)), queries.years()
    words = {
        "overview": _("总览"),
        "table": _("统计表"),
        "compare": _("年度对比"),
        "process": _("办理情况"),
    }.get(view.path, view.path)
    match view.path:
        case "table":
            question = parse(given, area, years)
            more = [title_of(question), *scope_of(area, question)[1:]]
        case "compare":
            more = [title_of(Question(*comparing.asked(given, area, years)))]
            more += [given[key] for key in ("a", "b") if key in given]
        case _:
            more = [given["year"]] if "year" in given else []
    return " · ".join([words, *more])
