"""What goes over the wire: written by scripts/make_client.py, not by hand."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class ApprovalOut(TypedDict):
    """An approval document and how far its electronic certificates are."""

    document_number: str
    department: str  # 核准部门
    way: Way  # electronic：线上，系统生成；paper：线下，登记表；own：自主评审，单位自行发放
    people: int  # 人数
    issued: int  # 已签发电子证书
    waiting_photo: int  # 待补照片
    left: int  # 还没有电子证书
    hindrances: list[HindranceOut]


class ApprovalsIn(TypedDict):
    """Approval documents; all are taken or none."""

    documents: list[DocumentIn]


class ApprovalsOut(TypedDict):
    """What an import did."""

    documents: int
    people: int
    findings: list[FindingOut]


class CertificateOut(TypedDict):
    """A certificate as the public may know it; the ID number masked unless asked for whole."""

    id_number: str  # 身份证号码，默认掩码
    number: str  # 证书编号
    name: str  # 姓名
    sex: str  # 性别
    id_kind: str  # 证件类别：resident、permit、passport
    work_unit: str  # 工作单位
    specialty: str  # 专业名称
    qualification: str  # 资格名称
    level: str  # 级别
    grade: str  # 等级
    approval_date: str  # 批准时间：评委会通过之日
    document_number: str  # 批准文号
    issuing_unit: str  # 发放单位
    approving_department: str  # 核准部门
    medium: Medium  # 介质
    source: RecordSource  # 数据来源（N7 的次序）
    status: Status  # 现在的状态
    issued_at: str | None  # 发放时间
    lost_at: str | None  # 报失时间
    voided_at: str | None  # 作废时间
    replaces: str | None  # 它取代的证书编号
    replaced_by: str | None  # 取代它的证书编号


class ChangeOut(TypedDict):
    """A change with its number and the certificate as it is now."""

    sequence: int  # 变更序号，连续
    kind: Kind
    happened_at: str
    certificate: CertificateOut


class ChangesOut(TypedDict):
    """A page of the feed."""

    changes: list[ChangeOut]
    position: int  # 下次请求的 after
    more: bool  # 是否还有更多


class DocumentIn(TypedDict):
    """An approval document with its people."""

    document_number: str  # 批准文号
    department: str  # 核准部门
    review_mode: NotRequired[str]  # 委员会评审、授权评审、联合评审、自主评审
    channel: NotRequired[str]  # 线上、线下（N17）
    issued_on: NotRequired[str]  # 发文日期
    review_unit: NotRequired[str]  # 评审单位（授权、联合评审由谁评审，N15）
    people: list[ListedPersonIn]


ExportFormat = Literal["ndjson", "ndjson.gz", "parquet"]


class FaultOut(TypedDict):
    """A place of a request that doesn't fit the description."""

    place: str
    message: str


class FindingOut(TypedDict):
    """What a check found in one cell; ID numbers masked."""

    position: int | None  # 第几人，自 1 起；空为整体
    row: int | None  # Excel 行号；以 JSON 报送的为空
    column: str
    code: str
    severity: str  # error、warning、tidied
    value: str
    suggestion: str | None
    message: str
    clause: str


class HindranceOut(TypedDict):
    """Why somebody (or, without a name, everybody) has no certificate yet."""

    name: str | None
    rule: str
    message: str
    mend: str


IdNumbers = Literal["masked", "whole"]

JobState = Literal["waiting", "running", "done", "refused", "failed"]


class KeyOut(TypedDict):
    """The key of this call."""

    client: str
    organization: str
    prefix: str
    scopes: list[str]
    purpose: str
    per_minute: int
    expires_at: str


Kind = Literal["issued", "lost", "found", "void"]


class LevelOut(TypedDict):
    """A level and the grade of certificate that it gets."""

    code: str
    name: str
    grade: str


class ListedPersonIn(TypedDict):
    """A person whom an approval document lists."""

    name: str  # 姓名
    sex: NotRequired[str]  # 性别
    id_number: str  # 身份证号码
    work_unit: NotRequired[str]  # 工作单位
    qualification: str  # 资格名称
    specialty: str  # 申报资格专业方向
    approval_date: str  # 批准时间：评委会通过之日
    series: NotRequired[str]  # 系列（资格名称有歧义时须填）
    level: NotRequired[str]  # 级别（同上）


Medium = Literal["paper", "electronic"]


class ProblemOut(TypedDict):
    """A problem (RFC 9457): the same refusal that a page would show."""

    type: str
    title: str
    status: int
    detail: str
    rule: str  # 规则名
    clause: NotRequired[str | None]  # 通知的条款
    found: NotRequired[str | None]  # 现为
    expected: NotRequired[str | None]  # 应为
    mend: NotRequired[str | None]  # 怎样更正
    errors: NotRequired[list[FaultOut] | None]  # 请求中不合格的各处
    findings: NotRequired[list[FindingOut] | None]  # 逐处检查结果


Purpose = Literal["recruiting", "appointment", "tender", "licensing", "other"]


class QualificationOut(TypedDict):
    """A qualification's name in a series."""

    series: str
    specialty: str
    name: str
    level: str
    grade: str
    before_reform: bool


RecordSource = Literal[
    "correction", "replacement", "register", "system", "self_issued", "legacy", "paper"
]


class ReferenceItem(TypedDict):
    """A word of the reference data with its code."""

    code: str
    name: str


class RegionOut(TypedDict):
    """A district or county and when it existed."""

    code: str
    name: str
    kind: str
    valid_from: str | None
    valid_to: str | None


class RegisterIn(TypedDict):
    """A register as rows."""

    year: NotRequired[int | None]  # 年度
    rows: list[RegisterRowIn]


