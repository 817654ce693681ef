"""Pages of electronic certificates: by document, all of them, downloads, the seal (N17)."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST, require_safe

from zhicheng.approvals import list_columns as of_documents
from zhicheng.approvals.models import ApprovalDocument
from zhicheng.certificates.models import Certificate, CertificateState, Medium
from zhicheng.certificates.queries import life
from zhicheng.electronic import queries
from zhicheng.electronic.archive import file_name, zipped
from zhicheng.electronic.background import MAKE, ask_make
from zhicheng.electronic.handing_out import fetch_all, fetch_one
from zhicheng.electronic.making import issue_with_photo
from zhicheng.electronic.models import ElectronicFile, Hindrance
from zhicheng.electronic.seal_state import seal_state
from zhicheng.electronic.tabs import tabs
from zhicheng.files.store import content_of
from zhicheng.organizations.guard import may, require
from zhicheng.organizations.permissions import Action
from zhicheng.photos.forms import PhotoForm
from zhicheng.photos.pictures import Picture, prepare_one
from zhicheng.reference.models import Grade
from zhicheng.values.refusal import Refusal
from zhicheng.web.lists import COUNTED_LONG, ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page
from zhicheng.work.models import UNFINISHED, Work


def _place(row: Any) -> str:
    if row.hindered:
        return "failed"
    return "done" if row.issued_count >= row.people_count else "waiting"


_PLACES = {"failed": _l("有人未能制作"), "done": _l("已全部签发"), "waiting": _l("待制作")}


def _open(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == "done":
        return rows.filter(issued_count__gte=F("people_count"))
    return rows.filter(issued_count__lt=F("people_count"))


class Documents(ListPage):
    """Online approval documents, and how many of their people have their certificate."""

    title = _l("电子证书")
    purpose = _l("线上评审的核准文件导入后，由系统为每个人生成并签名电子证书，不领取空白证书。")
    clause = "N17"
    template_name = "electronic/list.html"
    action = Action.ELECTRONIC_VIEW
    columns: ClassVar = (
        of_documents.number("electronic:document"),
        of_documents.DEPARTMENT,
        of_documents.ISSUED_ON,
        of_documents.PEOPLE,
        Column(_l("已签发"), "issued_count", sort="issued_count", kind="number"),
        Column(_l("待补照片"), lambda row: row.waiting or 0, sort="waiting", kind="number"),
        Column(_l("未能制作"), lambda row: row.hindered or 0, sort="hindered", kind="number"),
        Column(_l("状态"), _place, kind="badge", label=lambda row: _PLACES[_place(row)]),
        of_documents.IMPORTED_AT,
    )
    filters: ClassVar = (
        ChoiceFilter(
            "place",
            _l("状态"),
            [("open", _l("未全部签发")), ("done", _l("已全部签发"))],
            apply=_open,
        ),
        DateFilter("issued_on", _l("发文日期"), "issued_on"),
    )
    search_fields = ("number", "approving_department__name", "approving_department__short_name")
    search_hint = _l("批准文号、核准部门")
    ids_first = True
    counted = 10_000
    default_sort = ("-imported_at", "-pk")
    empty_title = _l("还没有线上评审的核准文件")
    empty_text = _l("市职改办导入申报渠道为“线上”的核准文件后，系统随即制作电子证书。")
    export_name = "electronic-documents"

    def get_queryset(self) -> QuerySet[ApprovalDocument]:
        """What the account may see."""
        return queries.with_counts(queries.visible_documents(self.account))

    def extra_context(self) -> dict[str, Any]:
        """Tabs."""
        return {"tabs": tabs(self.account, "documents")}


class Certificates(ListPage):
    """Every electronic certificate that the account may see."""

    title = _l("电子证书")
    purpose = _l("由系统生成并签名的电子证书；身份证号码只显示首尾几位，每次下载都记入审计。")
    clause = "N17"
    template_name = "electronic/list.html"
    action = Action.ELECTRONIC_VIEW
    columns: ClassVar = (
        Column(
            _l("证书编号"),
            "number",
            sort="number",
            kind="code",
            link=lambda row: reverse("electronic:certificate", args=[row.pk]),
        ),
        Column(_l("姓名"), "name", sort="name"),
        Column(_l("身份证号码"), "id_number_masked", kind="code"),
        Column(_l("资格名称"), "qualification", sort="qualification"),
        Column(_l("专业名称"), "specialty", sort="specialty"),
        Column(_l("等级"), "get_grade_display", sort="grade"),
        Column(
            _l("批准文号"),
            "document_number",
            sort="document_number",
            kind="code",
            link=lambda row: (
                reverse("electronic:document", args=[row.approved_person.document_id])
                if row.approved_person
                else ""
            ),
        ),
        Column(_l("工作单位"), "work_unit", sort="work_unit"),
        Column(_l("状态"), "state", sort="state", kind="badge", label="get_state_display"),
        Column(_l("签发时间"), "issued_at", sort="issued_at", kind="time"),
    )
    filters: ClassVar = (
        ChoiceFilter(
            "state",
            _l("状态"),
            [
                (state.value, state.label)
                for state in (
                    CertificateState.ISSUED,
                    CertificateState.AWAITING_PHOTO,
                    CertificateState.WITHDRAWN,
                )
            ],
        ),
        ChoiceFilter("grade", _l("等级"), Grade.choices),
        DateFilter("issued", _l("签发日期"), "issued_at__date"),
    )
    search_fields = ("number", "name", "document_number", "work_unit")
    search_beginnings = search_fields
    search_hint = _l("姓名、证书编号、文号、工作单位")
    quick_sorts = ("-number", "-issued_at")
    counted = COUNTED_LONG
    default_sort = ("-issued_at", "-pk")
    empty_title = _l("还没有电子证书")
    empty_text = _l("电子证书由线上评审的核准文件生成。")
    export_name = "electronic-certificates"

    def get_queryset(self) -> QuerySet[Certificate]:
        """What the account may see, without what a list doesn't show."""
        return queries.visible(self.account).defer(
            "id_number_cipher", "id_number_index", "approved_person__id_number_cipher"
        )

    def beginnings_among(self) -> list[QuerySet[Certificate]]:
        """Electronic ones: the first of a name on paper would crowd them out."""
        return [Certificate.objects.filter(medium=Medium.ELECTRONIC)]

    def extra_context(self) -> dict[str, Any]:
        """Tabs."""
        return {"tabs": tabs(self.account, "certificates")}


