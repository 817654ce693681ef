"""Operations that read: the key, certificates, revocations, reference data."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from ninja import Path, Query, Router

from zhicheng.api import exports, feed, records, revocations
from zhicheng.api import schemas as s
from zhicheng.api.authentication import Caller, caller_of
from zhicheng.api.problems import NotFound
from zhicheng.api.rules import Scope
from zhicheng.api.words import marked as _
from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import require
from zhicheng.organizations.permissions import Action
from zhicheng.reference.catalog import GRADE_LABELS, GRADE_OF, LEVEL_LABELS
from zhicheng.reference.models import Qualification, Region, Series
from zhicheng.values.refusal import NotPermitted
from zhicheng.verification.lookups import record_lookup
from zhicheng.verification.models import Way
from zhicheng.verification.rules import Record

POSITION = "Feed-Position"
JSON = "application/json"
certificates = Router(tags=["证书"])
reference = Router(tags=["基础数据"])
Numbers = Query(s.IdNumbers.MASKED, description=_("身份证号码；whole 须有权限范围和用途"))
Form = Query(s.ExportFormat.NDJSON, description=_("格式"))


@reference.get("/key", response=s.KeyOut, operation_id="get_key", summary=_("本次使用的密钥"))
def get_key(request: HttpRequest) -> dict[str, object]:
    """What this key may do and until when; needs no scope."""
    key = caller_of(request).key
    return {
        "client": key.client.name,
        "organization": key.client.organization.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "purpose": key.purpose,
        "per_minute": key.per_minute,
        "expires_at": key.expires_at,
    }


@certificates.get(
    "/certificates/changes",
    response=s.ChangesOut,
    operation_id="list_changes",
    summary=_("证书变更序列"),
)
def list_changes(
    request: HttpRequest,
    after: int = Query(
        0, ge=0, le=2**63 - 1, description=_("上次的 position；0 为从头"), examples=[0]
    ),
    limit: int = Query(200, ge=1, le=feed.MOST, description=_("最多几条")),
    id_numbers: s.IdNumbers = Numbers,
) -> HttpResponse:
    """Everything that changed after a number, in order: nothing is skipped, nothing comes twice.

    Numbers are given to committed changes alone, one after the other. Ask again with `position`.
    """
    caller = caller_of(request)
    caller.need(Scope.CERTIFICATES_READ)
    whole = _whole(caller, id_numbers)
    page = feed.changes(caller.account, after=after, limit=limit, whole=whole)
    if whole and page.changes:
        _note_unmasking(caller, {"list": "changes", "after": after, "rows": len(page.changes)})
    body = b'{"changes":[%s],"position":%d,"more":%s}' % (
        b",".join(page.changes),
        page.position,
        b"true" if page.more else b"false",
    )
    return HttpResponse(body, content_type=JSON)


@certificates.get(
    "/certificates/export",
    operation_id="export_certificates",
    summary=_("证书批量导出"),
    response={200: None},
)
def export_certificates(
    request: HttpRequest,
    format: s.ExportFormat = Form,  # noqa: A002
    id_numbers: s.IdNumbers = Numbers,
) -> StreamingHttpResponse:
    """All certificates as a stream; `Feed-Position` says where the feed goes on from it."""
    caller = caller_of(request)
    caller.need(Scope.CERTIFICATES_READ)
    made = exports.export(caller, format.value, whole=_whole(caller, id_numbers))
    answer = StreamingHttpResponse(made.content, content_type=exports.FORMATS[format.value])
    answer[POSITION] = str(made.position)
    answer["Content-Disposition"] = f'attachment; filename="certificates.{format.value}"'
    return answer


@certificates.get(
    "/certificates/{path:number}",
    response=s.CertificateOut,
    operation_id="get_certificate",
    summary=_("一个证书"),
)
def get_certificate(
    request: HttpRequest,
    number: str = Path(
        ...,
        min_length=1,
        max_length=60,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description=_("证书编号"),
        examples=["2026000150001"],
    ),
    id_numbers: s.IdNumbers = Numbers,
) -> HttpResponse:
    """The record of the best source that knows the number (N7): never mixed of several."""
    caller = caller_of(request)
    caller.need(Scope.CERTIFICATES_READ)
    whole = _whole(caller, id_numbers)
    found = records.one(caller.account, number, whole=whole)
    old = records.legacy(caller.account, number) if found is None else None
    record_lookup(
        way=Way.INTERFACE,
        found=[number] if found is not None or old is not None else [],
        number=number,
        organization_id=caller.key.client.organization_id,
        client=caller.key.client.name,
    )
    if found is not None:
        if whole:
            _note_unmasking(caller, {"number": number, "rows": 1})
        return HttpResponse(found, content_type=JSON)
    if old is None:
        raise NotFound(
            "certificate.unknown",
            "没有这个编号的证书，或尚未发放，或不属于本机构。",
            clause="N7",
        )
    return HttpResponse(_legacy(old).model_dump_json(), content_type=JSON)


def _legacy(record: Record) -> s.CertificateOut:
    standing = str(getattr(record, "standing", "valid"))
    return s.CertificateOut(
        id_number=record.id_number_masked,
        number=record.number,
        name=record.name,
        sex=record.sex,
        id_kind="resident",
        work_unit=record.work_unit,
        specialty=record.specialty,
        qualification=record.qualification,
        level="",
        grade=record.grade,
        approval_date=record.approval_date,
        document_number=record.document_number,
        issuing_unit=record.issuing_unit,
        approving_department=record.approving_department,
        medium=s.Medium.PAPER,
        source=s.RecordSource[record.source.name],
        status=s.Status(standing) if standing in list(s.Status) else s.Status.VALID,
        issued_at=(
            datetime.combine(record.issued_on, datetime.min.time(), UTC)
            if record.issued_on
            else None
        ),
        lost_at=None,
        voided_at=None,
        replaces=None,
        replaced_by=None,
    )


def _whole(caller: Caller, asked: s.IdNumbers) -> bool:
    """Whether whole ID numbers are given: only to a key with the scope and a stated purpose."""
    if asked is s.IdNumbers.MASKED:
        return False
    caller.need(Scope.ID_NUMBERS_READ)
    if not caller.key.purpose:
        raise NotPermitted(
            "api_key.purpose", "这个密钥没有写明取用身份证号码的用途。", clause="N18"
        )
    require(caller.account, Action.PERSON_UNMASK, caller.account.organization)
    return True


def _note_unmasking(caller: Caller, told: dict[str, object]) -> None:
    with recorded(caller.account, Action.PERSON_UNMASK) as record:
        record(data={**told, "key": caller.key.prefix, "purpose": caller.key.purpose})


@certificates.get(
    "/revocations",
    response=s.RevocationsOut,
    operation_id="list_revocations",
    summary=_("失效清单"),
)
def list_revocations(request: HttpRequest) -> HttpResponse:
    """Every certificate that was reported lost or became void."""
    caller = caller_of(request)
    caller.need(Scope.REVOCATIONS_READ)
    return JsonResponse(
        revocations.as_json(caller.account), json_dumps_params={"ensure_ascii": False}
    )


@certificates.get(
    "/revocations/jws",
    response=s.SignedOut,
    operation_id="get_signed_revocations",
    summary=_("失效清单（JWS 签名）"),
)
def get_signed_revocations(request: HttpRequest) -> dict[str, str]:
    """The list signed with the key of the credentials, to be checked without this server."""
    caller = caller_of(request)
    caller.need(Scope.REVOCATIONS_READ)
    return revocations.as_jws(caller.account)


@certificates.get(
    "/revocations/cose",
    response={200: None},
    operation_id="get_cose_revocations",
    summary=_("失效清单（COSE 签名）"),
)
def get_cose_revocations(request: HttpRequest) -> HttpResponse:
    """The same as a COSE_Sign1: smaller, for devices."""
    caller = caller_of(request)
    caller.need(Scope.REVOCATIONS_READ)
    return HttpResponse(revocations.as_cose(caller.account), content_type="application/cose")


@reference.get(
    "/reference/series",
    response=list[s.SeriesOut],
    operation_id="list_series",
    summary=_("职称系列"),
)
def list_series(request: HttpRequest) -> list[dict[str, object]]:
    """The national series."""
    caller_of(request).need(Scope.REFERENCE_READ)
    return [{"name": name} for name in Series.objects.values_list("name", flat=True)]


@reference.get(
    "/reference/levels",
    response=list[s.LevelOut],
    operation_id="list_levels",
    summary=_("级别"),
)
def list_levels(request: HttpRequest) -> list[dict[str, object]]:
    """The five levels, and the grade of certificate of each."""
    caller_of(request).need(Scope.REFERENCE_READ)
    return [
        {"code": code, "name": name, "grade": GRADE_OF[code]} for code, name in LEVEL_LABELS.items()
    ]


@reference.get(
    "/reference/grades",
    response=list[s.ReferenceItem],
    operation_id="list_grades",
    summary=_("等级"),
)
def list_grades(request: HttpRequest) -> list[dict[str, object]]:
    """The three grades of certificates."""
    caller_of(request).need(Scope.REFERENCE_READ)
    return [{"code": code, "name": name} for code, name in GRADE_LABELS.items()]


@reference.get(
    "/reference/regions",
    response=list[s.RegionOut],
    operation_id="list_regions",
    summary=_("区县"),
)
def list_regions(request: HttpRequest) -> list[Region]:
    """Districts and counties, also those of before."""
    caller_of(request).need(Scope.REFERENCE_READ)
    return list(Region.objects.all())


@reference.get(
    "/reference/qualifications",
    response=list[s.QualificationOut],
    operation_id="list_qualifications",
    summary=_("资格名称"),
)
def list_qualifications(
    request: HttpRequest,
    series: str = Query("", max_length=40, pattern=r"^[^\x00-\x1f]*$", description=_("系列")),
) -> list[dict[str, object]]:
    """The names of qualifications, of one series or of all."""
    caller_of(request).need(Scope.REFERENCE_READ)
    found = Qualification.objects.select_related("series")
    if series:
        found = found.filter(series__name=series)
    return [
        {
            "series": item.series.name,
            "specialty": item.specialty,
            "name": item.name,
            "level": item.level,
            "grade": GRADE_OF[item.level],
            "before_reform": item.before_reform,
        }
        for item in found
    ]