class RegisterOut(TypedDict):
    """Where a register is and what the checks found."""

    number: str
    state: str  # draft、endorsing、filed、returned、accepted
    state_label: str
    reporting_unit: str
    issuing_unit: str
    year: int
    version: int
    people: int
    errors: int
    warnings: int
    changed_at: str
    return_reason: str
    findings: list[FindingOut]  # 最多 2000 处，错误在前


class RegisterRowIn(TypedDict):
    """A row of 附件1: the form's columns; whatever is missing the checks will say."""

    certificate_number: NotRequired[str]  # 证书编号
    work_unit: NotRequired[str]  # 工作单位
    supervising_department: NotRequired[str]  # 主管部门
    name: NotRequired[str]  # 姓名
    sex: NotRequired[str]  # 性别
    id_number: NotRequired[str]  # 身份证号码
    specialty: NotRequired[str]  # 专业名称
    qualification: NotRequired[str]  # 资格名称
    approval_date: NotRequired[str]  # 批准时间
    document_number: NotRequired[str]  # 批准文号


RegisterState = Literal["draft", "endorsing", "filed", "returned", "accepted"]


class RegistersOut(TypedDict):
    """Registers, the newest first, without their findings."""

    registers: list[RegisterOut]


class RevocationOut(TypedDict):
    """A certificate that isn't to be relied on, and since when."""

    number: str
    status: Status
    since: str
    replaced_by: str | None


class RevocationsOut(TypedDict):
    """Every certificate that was reported lost or became void."""

    issuer: str
    made_at: str
    position: int  # 与变更序列对应的序号
    revocations: list[RevocationOut]


class SelfIssuedIn(TypedDict):
    """A report; all certificates are taken or none."""

    certificates: list[SelfIssuedRowIn]


class SelfIssuedOut(TypedDict):
    """A report and how far it is."""

    number: str
    state: str  # filed、accepted、returned、withdrawn
    state_label: str
    certificates: int
    corrections: int
    filed_at: str
    reason: str  # 退回或撤回的原因
    findings: list[FindingOut]


class SelfIssuedRowIn(TypedDict):
    """A certificate that a self-managed unit issued itself."""

    number: str  # 证书编号
    name: str  # 姓名
    sex: str  # 性别
    id_number: str  # 身份证号码
    work_unit: NotRequired[str]  # 工作单位；默认本单位
    series: NotRequired[str]  # 系列
    level: NotRequired[str]  # 级别
    qualification: str  # 资格名称
    specialty: str  # 专业名称
    approval_date: str  # 批准时间
    document_number: str  # 批准文号
    issued_on: NotRequired[str]  # 发证日期
    correction_reason: NotRequired[str]  # 更正原因；更正已收录的证书时填写


class SeriesOut(TypedDict):
    """One of the national series."""

    name: str


class SignedOut(TypedDict):
    """A JWS in its flattened JSON form (RFC 7515, 8037); the payload is a revocation list."""

    payload: str  # base64url 的失效清单 JSON
    protected: str  # base64url 的 {"alg":"EdDSA","kid":…}
    signature: str  # base64url 的 Ed25519 签名


Status = Literal["valid", "lost", "void", "replaced"]


class VerificationOut(TypedDict):
    """The answer to one row; every kind of miss is alike."""

    position: int  # 第几行，自 1 起
    found: bool
    certificates: list[VerifiedCertificate]


class VerificationRowIn(TypedDict):
    """One question: the name, and at least one of the two numbers."""

    name: str  # 姓名
    id_number: NotRequired[str]  # 身份证号码
    number: NotRequired[str]  # 证书编号


class VerificationsIn(TypedDict):
    """A batch of questions; people named here have to know and agree."""

    purpose: Purpose  # 用途
    purpose_note: NotRequired[str]  # 用途说明；用途为 other 时必填
    rows: list[VerificationRowIn]


class VerificationsOut(TypedDict):
    """Answers, or where they will be."""

    state: JobState  # done 时 results 完整
    job: str | None  # 行数较多时，稍后到这个地址取结果
    number: str | None  # 核验编号
    asked_at: str | None
    rows: int
    found: int
    message: str  # 未办理的原因
    results: list[VerificationOut]


class VerifiedCertificate(TypedDict):
    """What a certificate says, as the public query answers."""

    number: str
    name: str
    id_number: str  # 掩码
    qualification: str
    grade: str
    specialty: str
    approval_date: str
    document_number: str
    approving_department: str
    issuing_unit: str
    issued_on: str | None
    status: Status  # 现在的状态
    source: RecordSource  # 数据来源（N7 的次序）；self_issued 为自主评审单位自行发放，不是统一证书


Way = Literal["electronic", "paper", "own"]


__all__ = [
    "ApprovalOut",
    "ApprovalsIn",
    "ApprovalsOut",
    "CertificateOut",
    "ChangeOut",
    "ChangesOut",
    "DocumentIn",
    "ExportFormat",
    "FaultOut",
    "FindingOut",
    "HindranceOut",
    "IdNumbers",
    "JobState",
    "KeyOut",
    "Kind",
    "LevelOut",
    "ListedPersonIn",
    "Medium",
    "ProblemOut",
    "Purpose",
    "QualificationOut",
    "RecordSource",
    "ReferenceItem",
    "RegionOut",
    "RegisterIn",
    "RegisterOut",
    "RegisterRowIn",
    "RegisterState",
    "RegistersOut",
    "RevocationOut",
    "RevocationsOut",
    "SelfIssuedIn",
    "SelfIssuedOut",
    "SelfIssuedRowIn",
    "SeriesOut",
    "SignedOut",
    "Status",
    "VerificationOut",
    "VerificationRowIn",
    "VerificationsIn",
    "VerificationsOut",
    "VerifiedCertificate",
    "Way",
]
