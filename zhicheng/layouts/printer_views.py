"""打印机: a unit's printers, the ruler sheet, calibration, and the page that confirms it (N8)."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhicheng.documents import calibration, ruler_sheet
from zhicheng.documents.calibration import Measured, Point
from zhicheng.layouts import printers, queries
from zhicheng.layouts.forms import CalibrationForm, PrinterForm, sheets
from zhicheng.layouts.models import Printer
from zhicheng.organizations.guard import may
from zhicheng.organizations.permissions import Action
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import Column, ListPage
from zhicheng.web.pages import account_of, page


def offsets(row: Printer) -> str:
    """What the printer needs, in a few words."""
    if row.current is None:
        return _("未校准")
    now = row.calibration
    return (
        f"{now.dx:+.2f}, {now.dy:+.2f} mm · {(now.scale_x - 1) * 100:+.2f} %, "
        f"{(now.scale_y - 1) * 100:+.2f} %"
    )


class Printers(ListPage):
    """The printers that the account may see."""

    title = gettext_lazy("打印机")
    purpose = gettext_lazy("本单位打印证书的打印机；每台校准一次，更换硒鼓、维修或移动后重新校准。")
    clause = "N8"
    template_name = "layouts/printers.html"
    action = Action.PRINTER_VIEW
    default_sort = ("organization", "-active", "name")
    columns = (
        Column(
            gettext_lazy("打印机"),
            "name",
            sort="name",
            link=lambda row: reverse("layouts:printer", args=[row.pk]),
        ),
        Column(gettext_lazy("单位"), "organization.name", sort="organization__name"),
        Column(gettext_lazy("进纸说明"), "tray_note"),
        Column(gettext_lazy("校准（横、纵偏移 · 缩放）"), offsets, kind="code"),
        Column(gettext_lazy("校准人"), "current.calibrated_by.display_name"),
        Column(
            gettext_lazy("校准时间"),
            "calibrated_at",
            sort="current__calibrated_at",
            kind="time",
        ),
        Column(
            gettext_lazy("状态"),
            lambda row: "active" if row.active else "retired",
            kind="badge",
            label=lambda row: _("在用") if row.active else _("已停用"),
        ),
    )
    search_fields = ("name", "organization__name")
    search_hint = gettext_lazy("打印机、单位")
    empty_title = gettext_lazy("还没有登记打印机")
    empty_text = gettext_lazy("登记后打印标尺页，量三个十字，就能校准。")
    export_name = "printers"

    def get_queryset(self) -> QuerySet[Printer]:
        """The own organisation's, or all."""
        return queries.visible_printers(self.account)

    def extra_context(self) -> dict[str, Any]:
        """The button."""
        own = Printer(organization=self.account.organization)
        return {"may_add": may(self.account, Action.PRINTER_ADD, own)}


