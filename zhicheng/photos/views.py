"""照片: who on a register has one and who lacks one, upload with crop, many at once (N8)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhicheng.organizations.guard import may, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.photos import actions, archives, pictures, queries, rules
from zhicheng.photos.forms import BulkForm, PhotoForm, RemoveForm
from zhicheng.registers import list_columns as of_registers
from zhicheng.registers.models import Register, RegisterRow, RegisterState
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import ChoiceFilter, Column, ListPage
from zhicheng.web.pages import account_of, page

_HAVING, _LACKING = "yes", "no"


def _register(account: Account, pk: int) -> Register:
    """The register if the account may see its photos; to others it doesn't exist."""
    register = get_object_or_404(queries.registers(account), pk=pk)
    if not may(account, Action.PHOTO_VIEW, register):
        raise Http404
    return register


def _row(register: Register, row: int) -> Any:
    return get_object_or_404(queries.people(register), pk=row)


class Registers(ListPage):
    """Registers with how many of their people have a photo."""

    title, clause = gettext_lazy("照片"), "N8"
    purpose = gettext_lazy(
        "证书上的照片：各登记表的人员谁有、谁还缺。照片可有可无，由版式决定是否印。"
    )
    action = Action.PHOTO_VIEW
    columns = (
        of_registers.number("photos:register"),
        of_registers.REPORTING,
        Column(gettext_lazy("年度"), "year", sort="year"),
        Column(
            gettext_lazy("状态"), "state", sort="state", kind="badge", label="get_state_display"
        ),
        of_registers.PEOPLE,
        Column(gettext_lazy("已有照片"), "photo_count", sort="photo_count", kind="number"),
        Column(gettext_lazy("缺照片"), "lacking", sort="lacking", kind="number"),
    )
    filters = (
        ChoiceFilter(
            "complete",
            gettext_lazy("照片"),
            ((_HAVING, gettext_lazy("齐全")), (_LACKING, gettext_lazy("有缺"))),
            apply=lambda rows, value: (
                queries.complete(rows) if value == _HAVING else queries.lacking(rows)
            ),
        ),
        ChoiceFilter("state", gettext_lazy("状态"), RegisterState.choices),
    )
    search_fields, search_hint = ("number", "reporting_unit__name"), gettext_lazy("登记表、单位")
    ids_first = True
    counted = 10_000
    empty_title = gettext_lazy("没有登记表")
    empty_text = gettext_lazy("登记表上传后，可在这里为其人员上传照片。")
    export_name = "photos"

    def get_queryset(self) -> QuerySet[Register]:
        """Those that the account may see."""
        return queries.registers(self.account)