def _document(request: HttpRequest, pk: int) -> ApprovalDocument:
    return get_object_or_404(queries.visible_documents(account_of(request)), pk=pk)


def _own_files(request: HttpRequest, document: ApprovalDocument) -> QuerySet[Certificate]:
    """The document's certificates in force with a file, as far as the account may see them."""
    return (
        queries.visible(account_of(request))
        .filter(approved_person__document=document, state=CertificateState.ISSUED, voided_at=None)
        .filter(Exists(ElectronicFile.objects.filter(certificate=OuterRef("pk"))))
        .order_by("position")
    )


@require_safe
@page(Action.ELECTRONIC_VIEW)
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a document is, why somebody has none yet, what to do, and the files."""
    account = account_of(request)
    shown = _document(request, pk)
    sees_all = may(account, Action.ELECTRONIC_MAKE, shown) or may(
        account, Action.APPROVAL_VIEW, shown
    )
    progress = queries.progress(shown)
    running = Work.objects.filter(
        kind=MAKE, state__in=UNFINISHED, parameters__documents__contains=[shown.pk]
    ).exists()
    may_make = may(account, Action.ELECTRONIC_MAKE, shown)
    own = _own_files(request, shown)
    context = {
        "document": shown,
        "progress": progress,
        "running": running,
        "hindrances": queries.hindrances(shown) if sees_all else [],
        "may_make": may_make and not running and progress.left + progress.waiting > 0,
        "own_count": own.count(),
        "files": own.defer("id_number_cipher")[:20],
        "may_fetch": account.role in {"clerk", "officer"},
        "tabs": tabs(account, "documents"),
    }
    part = request.headers.get("HX-Target") == "electronic-progress"
    template = "electronic/_progress.html" if part else "electronic/document.html"
    return render(request, template, context)


@require_POST
@page(Action.ELECTRONIC_MAKE)
def make(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Asks the worker to make what is left."""
    account = account_of(request)
    asked = _document(request, pk)
    require(account, Action.ELECTRONIC_MAKE, asked)
    address = settings.ZHICHENG_PUBLIC_ADDRESS or request.build_absolute_uri("/")
    return redirect(ask_make(account, [asked], address=address))


