"""The words of reissues: kinds, states, levels of opinions, papers (附件2, N10-N14)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """The two boxes of 补办（换发）理由."""

    REPLACEMENT = "replacement", _("补办")
    RENEWAL = "renewal", _("换发")


class Source(models.TextChoices):
    """Where the data of the old certificate come from."""

    CERTIFICATE = "certificate", _("证书库")
    LEGACY = "legacy", _("历史证书数据")
    PAPER = "paper", _("申请人填写（纸质证书）")


class Match(models.TextChoices):
    """Whether the approval documents on file list the holder."""

    MATCHED = "matched", _("与核准文件一致")
    UNMATCHED = "unmatched", _("核准文件中没有，待市职改办认定")
    DECIDED = "decided", _("市职改办已认定")


class ReissueState(models.TextChoices):
    """Where an application is on its way; how its certificate goes on, the certificate says."""

    DRAFT = "draft", _("填写中")
    APPLIED = "applied", _("待受理")
    RETURNED = "returned", _("退回补正")
    OPINIONS = "opinions", _("签署意见中")
    GRANTED = "granted", _("签章完备待领空白证书")
    COLLECTED = "collected", _("已领空白证书待填制")
    MAKING = "making", _("证书办理中")
    DONE = "done", _("已核发")
    CLOSING = "closing", _("已终止待交回空白证书")
    REFUSED = "refused", _("不予办理")
    ENDED = "ended", _("已终止")


# An application in one of these stands in the way of another one for the same certificate.
OPEN_STATES = (
    ReissueState.APPLIED,
    ReissueState.RETURNED,
    ReissueState.OPINIONS,
    ReissueState.GRANTED,
    ReissueState.COLLECTED,
    ReissueState.MAKING,
)
# With complete papers and opinions: in these states a blank may lie with it.
BLANK_STATES = (ReissueState.GRANTED, ReissueState.COLLECTED, ReissueState.MAKING)


class Outcome(models.TextChoices):
    """Why an application ended without a new certificate."""

    FOUND = "found", _("原证书已找到")
    WITHDRAWN = "withdrawn", _("申请人撤回")
    REFUSED = "refused", _("不予办理")
    EXPIRED = "expired", _("逾期未提交")


class OpinionLevel(models.TextChoices):
    """The five boxes of 附件2 below the data, in their order."""

    APPLICANT = "applicant", _("申请人签字")
    WORK_UNIT = "work_unit", _("工作单位意见")
    DISTRICT = "district", _("区县人才机构或区县主管部门意见")
    DEPARTMENT = "department", _("区县职改办或市级主管部门意见")
    APPROVING = "approving", _("资格核准部门意见")


class Decision(models.TextChoices):
    """What an opinion says."""

    AGREE = "agree", _("同意")
    RETURN = "return", _("退回补正")
    REFUSE = "refuse", _("不同意")


class Field(models.TextChoices):
    """What a renewal may correct on the certificate; level and grade it may not."""

    NAME = "name", _("姓名")
    SEX = "sex", _("性别")
    ID_NUMBER = "id_number", _("身份证号码")
    WORK_UNIT = "work_unit", _("工作单位")
    SPECIALTY = "specialty", _("专业名称")
    QUALIFICATION = "qualification", _("资格名称")
    APPROVAL_DATE = "approval_date", _("批准时间")
    DOCUMENT_NUMBER = "document_number", _("批准文号")


class EvidenceKind(models.TextChoices):
    """What a paper proves."""

    REVIEW_FORM = "review_form", _("原评审表复印件（盖档案管理机构公章）")
    NEWSPAPER = "newspaper", _("遗失登报报纸")
    PROOF = "proof", _("更正信息佐证材料")
    SIGNED_FORM = "signed_form", _("签章的申请表")
    OTHER = "other", _("其他材料")
