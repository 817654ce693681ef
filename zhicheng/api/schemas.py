"""What goes over the wire, with examples: the description and the client are made of these."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from ninja import Field, Schema
from pydantic import AfterValidator, ConfigDict

from zhicheng.api.words import marked as _

NAMELESS = "500***********1234"


def _text(value: str) -> str:
    """No character that neither a page nor the database can hold."""
    if any(ord(character) < 0x20 and character not in "\t\n\r" for character in value):
        raise ValueError("不能含有控制字符")
    return value


Text = Annotated[str, AfterValidator(_text), Field(max_length=500)]


class Strict(Schema):
    """What is sent to us: an unknown member is a misspelt one."""

    model_config = ConfigDict(extra="forbid")


class Status(StrEnum):
    """How a certificate stands today."""

    VALID = "valid"
    LOST = "lost"
    VOID = "void"
    REPLACED = "replaced"


class RecordSource(StrEnum):
    """Where a record comes from, in the order of clause N7."""

    CORRECTION = "correction"
    REPLACEMENT = "replacement"
    REGISTER = "register"
    SYSTEM = "system"
    SELF_ISSUED = "self_issued"
    LEGACY = "legacy"
    PAPER = "paper"


class Medium(StrEnum):
    """What a certificate is made of."""

    PAPER = "paper"
    ELECTRONIC = "electronic"


class Kind(StrEnum):
    """What became of a certificate."""

    ISSUED = "issued"
    LOST = "lost"
    FOUND = "found"
    VOID = "void"


class ExportFormat(StrEnum):
    """How a bulk export is written."""

    NDJSON = "ndjson"
    NDJSON_GZIP = "ndjson.gz"
    PARQUET = "parquet"


class IdNumbers(StrEnum):
    """Whether ID numbers are masked."""

    MASKED = "masked"
    WHOLE = "whole"


class CertificateOut(Schema):
    """A certificate as the public may know it; the ID number masked unless asked for whole."""

    id_number: str = Field(description=_("身份证号码，默认掩码"), examples=[NAMELESS])
    number: str = Field(description=_("证书编号"), examples=["2026000150001"])
    name: str = Field(description=_("姓名"), examples=["张伟"])
    sex: str = Field(description=_("性别"), examples=["男"])
    id_kind: str = Field(
        description=_("证件类别：resident、permit、passport"), examples=["resident"]
    )
    work_unit: str = Field(description=_("工作单位"), examples=["山城第一人民医院"])
    specialty: str = Field(description=_("专业名称"), examples=["内科"])
    qualification: str = Field(description=_("资格名称"), examples=["主治医师"])
    level: str = Field(description=_("级别"), examples=["intermediate"])
    grade: str = Field(description=_("等级"), examples=["intermediate"])
    approval_date: date = Field(description=_("批准时间：评委会通过之日"), examples=["2026-03-18"])
    document_number: str = Field(description=_("批准文号"), examples=["渝职改〔2026〕1号"])
    issuing_unit: str = Field(description=_("发放单位"), examples=["市卫生健康委"])
    approving_department: str = Field(description=_("核准部门"), examples=["市卫生健康委"])
    medium: Medium = Field(description=_("介质"))
    source: RecordSource = Field(description=_("数据来源（N7 的次序）"))
    status: Status = Field(description=_("现在的状态"))
    issued_at: datetime | None = Field(description=_("发放时间"), examples=["2026-05-06T03:04:05Z"])
    lost_at: datetime | None = Field(description=_("报失时间"), examples=[None])
    voided_at: datetime | None = Field(description=_("作废时间"), examples=[None])
    replaces: str | None = Field(description=_("它取代的证书编号"), examples=[None])
    replaced_by: str | None = Field(description=_("取代它的证书编号"), examples=[None])


class ChangeOut(Schema):
    """A change with its number and the certificate as it is now."""

    sequence: int = Field(description=_("变更序号，连续"), examples=[1024])
    kind: Kind
    happened_at: datetime = Field(examples=["2026-05-06T03:04:05Z"])
    certificate: CertificateOut


class ChangesOut(Schema):
    """A page of the feed."""

    changes: list[ChangeOut]
    position: int = Field(description=_("下次请求的 after"), examples=[1024])
    more: bool = Field(description=_("是否还有更多"))


class RevocationOut(Schema):
    """A certificate that isn't to be relied on, and since when."""

    number: str = Field(examples=["2026000150001"])
    status: Status
    since: datetime = Field(examples=["2026-06-01T02:00:00Z"])
    replaced_by: str | None = Field(examples=["2026000150009"])