@require_safe
@page(Action.ELECTRONIC_VIEW)
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """One electronic certificate: what stands on it, its file and who signed it, who did what."""
    account = account_of(request)
    shown = get_object_or_404(queries.visible(account), pk=pk)
    (subject,) = queries.holders([shown])
    file = ElectronicFile.objects.filter(certificate=shown).defer("data_cipher").first()
    context = {
        "certificate": shown,
        "file": file,
        "photo_form": (
            PhotoForm()
            if shown.state == CertificateState.AWAITING_PHOTO
            and may(account, Action.ELECTRONIC_MAKE, shown)
            else None
        ),
        "may_fetch": file is not None and may(account, Action.ELECTRONIC_DOWNLOAD, subject),
        "events": life.events_of(shown),
        "tabs": tabs(account, "certificates"),
    }
    return render(request, "electronic/certificate.html", context)


@require_POST
@page(Action.ELECTRONIC_MAKE)
def add_photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The photo for which a certificate waited: it is signed at once."""
    account = account_of(request)
    waiting = get_object_or_404(queries.visible(account), pk=pk)
    require(account, Action.ELECTRONIC_MAKE, waiting)
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Refusal(
            "photo.missing",
            _("没有选择照片。"),
            expected="JPEG、PNG",
            mend=_("请选择文件后再上传。"),
        )
    sent = form.cleaned_data["photo"]
    picture = prepare_one(Picture(sent.name, sent.read(), form.crop()))
    issued = issue_with_photo(
        actor=account,
        certificate_id=pk,
        picture=picture.kept,
        address=request.build_absolute_uri("/"),
    )
    messages.success(request, _("电子证书 %(number)s 已签发。") % {"number": issued.number})
    return redirect("electronic:certificate", pk)


@require_POST
@page(Action.ELECTRONIC_DOWNLOAD)
def one_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One signed file. By POST: each download is recorded, and none happens by a mere look."""
    certificate = get_object_or_404(queries.visible(account_of(request)), pk=pk)
    _file, content = fetch_one(actor=account_of(request), certificate=certificate)
    return pdf_answer(content, certificate.number)


def pdf_answer(content: bytes, number: str) -> HttpResponse:
    """The signed file as a download that no cache keeps."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(True, file_name(number)) or ""
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@require_POST
@page(Action.ELECTRONIC_DOWNLOAD)
def all_files(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The signed files of a document that the account may fetch, as one archive."""
    shown = _document(request, pk)
    # Ten thousand of them: only what tells who may fetch each.
    told = ("work_unit", "issuing_unit", "approving_department", "embosser", "register")
    certificates = list(_own_files(request, shown).select_related(None).only(*told))
    found = fetch_all(actor=account_of(request), document=shown, certificates=certificates)

    def named() -> Iterator[tuple[str, bytes]]:
        for file in found:
            own = file.certificate
            yield file_name(own.number, own.name), content_of(file.file)

    answer = StreamingHttpResponse(zipped(named()), content_type="application/zip")
    name = file_name(shown.number).removesuffix(".pdf") + ".zip"
    answer["Content-Disposition"] = content_disposition_header(True, name) or ""
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_safe
@page(Action.SEAL_VIEW)
def seal(request: HttpRequest) -> HttpResponse:
    """Which certificate signs, until when, and what has to be set where none does."""
    last = ElectronicFile.objects.order_by("-pk").first()
    context = {
        "state": seal_state(),
        "last": last,
        "hindered": Hindrance.objects.filter(person=None).count(),
        "title": _("电子签章设置"),
        "tabs": tabs(account_of(request), "seal"),
    }
    return render(request, "electronic/seal.html", context)
