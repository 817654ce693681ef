"""What comes with an application: corrections, papers, opinions, the old certificate (N10-N14)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import IdKind
from zhicheng.files.models import StoredFile
from zhicheng.organizations.models import Organization
from zhicheng.reissues.words import Decision, EvidenceKind, Field, OpinionLevel


class CorrectedField(models.Model):
    """A field that a renewal corrects: what stands on the old certificate and what is right (N14).

    ``old_text`` and ``new_text`` are what may be shown: ID numbers masked, dates as ISO. The ID
    number itself is in ``new_cipher`` and ``new_index``; ``new_kind`` is its document's kind.
    """

    reissue = models.ForeignKey(
        "reissues.Reissue", on_delete=models.PROTECT, related_name="corrections"
    )
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

    reissue = models.ForeignKey(
        "reissues.Reissue", on_delete=models.PROTECT, related_name="evidence"
    )
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

    reissue = models.ForeignKey(
        "reissues.Reissue", on_delete=models.PROTECT, related_name="opinions"
    )
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

    reissue = models.OneToOneField(
        "reissues.Reissue", on_delete=models.PROTECT, related_name="handed_in"
    )
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

    reissue = models.ForeignKey(
        "reissues.Reissue", on_delete=models.PROTECT, related_name="sightings"
    )
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

    DRAFT = "draft", _("申请人填写")
    ACCEPTANCE = "acceptance", _("受理")
    COMPLETION = "completion", _("申请人补正")
    OPINION = "opinion", _("签署每级意见")
    COLLECTION = "collection", _("领取空白证书")
    MAKING = "making", _("填制、签章和核发")


class StepDeadline(models.Model):
    """办理时限 of a step as a dated setting: in force from its day until the next one's.

    Rows are only added; of several for one day the last counts. The database refuses to change or
    remove one, and one that would begin in the past.
    """

    step = models.CharField(_("环节"), max_length=12, choices=Step)
    valid_from = models.DateField(_("生效日期"))
    days = models.PositiveSmallIntegerField(_("天数"))
    set_at = models.DateTimeField(_("设定时间"), default=timezone.now)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("办理时限")
        ordering = ("step", "-valid_from")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(days__gte=1), name="deadline_is_a_day_at_least"),
        ]
