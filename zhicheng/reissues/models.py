"""Applications for replacement and renewal (附件2), their papers and opinions (N10-N14)."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import ApprovedPerson, IdKind
from zhicheng.certificates.models import Certificate
from zhicheng.files.models import StoredFile
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation
from zhicheng.reference.models import Grade, Level


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


class Reissue(models.Model):
    """One application (附件2). The data are those of the old certificate; what a renewal changes
    stands in ``CorrectedField``.

    ``content_digest`` is over data and corrections (``rules.content_digest``): an opinion counts
    as long as it was given on the same content. ``path`` is a list of steps as
    ``rules.opinion_path`` gives them (level, organization, name, skipped), written at acceptance;
    ``required`` are the levels that aren't skipped.
    """

    receipt_number = models.CharField(_("受理号"), max_length=24, unique=True)
    kind = models.CharField(_("补办（换发）理由"), max_length=12, choices=Kind)
    source = models.CharField(_("原证书信息来源"), max_length=12, choices=Source)
    state = models.CharField(
        _("状态"), max_length=12, choices=ReissueState, default=ReissueState.DRAFT
    )
    certificate = models.ForeignKey(
        Certificate, null=True, on_delete=models.PROTECT, related_name="reissues"
    )
    approved_person = models.ForeignKey(
        ApprovedPerson, null=True, on_delete=models.PROTECT, related_name="+"
    )
    match = models.CharField(_("核准文件比对"), max_length=10, choices=Match)
    match_note = models.CharField(_("认定说明"), max_length=300, blank=True)
    unit = models.ForeignKey(
        Organization, verbose_name=_("办理单位"), on_delete=models.PROTECT, related_name="+"
    )
    work_unit_organization = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approving_department = models.ForeignKey(
        Organization,
        verbose_name=_("资格核准部门"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    name = models.CharField(_("姓名"), max_length=100)
    sex = models.CharField(_("性别"), max_length=20)
    birth_month = models.CharField(_("出生年月"), max_length=7)
    id_kind = models.CharField(_("证件类别"), max_length=12, choices=IdKind)
    id_number_cipher = models.BinaryField()
    id_number_index = models.BinaryField(max_length=32)
    id_number_masked = models.CharField(_("身份证号码"), max_length=60)
    telephone_cipher = models.BinaryField()
    telephone_masked = models.CharField(_("联系电话"), max_length=40)
    old_number = models.CharField(_("原证书编号"), max_length=60)
    new_number = models.CharField(_("新证书编号"), max_length=60, null=True, unique=True)
    work_unit = models.CharField(_("工作单位"), max_length=200)
    specialty = models.CharField(_("专业名称"), max_length=100)
    qualification = models.CharField(_("资格名称"), max_length=60)
    level = models.CharField(_("级别"), max_length=16, choices=Level)
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    approval_date = models.DateField(_("批准时间"))
    document_number = models.CharField(_("批准文号"), max_length=80)
    reason = models.CharField(_("情况说明"), max_length=300, blank=True)
    damaged = models.BooleanField(_("原证书毁损"), default=False)
    newspaper_name = models.CharField(_("遗失登报报纸名称"), max_length=100, blank=True)
    newspaper_date = models.DateField(_("登报时间"), null=True)
    newspaper_page = models.CharField(_("版面"), max_length=20, blank=True)
    content_digest = models.BinaryField(max_length=32)
    path = models.JSONField(_("意见流程"), default=list)
    required = ArrayField(models.CharField(max_length=12), default=list)
    signed_on = models.DateField(_("申请人签字日期"), null=True)
    copies = models.PositiveSmallIntegerField(_("签字申请表份数"), default=0)
    created_at = models.DateTimeField(_("填写时间"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("代办人"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    submitted_at = models.DateTimeField(_("提交时间"), null=True)
    accepted_at = models.DateTimeField(_("受理时间"), null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    lost_at = models.DateTimeField(_("受理报失时间"), null=True)
    returned_reason = models.CharField(_("退回原因"), max_length=300, blank=True)
    granted_at = models.DateTimeField(_("签章完备时间"), null=True)
    collected_at = models.DateTimeField(_("领取空白证书时间"), null=True)
    collected_by = models.CharField(_("领取人"), max_length=60, blank=True)
    done_at = models.DateTimeField(_("核发时间"), null=True)
    ended_at = models.DateTimeField(_("终止时间"), null=True)
    outcome = models.CharField(_("终止原因"), max_length=10, choices=Outcome, blank=True)
    outcome_reason = models.CharField(_("终止说明"), max_length=300, blank=True)
    # Since when it waits for its next step: set with the state and with each opinion.
    waiting_since = models.DateTimeField(_("本环节起始"))

    class Meta:
        verbose_name = _("补办换发申请")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(state__in=OPEN_STATES, certificate__isnull=False),
                name="one_open_reissue_per_certificate",
            ),
            models.UniqueConstraint(
                fields=["old_number", "id_number_index"],
                condition=Q(state__in=OPEN_STATES),
                name="one_open_reissue_per_old_number_and_person",
            ),
            models.CheckConstraint(
                condition=Q(source="certificate", certificate__isnull=False)
                | ~Q(source="certificate") & Q(certificate=None),
                name="reissue_of_a_certificate_names_it",
            ),
            models.CheckConstraint(
                condition=~Q(match="matched") | Q(approved_person__isnull=False),
                name="matched_reissue_names_the_approved_person",
            ),
            models.CheckConstraint(
                condition=~Q(match="decided") | ~Q(match_note=""),
                name="decided_match_says_why",
            ),
            models.CheckConstraint(
                condition=Q(kind="replacement") | Q(lost_at=None, newspaper_date=None),
                name="only_a_replacement_tells_of_a_loss",
            ),
            models.CheckConstraint(
                condition=Q(kind="renewal") | Q(damaged=False),
                name="only_a_renewal_is_of_a_damaged_certificate",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["opinions", "granted", "collected", "making", "done", "closing"],
                    accepted_at__isnull=False,
                    copies__gte=2,
                    signed_on__isnull=False,
                    required__len__gte=2,
                )
                | Q(state__in=["draft", "applied", "returned", "refused", "ended"]),
                name="accepted_reissue_was_signed_in_duplicate",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["closing", "refused", "ended"]) & ~Q(outcome="")
                | ~Q(state__in=["closing", "refused", "ended"]) & Q(outcome=""),
                name="ended_reissue_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False, new_number__isnull=False)
                | ~Q(state="done") & Q(done_at=None),
                name="finished_reissue_has_a_new_number",
            ),
            models.CheckConstraint(
                condition=~Q(new_number=F("old_number")), name="new_number_is_another"
            ),
            models.CheckConstraint(
                condition=Q(lost_at=None) | ~Q(state__in=["closing", "refused", "ended"]),
                name="ended_reissue_lifts_the_loss",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["unit", "state"], name="reissue_by_unit_state"),
            models.Index(fields=["state", "waiting_since"], name="reissue_by_state"),
            models.Index(fields=["old_number"], name="reissue_by_old_number"),
            models.Index(fields=["id_number_index"], name="reissue_by_id_number"),
        ]

    def __str__(self) -> str:
        return self.receipt_number

    @property
    def number(self) -> str:
        """How people call it."""
        return self.receipt_number

    @property
    def is_open(self) -> bool:
        """Whether it stands in the way of another one for the same certificate."""
        return self.state in OPEN_STATES

    def parties(self) -> Mapping[Relation, set[int]]:
        """Where the holder works, who handles it, who stands above them, who approved."""
        found: dict[Relation, set[int]] = {
            Relation.REPORTING: {self.work_unit_organization_id or 0} - {0},
            Relation.ISSUING: {self.unit_id},
            Relation.APPROVING: {self.approving_department_id or 0} - {0},
        }
        for step in self.path:
            if step["level"] == OpinionLevel.DEPARTMENT and step["organization"]:
                found[Relation.SUPERVISING] = {step["organization"]}
        return found


class CorrectedField(models.Model):
    """A field that a renewal corrects: what stands on the old certificate and what is right (N14).

    ``old_text`` and ``new_text`` are what may be shown: ID numbers masked, dates as ISO. The ID
    number itself is in ``new_cipher`` and ``new_index``; ``new_kind`` is its document's kind.
    """

    reissue = models.ForeignKey(Reissue, on_delete=models.PROTECT, related_name="corrections")
    field = models.CharField(_("更正项目"), max_length=16, choices=Field)
    old_text = models.CharField(_("原内容"), max_length=200)
    new_text = models.CharField(_("更正为"), max_length=200)
    new_cipher = models.BinaryField(null=True)
    new_index = models.BinaryField(max_length=32, null=True)
    new_kind = models.CharField(max_length=12, choices=IdKind, blank=True)
    entered_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("更正信息")
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["reissue", "field"],
                condition=Q(removed_at=None),
                name="field_is_corrected_once",
            ),
            models.CheckConstraint(
                condition=Q(field="id_number", new_cipher__isnull=False, new_index__isnull=False)
                & ~Q(new_kind="")
                | ~Q(field="id_number") & Q(new_cipher=None, new_index=None, new_kind=""),
                name="corrected_id_number_is_encrypted",
            ),
            models.CheckConstraint(
                condition=Q(field="id_number") | ~Q(old_text=F("new_text")),
                name="correction_changes_something",
            ),
        ]


class Evidence(models.Model):
    """A paper that was handed in with an application; a proof names what it proves (N13, N14)."""

    reissue = models.ForeignKey(Reissue, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(_("材料类别"), max_length=12, choices=EvidenceKind)
    correction = models.ForeignKey(
        CorrectedField, null=True, on_delete=models.PROTECT, related_name="evidence"
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(_("说明"), max_length=200, blank=True)
    added_at = models.DateTimeField(_("提交时间"), auto_now_add=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("佐证材料")
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="proof", correction__isnull=False)
                | ~Q(kind="proof") & Q(correction=None),
                name="proof_names_the_corrected_field",
            ),
            models.UniqueConstraint(fields=["file"], name="file_is_evidence_once"),
        ]


class Opinion(models.Model):
    """One box of 附件2, signed: by an account, or recorded from the stamped paper (N10).

    It counts while ``content_digest`` is the application's: what was changed is agreed to anew.
    ``organization`` is whose opinion it is, null where it isn't on file.
    """

    reissue = models.ForeignKey(Reissue, on_delete=models.PROTECT, related_name="opinions")
    level = models.CharField(_("意见"), max_length=12, choices=OpinionLevel)
    decision = models.CharField(_("结论"), max_length=8, choices=Decision)
    text = models.CharField(_("意见内容"), max_length=300, blank=True)
    given_on = models.DateField(_("签署日期"))
    organization = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    from_paper = models.BooleanField(_("按纸质签章登记"), default=False)
    scan = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    content_digest = models.BinaryField(max_length=32)
    recorded_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("意见")
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["reissue", "level", "content_digest"],
                condition=Q(decision="agree"),
                name="level_agrees_once",
            ),
            models.CheckConstraint(
                condition=Q(from_paper=False) | Q(level="applicant") | Q(scan__isnull=False),
                name="opinion_from_paper_has_its_scan",
            ),
            models.CheckConstraint(
                condition=Q(decision="agree") | ~Q(text=""),
                name="return_and_refusal_say_why",
            ),
            models.CheckConstraint(
                condition=~Q(level="applicant") | Q(decision="agree"),
                name="applicant_only_signs",
            ),
        ]


class Fate(models.TextChoices):
    """What became of an old certificate that was handed in."""

    HELD = "held", _("本单位保管")
    ARCHIVED = "archived", _("归档")
    DESTROYED = "destroyed", _("已销毁")
    GIVEN_BACK = "given_back", _("退还本人")


class HandedIn(models.Model):
    """The old certificate that was handed in, and what became of it (N14)."""

    reissue = models.OneToOneField(Reissue, on_delete=models.PROTECT, related_name="handed_in")
    number = models.CharField(_("原证书编号"), max_length=60)
    serial = models.BigIntegerField(_("空白证书编号"), null=True)
    received_on = models.DateField(_("收回日期"))
    received_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    fate = models.CharField(_("处理"), max_length=12, choices=Fate, default=Fate.HELD)
    fate_note = models.CharField(_("处理说明"), max_length=200, blank=True)
    fate_on = models.DateField(_("处理日期"), null=True)
    fate_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    witness = models.CharField(_("监督人"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("收回的原证书")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(fate="held", fate_on=None, fate_by=None)
                | ~Q(fate="held") & Q(fate_on__isnull=False, fate_by__isnull=False),
                name="fate_of_an_old_certificate_is_dated",
            ),
            models.CheckConstraint(
                condition=~Q(fate="destroyed") | ~Q(witness=""),
                name="old_certificate_is_destroyed_before_a_witness",
            ),
        ]


class SightingChannel(models.TextChoices):
    """Where a lost or void certificate turned up."""

    QUERY = "query", _("公众查询")
    CODE = "code", _("扫码核验")
    STATION = "station", _("工作台扫描")
    HANDED_IN = "handed_in", _("有人交来")


class VoidSighting(models.Model):
    """A certificate that is void or reported lost turned up (N12, N18)."""

    reissue = models.ForeignKey(Reissue, on_delete=models.PROTECT, related_name="sightings")
    channel = models.CharField(_("途径"), max_length=10, choices=SightingChannel)
    seen_on = models.DateField(_("日期"))
    seen_at = models.DateTimeField(_("时间"), auto_now_add=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("作废证书出现")
        ordering = ("-id",)
        constraints: ClassVar = [
            # The public may ask as often as it likes: once a day is enough.
            models.UniqueConstraint(
                fields=["reissue", "channel", "seen_on"],
                condition=Q(seen_by=None),
                name="public_sighting_once_a_day",
            ),
        ]


class Step(models.TextChoices):
    """The steps that have a deadline; each is a state in which somebody has to do something."""

    ACCEPTANCE = "acceptance", _("受理")
    COMPLETION = "completion", _("申请人补正")
    OPINION = "opinion", _("签署每级意见")
    COLLECTION = "collection", _("领取空白证书")
    MAKING = "making", _("填制、签章和核发")


class StepDeadline(models.Model):
    """办理时限 of a step as a dated setting: in force from its day until the next one's."""

    step = models.CharField(_("环节"), max_length=12, choices=Step)
    valid_from = models.DateField(_("生效日期"))
    days = models.PositiveSmallIntegerField(_("天数"))
    set_at = models.DateTimeField(_("设定时间"), auto_now=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("办理时限")
        ordering = ("step", "-valid_from")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["step", "valid_from"], name="one_deadline_per_day"),
            models.CheckConstraint(condition=Q(days__gte=1), name="deadline_is_a_day_at_least"),
        ]
