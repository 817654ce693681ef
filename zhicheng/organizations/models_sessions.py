"""Sessions as rows of their own: whose login, since when, from where (N18)."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LoginSession(AbstractBaseSession):
    """A browser's session. A stranger's (a holder's proof, half a login) has no account.

    What it says of a login stands in the session too and is written with it: there is no second
    statement, and a session that is renewed under another key keeps it.
    """

    account = models.ForeignKey(
        "organizations.Account",
        verbose_name=_("账号"),
        null=True,
        on_delete=models.CASCADE,
        related_name="sessions",
    )
    # What pages call it by: the key opens it.
    public_id = models.UUIDField(null=True)
    began_at = models.DateTimeField(_("登录时间"), null=True)
    address = models.CharField(_("来自"), max_length=45, blank=True)
    browser = models.CharField(_("浏览器"), max_length=40, blank=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        verbose_name = verbose_name_plural = _("登录")  # type: ignore[assignment]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(account=None, public_id=None, began_at=None, address="", browser="")
                | Q(account__isnull=False, public_id__isnull=False, began_at__isnull=False),
                name="login_says_since_when",
            ),
        ]

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """The engine that writes these rows."""
        from zhicheng.organizations.session_store import SessionStore

        return SessionStore

    @property
    def last_seen(self) -> datetime:
        """Every request puts the end off, so the end says when the last one was."""
        return self.expire_date - timedelta(seconds=settings.SESSION_COOKIE_AGE)
