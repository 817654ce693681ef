"""What a register was: its versions, the past states of its rows, the files it came from (N18)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import IdKind


class RegisterVersion(models.Model):
    """One version of a register's content: who made it, by what action, and how much changed.

    Written by the database itself (migration 0003): whoever writes rows, the line is there. Until
    ``sealed_at``, the end of the transaction that opened it, changes still belong to it.
    """

    register = models.ForeignKey(
        "registers.Register", on_delete=models.PROTECT, related_name="versions"
    )
    version = models.PositiveIntegerField(_("版本"))
    action = models.CharField(_("操作"), max_length=60, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("时间"))
    sealed_at = models.DateTimeField(null=True)
    rows_total = models.PositiveIntegerField(_("人数"), default=0)
    rows_added = models.PositiveIntegerField(_("新增"), default=0)
    rows_changed = models.PositiveIntegerField(_("修改"), default=0)
    rows_removed = models.PositiveIntegerField(_("删除"), default=0)
    rows_moved = models.PositiveIntegerField(_("移位"), default=0)

    class Meta:
        verbose_name = _("登记表版本")
        ordering = ("-version",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["register", "version"], name="register_version_told_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register_id}/{self.version}"


class RowHistory(models.Model):
    """What a row said from one version up to another (``version_to`` excluded; null: still).

    Written by the database itself whenever a row's content changes, and append-only: the only
    change that it allows is the end of a state. A state that ends in the version in which it began
    was never part of a version. ``register`` and ``changed_by`` carry no foreign key of their own:
    the row that a state comes from has them, and the check would double an upload's cost.
    """

    register = models.ForeignKey(
        "registers.Register",
        on_delete=models.DO_NOTHING,
        related_name="row_states",
        db_constraint=False,
    )
    row_id = models.BigIntegerField()
    version_from = models.PositiveIntegerField()
    version_to = models.PositiveIntegerField(null=True)
    position = models.PositiveIntegerField(_("序号"))
    excel_row = models.PositiveIntegerField(_("行"), null=True)
    certificate_number = models.CharField(_("证书编号"), max_length=60, blank=True)
    work_unit = models.CharField(_("工作单位"), max_length=200, blank=True)
    supervising_department = models.CharField(_("主管部门"), max_length=200, blank=True)
    name = models.CharField(_("姓名"), max_length=100, blank=True)
    sex = models.CharField(_("性别"), max_length=20, blank=True)
    id_kind = models.CharField(_("证件类别"), max_length=12, choices=IdKind)
    id_number_cipher = models.BinaryField(null=True)
    id_number_index = models.BinaryField(max_length=32, null=True)
    id_number_masked = models.CharField(_("身份证号码"), max_length=60, blank=True)
    id_number_from_number = models.BooleanField(default=False)
    specialty = models.CharField(_("专业名称"), max_length=100, blank=True)
    qualification = models.CharField(_("资格名称"), max_length=60, blank=True)
    approval_date_text = models.CharField(_("批准时间"), max_length=40, blank=True)
    approval_date = models.DateField(_("批准时间"), null=True)
    document_number = models.CharField(_("批准文号"), max_length=80, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("登记表行的历史")
        ordering = ("register_id", "position")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["row_id"],
                condition=Q(version_to=None),
                name="row_has_one_present_state",
            ),
            models.UniqueConstraint(
                fields=["row_id", "version_from"],
                condition=Q(version_to=None) | Q(version_to__gt=models.F("version_from")),
                name="row_has_one_state_in_a_version",
            ),
            models.CheckConstraint(
                condition=Q(version_to=None) | Q(version_to__gte=models.F("version_from")),
                name="row_state_ends_after_it_began",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["register", "version_from"], name="row_state_by_beginning"),
            models.Index(fields=["register", "version_to"], name="row_state_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.register_id}/{self.row_id} {self.version_from}-{self.version_to or ''}"


class RegisterUpload(models.Model):
    """One file that the unit sent for the register, and what it changed against the one before.

    ``source`` is filled when a later file takes its place: the present one lies with the register.
    ``findings`` are those of before and after, told apart as mended, remaining and fresh;
    ``overwritten`` are the cells that had been corrected on the page and came back older with the
    file: [row, column's key], until the person has chosen (``decided_at``).
    """

    register = models.ForeignKey(
        "registers.Register", on_delete=models.PROTECT, related_name="uploads"
    )
    version = models.PositiveIntegerField(_("版本"))
    before_version = models.PositiveIntegerField(null=True)
    source = models.BinaryField(_("原文件"), null=True)
    source_name = models.CharField(_("文件名"), max_length=200, blank=True)
    source_sha256 = models.CharField(max_length=64, blank=True)
    findings = models.JSONField(default=dict)
    overwritten = models.JSONField(default=list)
    title = models.JSONField(default=dict)
    kept = models.PositiveIntegerField(default=0)
    uploaded_at = models.DateTimeField(_("上传时间"), auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("登记表文件")
        ordering = ("-version",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["register", "version"], name="one_file_makes_one_version"
            ),
            models.CheckConstraint(
                condition=Q(before_version=None) | Q(before_version__lt=models.F("version")),
                name="a_file_replaces_an_older_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register_id}/{self.version} {self.source_name}"
