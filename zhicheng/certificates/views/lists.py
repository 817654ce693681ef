"""All certificates, registers to work on, and what waits for my embossing."""

from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zhicheng.certificates import list_columns as of_certificates
from zhicheng.certificates.models import Certificate, CertificateState, Origin
from zhicheng.certificates.queries import station, visible, visible_by_way
from zhicheng.certificates.tabs import tabs
from zhicheng.database.any_of import looked_up
from zhicheng.organizations.guard import sees_all
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.registers import list_columns as of_registers
from zhicheng.registers.models import Register
from zhicheng.values.serials import format_serial
from zhicheng.web.lists import COUNTED_LONG, ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page

REGISTERS_OFFERED = 300
# Of a register's certificates: none waits for its photo, none is withdrawn (their guards).
_ON_THEIR_WAY = [
    CertificateState.AWAITING_BLANK,
    CertificateState.FILLED,
    CertificateState.SEALED,
    CertificateState.EMBOSSED,
]
_OF_REGISTERS = [*_ON_THEIR_WAY, CertificateState.ISSUED]


def units_offered(request: HttpRequest) -> list[tuple[str, str]]:
    """The issuing units of what the account may see, for a filter."""
    found = station.issuing_units(account_of(request))
    return [(str(key), name) for key, name in found.values_list("pk", "name")]


def registers_offered(request: HttpRequest) -> list[tuple[str, str]]:
    """The newest registers that the account may see, for a filter, and the one that was asked for.

    A register's own page leads here, however old it is.
    """
    visible = station.stations(account_of(request)).order_by("-pk").values_list("pk", "number")
    found = list(visible[:REGISTERS_OFFERED])
    asked = request.GET.get("register", "")
    if asked.isascii() and asked.isdigit() and int(asked) not in dict(found):
        found += visible.filter(pk=int(asked))
    return [(str(key), number) for key, number in found]


def _serial(row: Any) -> str:
    return format_serial(row.blank_serial) if row.blank_serial else ""


class Certificates(ListPage):
    """Every certificate that the account may see."""

    title = gettext_lazy("证书")
    purpose = gettext_lazy("每本职称证书的内容取自已受理的登记表；身份证号码只显示首尾几位。")
    clause = "N6"
    template_name = "certificates/list.html"
    action = Action.CERTIFICATE_VIEW
    columns = (
        of_certificates.NUMBER,
        of_certificates.NAME,
        of_certificates.MASKED,
        of_certificates.TITLE,
        of_certificates.SPECIALTY,
        of_certificates.GRADE,
        of_certificates.APPROVED,
        of_certificates.ISSUING,
        Column(
            gettext_lazy("登记表"),
            lambda row: row.register.number if row.register else row.get_origin_display(),
            sort="register__number",
            kind="code",
            link=lambda row: (
                reverse("certificates:station", args=[row.register_id]) if row.register_id else ""
            ),
        ),
        Column(gettext_lazy("空白证书编号"), _serial, sort="blank_serial", kind="code"),
        of_certificates.STATE,
        of_certificates.ISSUED,
    )
    filters = (
        ChoiceFilter("state", gettext_lazy("状态"), CertificateState.choices),
        ChoiceFilter("grade", gettext_lazy("等级"), Grade.choices),
        ChoiceFilter("origin", gettext_lazy("来源"), Origin.choices),
        ChoiceFilter(
            "unit",
            gettext_lazy("发放单位"),
            units_offered,
            apply=lambda rows, value: rows.filter(issuing_unit=int(value)),
        ),
        ChoiceFilter(
            "register",
            gettext_lazy("登记表"),
            registers_offered,
            apply=lambda rows, value: rows.filter(register=int(value)),
        ),
        DateFilter("issued", gettext_lazy("发放日期"), "issued_at__date"),
    )
    search_fields = ("number", "name", "register__number", "document_number", "work_unit")
    search_beginnings = search_fields
    search_hint = gettext_lazy("姓名、编号、登记表、文号、单位")
    walk_sort = ("-pk",)
    counted = COUNTED_LONG
    default_sort = ("-register_id", "position")
    empty_title = gettext_lazy("还没有证书")
    empty_text = gettext_lazy("空白证书签收后，由发放单位经办人在“按登记表办理”中填制。")
    export_name = "certificates"

    @property
    def quick_sorts(self) -> tuple[str, ...]:  # type: ignore[override]
        """An index of all certificates finds a page soon, unless few of them are one's own."""
        mine = self.account.organization
        if mine.is_approving_department or sees_all(self.account):
            return ("number", "-number", "blank_serial", "-issued_at")
        return ("-issued_at",)

    def get_queryset(self) -> QuerySet[Certificate]:
        """The certificates that the account may see, without what a list doesn't show."""
        return visible(self.account).defer(
            "id_number_cipher", "id_number_index", "register__source"
        )

    def ways(self) -> list[QuerySet[Certificate]]:
        """Those of each way in which the account sees certificates."""
        origin = self.request.GET.get("origin", "")
        # Those of registers alone name one (certificate_has_one_origin): others aren't looked for
        # among the many that are seen by their registers.
        other = origin in Origin.values and origin != Origin.REGISTER
        return visible_by_way(self.account, by_register=not other)

    def beginnings_among(self) -> list[QuerySet[Certificate]]:
        """What the account may see: others' would crowd its own out."""
        return self.ways() or [visible(self.account)]

    def extra_context(self) -> dict[str, Any]:
        """Tabs."""
        return {"tabs": tabs(self.account, "list")}


