"""Organisations, who supervises whom, and the accounts of the people who work there (N3)."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.models_second_factor import RecoveryCode, SecondFactor
from zhicheng.organizations.models_sessions import LoginSession
from zhicheng.organizations.permissions import ROLE_LABELS, Relation, Role

__all__ = [
    "ISSUING_KINDS",
    "Account",
    "AccountManager",
    "Kind",
    "LoginSession",
    "Organization",
    "OrganizationQuerySet",
    "RecoveryCode",
    "SecondFactor",
]


class Kind(models.TextChoices):
    """The kinds of organisation that the notice knows."""

    MUNICIPAL_OFFICE = "municipal_office", _("市职改办")
    DISTRICT_OFFICE = "district_office", _("区县职改办")
    MUNICIPAL_DEPARTMENT = "municipal_department", _("市级主管部门")
    LARGE_ENTERPRISE = "large_enterprise", _("大型企事业单位")
    REPORTING_UNIT = "reporting_unit", _("填报单位")
    EMPLOYER = "employer", _("用人单位（只核验证书）")


ISSUING_KINDS = (Kind.DISTRICT_OFFICE, Kind.MUNICIPAL_DEPARTMENT, Kind.LARGE_ENTERPRISE)


class OrganizationQuerySet(models.QuerySet["Organization"]):
    """Reads that every folder needs."""

    def in_force(self, day: date) -> "OrganizationQuerySet":
        """Organisations that exist on ``day``; abolished ones stay on old certificates."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)

    def municipal_office(self) -> "Organization":
        """The one municipal office; raises DoesNotExist before it is set up."""
        return self.get(kind=Kind.MUNICIPAL_OFFICE, valid_to=None)


class Organization(models.Model):
    """A unit, department or office, in force from ``valid_from`` to ``valid_to`` inclusive."""

    name = models.CharField(_("名称"), max_length=120)
    short_name = models.CharField(_("简称"), max_length=60, blank=True)
    kind = models.CharField(_("类别"), max_length=24, choices=Kind)
    has_authority = models.BooleanField(_("有自主管理权限"), default=False)
    supervisor = models.ForeignKey(
        "self",
        verbose_name=_("主管部门"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="supervised",
    )
    is_approving_department = models.BooleanField(_("资格核准部门"), default=False)
    region = models.ForeignKey(
        "reference.Region",
        verbose_name=_("区县"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    valid_from = models.DateField(_("启用日期"), default=date(2018, 1, 1))
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("机构")
        ordering = ("name",)
        # Lists are sorted by whose their rows are: a page begins with the first names' rows.
        indexes: ClassVar = [models.Index(fields=["name"], name="organization_in_name_order")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(valid_to=None),
                name="one_organization_in_force_per_name",
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(kind=Kind.MUNICIPAL_OFFICE, valid_to=None),
                name="only_one_municipal_office",
            ),
            models.CheckConstraint(
                condition=Q(has_authority=True)
                | Q(supervisor__isnull=False)
                | Q(kind=Kind.EMPLOYER),
                name="unit_without_authority_has_supervisor",
            ),
            models.CheckConstraint(
                condition=Q(has_authority=True) | Q(kind__in=[Kind.REPORTING_UNIT, Kind.EMPLOYER]),
                name="only_reporting_units_lack_authority",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.EMPLOYER)
                | Q(has_authority=False, supervisor=None, is_approving_department=False),
                name="employer_only_verifies",
            ),
            models.CheckConstraint(
                condition=Q(supervisor=None) | ~Q(supervisor=F("id")),
                name="organization_does_not_supervise_itself",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="organization_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def called(self) -> str:
        """What lists, steps and stations call it: its short name, else its name."""
        return self.short_name or self.name

    @property
    def is_municipal_office(self) -> bool:
        """Whether this is 市职改办."""
        return self.kind == Kind.MUNICIPAL_OFFICE

    def has_ended(self, day: date) -> bool:
        """Whether ``day`` lies after its last day; one that has yet to begin has not ended."""
        return self.valid_to is not None and self.valid_to < day

    @property
    def issues(self) -> bool:
        """Whether it collects, handles and issues certificates itself (N3)."""
        return self.has_authority and self.kind != Kind.MUNICIPAL_OFFICE

    def parties(self) -> Mapping[Relation, set[int]]:
        """An organisation stands in no relation but to itself; an employer files nothing."""
        if self.kind == Kind.EMPLOYER:
            return {Relation.EMPLOYING: {self.pk}}
        return {Relation.REPORTING: {self.pk}, Relation.EMPLOYING: {self.pk}}


class AccountManager(BaseUserManager["Account"]):
    """Creates accounts with a hashed password."""

    def create_account(self, username: str, password: str | None, **fields: Any) -> "Account":
        """A saved account; ``password`` None makes it unable to log in."""
        account = self.model(username=self.model.normalize_username(username), **fields)
        account.set_password(password)
        account.full_clean(exclude=["password"])
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A person's login: one role in one organisation. Never deleted, only switched off."""

    username = models.CharField(
        _("用户名"), max_length=60, unique=True, error_messages={"unique": _("该用户名已被使用。")}
    )
    display_name = models.CharField(_("姓名"), max_length=60)
    organization = models.ForeignKey(
        Organization, verbose_name=_("所属机构"), on_delete=models.PROTECT, related_name="accounts"
    )
    role = models.CharField(
        _("角色"), max_length=16, choices=[(role.value, _(ROLE_LABELS[role])) for role in Role]
    )
    telephone = models.CharField(_("联系电话"), max_length=30, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    # Somebody else knows it: it was made for a new account, or by an administrator's reset.
    must_change_password = models.BooleanField(_("须修改密码"), default=False)
    # Since when a code is asked for beside the password; as the row of SecondFactor says, and kept
    # with the account so that no page has to ask for it.
    second_factor_since = models.DateTimeField(_("两步验证启用时间"), null=True, editable=False)
    created_at = models.DateTimeField(_("创建时间"), auto_now_add=True)

    objects = AccountManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar = []

    class Meta:
        verbose_name = _("账号")
        ordering = ("username",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]), name="account_has_known_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.display_name}（{self.get_role_display()}）"

    def get_full_name(self) -> str:
        """The person's name, as Django's own pages ask for it."""
        return self.display_name
