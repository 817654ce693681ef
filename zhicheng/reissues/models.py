"""Applications for replacement and renewal (附件2), their papers and opinions (N10-N14)."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import ApprovedPerson, IdKind
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation
from zhicheng.reference.models import Grade, Level
from zhicheng.reissues.models_papers import (
    CorrectedField,
    Evidence,
    Fate,
    HandedIn,
    Opinion,
    SightingChannel,
    Step,
    StepDeadline,
    VoidSighting,
)
from zhicheng.reissues.models_revocation import Ground, Revocation
from zhicheng.reissues.words import (
    BLANK_STATES,
    OPEN_STATES,
    Decision,
    EvidenceKind,
    Field,
    Kind,
    Match,
    OpinionLevel,
    Outcome,
    ReissueState,
    Source,
)

__all__ = [
    "BLANK_STATES",
    "OPEN_STATES",
    "CorrectedField",
    "Decision",
    "Evidence",
    "EvidenceKind",
    "Fate",
    "Field",
    "Ground",
    "HandedIn",
    "Kind",
    "Match",
    "Opinion",
    "OpinionLevel",
    "Outcome",
    "Reissue",
    "ReissueState",
    "Revocation",
    "SightingChannel",
    "Source",
    "Step",
    "StepDeadline",
    "VoidSighting",
]


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
            models.UniqueConstraint(
                fields=["approved_person"],
                condition=Q(state__in=OPEN_STATES, approved_person__isnull=False),
                name="one_open_reissue_per_approved_person",
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
            models.Index(fields=["state", "waiting_since", "id"], name="reissue_by_state"),
            models.Index(fields=["old_number"], name="reissue_by_old_number"),
            models.Index(
                fields=["old_number"],
                opclasses=["varchar_pattern_ops"],
                name="reissue_by_old_beginning",
            ),
            # What the list is sorted by and narrowed to.
            *(
                models.Index(fields=[field, "id"], name=name)
                for field, name in (
                    ("kind", "reissue_in_kind_order"),
                    ("name", "reissue_in_name_order"),
                    ("state", "reissue_in_state_order"),
                    ("submitted_at", "reissue_in_submitted_order"),
                    ("waiting_since", "reissue_in_waiting_order"),
                )
            ),
            models.Index(fields=["approving_department", "unit"], name="reissue_by_dept_and_unit"),
            models.Index(fields=["id_number_index"], name="reissue_by_id_number"),
            models.Index(
                fields=["name"], opclasses=["varchar_pattern_ops"], name="reissue_by_name"
            ),
            # Whose opinions it needs.
            GinIndex(fields=["path"], opclasses=["jsonb_path_ops"], name="reissue_by_path"),
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