def _counted(*states: str) -> Any:
    of_register = Certificate.objects.filter(register=OuterRef("pk"), state__in=states).order_by()
    numbers = of_register.values("register").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(numbers), Value(0), output_field=IntegerField())


_MADE = F("made_count")


def _waiting(rows: QuerySet[Register], place: str) -> QuerySet[Register]:
    if place == station.UNFILLED:
        return rows.filter(row_count__gt=_MADE)
    there = Certificate.objects.filter(register=OuterRef("pk"), state=place)
    return rows.filter(looked_up(there), made_count__gt=0)


class Stations(ListPage):
    """Accepted registers with how many of their certificates are where: the way to the work."""

    title = gettext_lazy("按登记表办理证书")
    purpose = gettext_lazy("填制、加盖公章、加盖钢印、发放：签章完备后方能发放。")
    clause = "N8"
    template_name = "certificates/list.html"
    action = Action.CERTIFICATE_VIEW
    columns = (
        of_registers.number("certificates:station", gettext_lazy("登记表")),
        of_registers.REPORTING,
        of_registers.ISSUING,
        of_registers.PEOPLE,
        Column(gettext_lazy("待填制"), "n_unfilled", sort="n_unfilled", kind="number"),
        *(
            Column(state.label, f"n_{state.value}", sort=f"n_{state.value}", kind="number")
            for state in _OF_REGISTERS
        ),
        Column(gettext_lazy("受理时间"), "accepted_at", sort="accepted_at", kind="time"),
    )
    filters = (
        ChoiceFilter(
            "place",
            gettext_lazy("含有"),
            (
                (station.UNFILLED, gettext_lazy("待填制")),
                *((state.value, state.label) for state in _OF_REGISTERS),
            ),
            apply=_waiting,
        ),
        ChoiceFilter(
            "unit",
            gettext_lazy("发放单位"),
            units_offered,
            apply=lambda rows, value: rows.filter(issuing_unit=int(value)),
        ),
    )
    search_fields = ("number", "reporting_unit__name")
    search_hint = gettext_lazy("登记表编号、填报单位")
    # What is counted of each register is counted for the page that is shown, not to sort by it.
    quick_sorts = tuple(
        f"{sign}{name}"
        for name in (
            *("number", "reporting_unit__name", "issuing_unit__name"),
            *("row_count", "n_unfilled", "accepted_at"),
        )
        for sign in ("", "-")
    )
    counted = COUNTED_LONG
    default_sort = ("-accepted_at", "-pk")
    empty_title = gettext_lazy("还没有已受理的登记表")
    empty_text = gettext_lazy("登记表受理、空白证书签收后，在这里办理证书。")
    export_name = "stations"

    def get_queryset(self) -> QuerySet[Register]:
        """The registers whose certificates the account may see."""
        return station.stations(self.account).annotate(
            **{f"n_{state.value}": _counted(state.value) for state in _ON_THEIR_WAY},
            n_issued=_MADE - _counted(*(state.value for state in _ON_THEIR_WAY)),
            n_unfilled=F("row_count") - _MADE,
        )

    def extra_context(self) -> dict[str, Any]:
        """Tabs."""
        return {"tabs": tabs(self.account, "stations")}


@require_GET
@page(Action.CERTIFICATE_EMBOSS)
def embossing(request: HttpRequest) -> HttpResponse:
    """Registers with sealed certificates that my organisation embosses (N8)."""
    account = account_of(request)
    lines = station.to_emboss(account)
    context = {
        "lines": lines,
        "total": sum(line.count for line in lines),
        "tabs": tabs(account, "embossing"),
    }
    return render(request, "certificates/embossing.html", context)
