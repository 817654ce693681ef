"""One table of an anomaly's evidence, whole: sorted, page by page, as an Excel file (N18)."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from zhicheng.anomalies import evidence, queries
from zhicheng.anomalies.tabs import tabs
from zhicheng.organizations.permissions import Action
from zhicheng.web.lists import ListPage


class EvidenceList(ListPage):
    """The objects of one kind that an anomaly's evidence names."""

    purpose = _("这条线索的依据所列的对象，可以排序、翻页、导出；点开即可查看原始记录。")
    clause = "N18"
    action = Action.ANOMALY_VIEW
    template_name = "anomalies/evidence.html"
    empty_title = _("没有可以列出的对象")
    empty_text = _("依据所列的对象已不在系统中。")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """The table of the address; 404 where the evidence names nothing of the kind."""
        self.anomaly = get_object_or_404(queries.anomalies(), pk=kwargs["pk"])
        kind = kwargs["kind"]
        known = {group.kind: group for group in evidence.groups(self.anomaly)}
        if kind not in known:
            raise Http404
        self.group = known[kind]
        self.title = evidence.title_of(self.anomaly, kind)
        self.columns: Sequence[Any] = self.group.columns  # type: ignore[misc]
        self.default_sort: Sequence[str] = self.group.order  # type: ignore[misc]
        self.export_name = f"anomaly-{self.anomaly.pk}-{kind}"
        return super().get(request, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        """What the evidence names; whoever may see an anomaly sees its objects' main data."""
        return self.group.rows

    def extra_context(self) -> dict[str, Any]:
        """The anomaly, and whether its evidence names all."""
        return {"anomaly": self.anomaly, "group": self.group, "tabs": tabs("list")}

    def _filters_in_words(self, request: HttpRequest) -> dict[str, str]:
        return {"anomaly": str(self.anomaly.pk)}
