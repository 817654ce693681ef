"""Batch verification and self-issued certificates over the wire (N7, N16)."""

from datetime import date, datetime
from enum import StrEnum

from ninja import Field, Schema

from zhicheng.api.schemas import NAMELESS, FindingOut, RecordSource, Status, Strict, Text
from zhicheng.api.words import marked as _
from zhicheng.verification.batch.rules import MOST_ROWS


class Purpose(StrEnum):
    """What certificates may be verified for."""

    RECRUITING = "recruiting"
    APPOINTMENT = "appointment"
    TENDER = "tender"
    LICENSING = "licensing"
    OTHER = "other"


class JobState(StrEnum):
    """How far a batch is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class VerificationRowIn(Strict):
    """One question: the name, and at least one of the two numbers."""

    name: Text = Field(description=_("姓名"), examples=["张伟"])
    id_number: Text = Field("", description=_("身份证号码"), examples=["11010519491231002X"])
    number: Text = Field("", description=_("证书编号"), examples=["2026000150001"])


class VerificationsIn(Strict):
    """A batch of questions; people named here have to know and agree."""

    purpose: Purpose = Field(description=_("用途"))
    purpose_note: Text = Field("", description=_("用途说明；用途为 other 时必填"), examples=[""])
    rows: list[VerificationRowIn] = Field(min_length=1, max_length=MOST_ROWS)


class VerifiedCertificate(Schema):
    """What a certificate says, as the public query answers."""

    number: str = Field(examples=["2026000150001"])
    name: str = Field(examples=["张伟"])
    id_number: str = Field(description=_("掩码"), examples=[NAMELESS])
    qualification: str = Field(examples=["主治医师"])
    grade: str = Field(examples=["intermediate"])
    specialty: str = Field(examples=["内科"])
    approval_date: date = Field(examples=["2026-03-18"])
    document_number: str = Field(examples=["渝职改〔2026〕1号"])
    approving_department: str = Field(examples=["市卫生健康委"])
    issuing_unit: str = Field(examples=["市卫生健康委"])
    issued_on: date | None = Field(examples=["2026-05-06"])
    status: Status = Field(description=_("现在的状态"))
    source: RecordSource = Field(
        description=_("数据来源（N7 的次序）；self_issued 为自主评审单位自行发放，不是统一证书")
    )


class VerificationOut(Schema):
    """The answer to one row; every kind of miss is alike."""

    position: int = Field(description=_("第几行，自 1 起"), examples=[1])
    found: bool
    certificates: list[VerifiedCertificate]


class VerificationsOut(Schema):
    """Answers, or where they will be."""

    state: JobState = Field(description=_("done 时 results 完整"))
    job: str | None = Field(
        description=_("行数较多时，稍后到这个地址取结果"),
        examples=["/api/v1/verifications/jobs/8e5b1f6e-0c65-4c3e-9a52-4d1f0b1f9a11"],
    )
    number: str | None = Field(description=_("核验编号"), examples=["HY2026-000012"])
    asked_at: datetime | None = Field(examples=["2026-05-06T03:04:05Z"])
    rows: int = Field(examples=[1])
    found: int = Field(examples=[1])
    message: str = Field(description=_("未办理的原因"), examples=[""])
    results: list[VerificationOut]


class SelfIssuedRowIn(Strict):
    """A certificate that a self-managed unit issued itself."""

    number: Text = Field(description=_("证书编号"), examples=["CJ2026-0001"])
    name: Text = Field(description=_("姓名"), examples=["张伟"])
    sex: Text = Field(description=_("性别"), examples=["男"])
    id_number: Text = Field(description=_("身份证号码"), examples=["11010519491231002X"])
    work_unit: Text = Field("", description=_("工作单位；默认本单位"), examples=[""])
    series: Text = Field("", description=_("系列"), examples=["工程技术人员"])
    level: Text = Field("", description=_("级别"), examples=["中级"])
    qualification: Text = Field(description=_("资格名称"), examples=["工程师"])
    specialty: Text = Field(description=_("专业名称"), examples=["机械设计"])
    approval_date: Text = Field(description=_("批准时间"), examples=["2026-03-18"])
    document_number: Text = Field(description=_("批准文号"), examples=["长重职〔2026〕2号"])
    issued_on: Text = Field("", description=_("发证日期"), examples=["2026-04-01"])
    correction_reason: Text = Field(
        "", description=_("更正原因；更正已收录的证书时填写"), examples=[""]
    )


class SelfIssuedIn(Strict):
    """A report; all certificates are taken or none."""

    certificates: list[SelfIssuedRowIn] = Field(min_length=1, max_length=5_000)


class SelfIssuedOut(Schema):
    """A report and how far it is."""

    number: str = Field(examples=["ZF2026-000003"])
    state: str = Field(description=_("filed、accepted、returned、withdrawn"), examples=["filed"])
    state_label: str = Field(examples=["待收录"])
    certificates: int = Field(examples=[12])
    corrections: int = Field(examples=[0])
    filed_at: datetime = Field(examples=["2026-05-06T03:04:05Z"])
    reason: str = Field(description=_("退回或撤回的原因"), examples=[""])
    findings: list[FindingOut]