def printer_or_404(request: HttpRequest, pk: int) -> Printer:
    """A printer that the account may see; others don't learn that it exists."""
    found = queries.visible_printers(account_of(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@page(Action.PRINTER_ADD)
def new(request: HttpRequest) -> HttpResponse:
    """登记打印机."""
    form = PrinterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = account_of(request)
        made = printers.add_printer(
            actor=account, organization=account.organization, **form.cleaned_data
        )
        messages.success(
            request, _("已登记%(printer)s。下一步：打印标尺页。") % {"printer": made.name}
        )
        return redirect("layouts:printer", made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "layouts/printer_new.html", {"form": form}, status=status)


@dataclass(frozen=True)
class Effect:
    """What a measurement means, for the eye: crosses as meant and found, fields in the wrong."""

    measured: Measured
    width: float
    height: float
    meant: dict[str, Point]
    found: dict[str, Point]

    @property
    def shown(self) -> list[dict[str, Any]]:
        """Each cross as meant, as found, and where it would come out with the correction."""
        now = self.measured.calibration
        return [
            {
                "name": name,
                "meant": self.meant[name],
                "found": point,
                "sent": now.place(*self.meant[name]),
                "off": (point[0] - self.meant[name][0], point[1] - self.meant[name][1]),
            }
            for name, point in sorted(self.found.items())
        ]


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.PRINTER_VIEW)
def printer(request: HttpRequest, pk: int) -> HttpResponse:
    """One printer: ruler sheet, measurements, their effect, and what was measured before."""
    shown = printer_or_404(request, pk)
    account = account_of(request)
    may_calibrate = shown.active and may(account, Action.PRINTER_CALIBRATE, shown)
    effect = None
    status = 200
    form = CalibrationForm(request.POST or None)
    if request.method == "POST":
        if form.is_valid():
            if request.POST.get("step") == "keep":
                return _kept(request, shown, form)
            width, height = form.size
            effect = Effect(
                calibration.measure(form.found, width, height),
                width,
                height,
                calibration.crosses(width, height),
                form.found,
            )
        else:
            status = 422
    context = {
        "printer": shown,
        "offsets": offsets(shown),
        "form": form,
        "effect": effect,
        "sheets": [(key, sheet[0]) for key, sheet in sheets().items()],
        "may_calibrate": may_calibrate,
        "may_rename": shown.active and may(account, Action.PRINTER_RENAME, shown),
        "may_retire": shown.active and may(account, Action.PRINTER_RETIRE, shown),
        "rename_form": PrinterForm(
            initial={"name": shown.name, "tray_note": shown.tray_note}, auto_id="rename_%s"
        ),
        "history": shown.calibrations.select_related("calibrated_by")[:20],
    }
    return render(request, "layouts/printer.html", context, status=status)


def _kept(request: HttpRequest, shown: Printer, form: CalibrationForm) -> HttpResponse:
    width, height = form.size
    done, measured = printers.calibrate_printer(
        actor=account_of(request),
        printer_id=shown.pk,
        found=form.found,
        width=width,
        height=height,
    )
    for text in measured.warnings:
        messages.warning(request, text)
    messages.success(
        request,
        _("已保存%(printer)s的校准。下一步：打印检验页，量一量十字是否到位。")
        % {"printer": done.name},
    )
    return redirect("layouts:printer", shown.pk)


@require_POST
@page(Action.PRINTER_RENAME)
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name or note."""
    printer_or_404(request, pk)
    values = cleaned(PrinterForm(request.POST))
    printers.rename_printer(actor=account_of(request), printer_id=pk, **values)
    messages.success(request, _("已修改。"))
    return redirect("layouts:printer", pk)


@require_POST
@page(Action.PRINTER_RETIRE)
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """停用."""
    printer_or_404(request, pk)
    done = printers.retire_printer(actor=account_of(request), printer_id=pk)
    messages.success(request, _("已停用%(printer)s。") % {"printer": done.name})
    return redirect("layouts:printers")


@require_safe
@page(Action.PRINTER_VIEW)
def ruler(request: HttpRequest, pk: int) -> HttpResponse:
    """The ruler sheet, as the printer prints by itself."""
    return _sheet(request, printer_or_404(request, pk), corrected=False)


@require_safe
@page(Action.PRINTER_VIEW)
def test_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The same crosses through the calibration."""
    return _sheet(request, printer_or_404(request, pk), corrected=True)


def _sheet(request: HttpRequest, shown: Printer, *, corrected: bool) -> HttpResponse:
    known = sheets()
    key = request.GET.get("sheet", "")
    name = key if key in known else "senior"
    _label, width, height = known[name]
    pdf = ruler_sheet.render(
        shown.name,
        width,
        height,
        created=timezone.localdate(),
        calibration=shown.calibration if corrected else None,
    )
    answer = HttpResponse(pdf, content_type="application/pdf")
    what = "test" if corrected else "ruler"
    answer["Content-Disposition"] = f'inline; filename="{what}-{shown.pk}-{name}.pdf"'
    return answer