class People(ListPage):
    """The people of one register, with and without a photo."""

    template_name = "photos/register.html"
    action = Action.PHOTO_VIEW
    columns = (
        Column(gettext_lazy("序号"), "position", sort="position", kind="number"),
        Column(gettext_lazy("证书编号"), "certificate_number", sort="certificate_number"),
        Column(gettext_lazy("姓名"), "name", sort="name"),
        Column(gettext_lazy("身份证号码"), "id_number_masked"),
        Column(
            gettext_lazy("照片"),
            lambda row: "approved" if row.photo_id else "draft",
            label=lambda row: _("有") if row.photo_id else _("缺"),
        ),
        Column(gettext_lazy("上传时间"), "photo_at", sort="photo_at", kind="time"),
    )
    filters = (
        ChoiceFilter(
            "photo",
            gettext_lazy("照片"),
            ((_HAVING, gettext_lazy("有照片")), (_LACKING, gettext_lazy("缺照片"))),
            apply=lambda rows, value: rows.filter(photo_id__isnull=value == _LACKING),
        ),
    )
    search_fields = ("name", "certificate_number")
    search_hint = gettext_lazy("姓名、证书编号")
    default_sort = ("position",)
    export_name = "photos"

    @property
    def title(self) -> str:  # type: ignore[override]
        """For the export's audit event."""
        return f"{self.register.number} 照片"

    @cached_property
    def register(self) -> Register:
        """The register of the address."""
        return _register(self.account, self.kwargs["pk"])

    def get_queryset(self) -> QuerySet[RegisterRow]:
        """The rows with their photo's id."""
        return queries.people(self.register)

    def extra_context(self) -> dict[str, Any]:
        """How many have one, and what may be done."""
        people, having = queries.counts(self.register)
        return {
            "register": self.register,
            "people": people,
            "having": having,
            "lacking": people - having,
            "may_add": may(self.account, Action.PHOTO_ADD, self.register),
        }


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.PHOTO_VIEW)
def person(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """One person's photo, its history, and a new one cut on the page."""
    account = account_of(request)
    register = _register(account, pk)
    found = _row(register, row)
    form = PhotoForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        require(account, Action.PHOTO_ADD, register)
        if form.is_valid():
            sent = form.cleaned_data["photo"]
            # A byte more than may be is enough to be refused; a disk image isn't read whole.
            content = sent.read(pictures.LARGEST + 1)
            prepared = pictures.prepare_one(pictures.Picture(sent.name, content, form.crop()))
            actions.add(
                actor=account,
                register_id=register.pk,
                additions=[actions.Addition(found.pk, prepared)],
            )
            messages.success(request, _("已保存%(name)s的照片。") % {"name": found.name})
            following = (
                queries.people(register)
                .filter(photo_id=None, position__gt=found.position)
                .exclude(id_number_index=None)
                .first()
            )
            if "next" in request.POST and following is not None:
                return redirect("photos:person", register.pk, following.pk)
            return redirect("photos:person", register.pk, found.pk)
    index = found.id_number_index
    return render(
        request,
        "photos/person.html",
        {
            "register": register,
            "row": found,
            "form": form,
            # Both forms have a field "photo": a label must find its own.
            "remove_form": RemoveForm(
                initial={"photo": getattr(found, "photo_id", None)}, auto_id="remove_%s"
            ),
            "may_add": may(account, Action.PHOTO_ADD, register) and index is not None,
            "may_remove": may(account, Action.PHOTO_REMOVE, register),
            "history": queries.history(found) if index is not None else [],
        },
        status=422 if request.method == "POST" else 200,
    )


@require_safe
@page(Action.PHOTO_VIEW)
def picture(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """The JPEG of the photo that counts."""
    found = _row(_register(account_of(request), pk), row)
    photo = queries.photo_for(found)
    if photo is None:
        raise Http404
    answer = HttpResponse(photo, content_type="image/jpeg")
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@page(Action.PHOTO_REMOVE)
def remove(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """移除: with a reason; the photo stays on record."""
    register = _register(account_of(request), pk)
    values = cleaned(RemoveForm(request.POST))
    actions.remove(
        actor=account_of(request),
        register_id=register.pk,
        row_id=row,
        photo_id=values["photo"],
        reason=values["reason"],
    )
    messages.success(request, _("已移除照片，原因已记录。"))
    return redirect("photos:person", register.pk, row)


@dataclass(frozen=True)
class Outcome:
    """What became of one file of a bulk upload."""

    file: str
    person: rules.Person | None
    refusal: Refusal | None


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.PHOTO_ADD)
def bulk(request: HttpRequest, pk: int) -> HttpResponse:
    """Many files, or ZIP archives of them: those that fit are kept, the others named with why."""
    account = account_of(request)
    register = _register(account, pk)
    require(account, Action.PHOTO_ADD, register)
    form = BulkForm(request.POST or None, request.FILES or None)
    outcomes: list[Outcome] = []
    if request.method == "POST" and form.is_valid():
        files = form.cleaned_data["photos"]
        archives.require_not_too_much(len(files), sum(file.size or 0 for file in files))
        sent = archives.pictures((file.name, file.read()) for file in files)
        outcomes = _keep(account, register, sent)
    good = sum(outcome.refusal is None for outcome in outcomes)
    failed = request.method == "POST" and not good
    return render(
        request,
        "photos/bulk.html",
        {
            "register": register,
            "form": form,
            "outcomes": sorted(outcomes, key=lambda outcome: outcome.refusal is None),
            "good": good,
            "bad": len(outcomes) - good,
        },
        status=422 if failed else 200,
    )


def _keep(account: Account, register: Register, sent: list[tuple[str, bytes]]) -> list[Outcome]:
    people = [
        rules.Person(row.pk, row.position, row.certificate_number, row.name)
        for row in queries.people(register).exclude(id_number_index=None)
    ]
    owners = rules.owners([name for name, _content in sent], people)
    named = [
        (index, owner) for index, owner in enumerate(owners) if isinstance(owner, rules.Person)
    ]
    # Many name a photo by the person's ID number: no page shows it.
    shown = [hide_id_numbers(name) for name, _content in sent]
    made = pictures.prepare([pictures.Picture(*sent[index]) for index, _owner in named])
    outcomes = {
        index: Outcome(shown[index], None, owner)
        for index, owner in enumerate(owners)
        if isinstance(owner, Refusal)
    }
    additions = []
    for (index, owner), prepared in zip(named, made, strict=True):
        refused = prepared if isinstance(prepared, Refusal) else None
        outcomes[index] = Outcome(shown[index], owner, refused)
        if not isinstance(prepared, Refusal):
            additions.append(actions.Addition(owner.row_id, prepared))
    if additions:
        actions.add(actor=account, register_id=register.pk, additions=additions)
    return [outcomes[index] for index in sorted(outcomes)]