class RevocationsOut(Schema):
    """Every certificate that was reported lost or became void."""

    issuer: str = Field(examples=["市职改办"])
    made_at: datetime = Field(examples=["2026-06-01T02:00:00Z"])
    position: int = Field(description=_("与变更序列对应的序号"), examples=[1024])
    revocations: list[RevocationOut]


class SignedOut(Schema):
    """A JWS in its flattened JSON form (RFC 7515, 8037); the payload is a revocation list."""

    payload: str = Field(description=_("base64url 的失效清单 JSON"), examples=["eyJpc3N1ZXIi…"])
    protected: str = Field(
        description=_('base64url 的 {"alg":"EdDSA","kid":…}'), examples=["eyJhbGciOiJFZERTQSJ9"]
    )
    signature: str = Field(description=_("base64url 的 Ed25519 签名"), examples=["EU3rDk_qkY9s…"])


class ReferenceItem(Schema):
    """A word of the reference data with its code."""

    code: str = Field(examples=["intermediate"])
    name: str = Field(examples=["中级"])


class LevelOut(ReferenceItem):
    """A level and the grade of certificate that it gets."""

    grade: str = Field(examples=["intermediate"])


class SeriesOut(Schema):
    """One of the national series."""

    name: str = Field(examples=["卫生技术人员"])


class QualificationOut(Schema):
    """A qualification's name in a series."""

    series: str = Field(examples=["卫生技术人员"])
    specialty: str = Field(examples=[""])
    name: str = Field(examples=["主治医师"])
    level: str = Field(examples=["intermediate"])
    grade: str = Field(examples=["intermediate"])
    before_reform: bool


class RegionOut(Schema):
    """A district or county and when it existed."""

    code: str = Field(examples=["500103"])
    name: str = Field(examples=["渝中区"])
    kind: str = Field(examples=["区"])
    valid_from: date | None
    valid_to: date | None


class KeyOut(Schema):
    """The key of this call."""

    client: str = Field(examples=["市证书查询系统"])
    organization: str = Field(examples=["市职改办"])
    prefix: str = Field(examples=["0a1b2c3d"])
    scopes: list[str] = Field(examples=[["certificates:read", "revocations:read"]])
    purpose: str = Field(examples=[""])
    per_minute: int = Field(examples=[600])
    expires_at: datetime = Field(examples=["2027-05-06T03:04:05Z"])


class FindingOut(Schema):
    """What a check found in one cell; ID numbers masked."""

    position: int | None = Field(description=_("第几人，自 1 起；空为整体"), examples=[3])
    row: int | None = Field(description=_("Excel 行号；以 JSON 报送的为空"), examples=[None])
    column: str = Field(examples=["身份证号码"])
    code: str = Field(examples=["id_number.checksum"])
    severity: str = Field(description=_("error、warning、tidied"), examples=["error"])
    value: str = Field(examples=[NAMELESS])
    suggestion: str | None = Field(examples=[None])
    message: str = Field(examples=["身份证号码的校验位不对。"])
    clause: str = Field(examples=["N6"])


class FaultOut(Schema):
    """A place of a request that doesn't fit the description."""

    place: str = Field(examples=["body.rows.0.name"])
    message: str = Field(examples=["Field required"])


