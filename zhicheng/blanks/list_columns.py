"""What lists of spoiled blanks have in common."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhicheng.values.serials import format_serial
from zhicheng.web.columns import Column

SERIAL = Column(
    _("空白证书编号"),
    lambda row: format_serial(row.serial),
    sort="serial",
    kind="code",
    link=lambda row: reverse("ledger:serial", args=[format_serial(row.serial)]),
)