class ProblemOut(Schema):
    """A problem (RFC 9457): the same refusal that a page would show."""

    type: str = Field(examples=["urn:zhicheng:problem:register.has_errors"])
    title: str = Field(examples=["没有办理"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["登记表还有错误，不能提交。"])
    rule: str = Field(description=_("规则名"), examples=["register.has_errors"])
    clause: str | None = Field(None, description=_("通知的条款"), examples=["N6"])
    found: str | None = Field(None, description=_("现为"), examples=["3 处错误"])
    expected: str | None = Field(None, description=_("应为"), examples=["没有错误"])
    mend: str | None = Field(None, description=_("怎样更正"), examples=["请逐处更正后重试。"])
    errors: list[FaultOut] | None = Field(None, description=_("请求中不合格的各处"))
    findings: list[FindingOut] | None = Field(None, description=_("逐处检查结果"))


class ListedPersonIn(Strict):
    """A person whom an approval document lists."""

    name: Text = Field(description=_("姓名"), examples=["张伟"])
    sex: Text = Field("", description=_("性别"), examples=["男"])
    id_number: Text = Field(description=_("身份证号码"), examples=["11010519491231002X"])
    work_unit: Text = Field("", description=_("工作单位"), examples=["山城第一人民医院"])
    qualification: Text = Field(description=_("资格名称"), examples=["主治医师"])
    specialty: Text = Field(description=_("申报资格专业方向"), examples=["内科"])
    approval_date: Text = Field(description=_("批准时间：评委会通过之日"), examples=["2026-03-18"])
    series: Text = Field(
        "", description=_("系列（资格名称有歧义时须填）"), examples=["卫生技术人员"]
    )
    level: Text = Field("", description=_("级别（同上）"), examples=["中级"])


class DocumentIn(Strict):
    """An approval document with its people."""

    document_number: Text = Field(description=_("批准文号"), examples=["渝职改〔2026〕8号"])
    department: Text = Field(description=_("核准部门"), examples=["市卫生健康委"])
    review_mode: Text = Field(
        "委员会评审",
        description=_("委员会评审、授权评审、联合评审、自主评审"),
        examples=["委员会评审"],
    )
    channel: Text = Field("线上", description=_("线上、线下（N17）"), examples=["线上"])
    issued_on: Text = Field("", description=_("发文日期"), examples=["2026-04-01"])
    review_unit: Text = Field(
        "", description=_("评审单位（授权、联合评审由谁评审，N15）"), examples=[""]
    )
    people: list[ListedPersonIn] = Field(min_length=1, max_length=20_000)


class ApprovalsIn(Strict):
    """Approval documents; all are taken or none."""

    documents: list[DocumentIn] = Field(min_length=1, max_length=500)


class ApprovalsOut(Schema):
    """What an import did."""

    documents: int = Field(examples=[1])
    people: int = Field(examples=[12])
    findings: list[FindingOut]


class RegisterRowIn(Strict):
    """A row of 附件1: the form's columns; whatever is missing the checks will say."""

    certificate_number: Text = Field("", description=_("证书编号"), examples=["2026000150001"])
    work_unit: Text = Field("", description=_("工作单位"), examples=["山城第一人民医院"])
    supervising_department: Text = Field("", description=_("主管部门"), examples=["市卫生健康委"])
    name: Text = Field("", description=_("姓名"), examples=["张伟"])
    sex: Text = Field("", description=_("性别"), examples=["男"])
    id_number: Text = Field("", description=_("身份证号码"), examples=["11010519491231002X"])
    specialty: Text = Field("", description=_("专业名称"), examples=["内科"])
    qualification: Text = Field("", description=_("资格名称"), examples=["主治医师"])
    approval_date: Text = Field("", description=_("批准时间"), examples=["2026-03-18"])
    document_number: Text = Field("", description=_("批准文号"), examples=["渝职改〔2026〕1号"])


class RegisterIn(Strict):
    """A register as rows."""

    year: int | None = Field(None, ge=2018, le=2100, description=_("年度"), examples=[2026])
    rows: list[RegisterRowIn] = Field(min_length=1, max_length=20_000)


class RegisterOut(Schema):
    """Where a register is and what the checks found."""

    number: str = Field(examples=["DJ2026-000012"])
    state: str = Field(
        description=_("draft、endorsing、filed、returned、accepted"), examples=["draft"]
    )
    state_label: str = Field(examples=["填报中"])
    reporting_unit: str = Field(examples=["山城第一人民医院"])
    issuing_unit: str = Field(examples=["市卫生健康委"])
    year: int = Field(examples=[2026])
    version: int = Field(examples=[1])
    people: int = Field(examples=[12])
    errors: int = Field(examples=[1])
    warnings: int = Field(examples=[0])
    changed_at: datetime = Field(examples=["2026-05-06T03:04:05Z"])
    return_reason: str = Field(examples=[""])
    findings: list[FindingOut] = Field(description=_("最多 2000 处，错误在前"))


class RegistersOut(Schema):
    """Registers, the newest first, without their findings."""

    registers: list[RegisterOut]
