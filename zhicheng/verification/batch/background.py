"""A batch as work: the questions lie encrypted until they are answered, the answers for a day."""

import json
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from zhicheng.organizations.models import Account
from zhicheng.verification.batch.answering import Answered, verify_batch
from zhicheng.verification.batch.books import result_book
from zhicheng.verification.batch.rules import AskedRow
from zhicheng.verification.batch.told import told_rows
from zhicheng.verification.models import BatchWay
from zhicheng.work.actions import ask_for
from zhicheng.work.kinds import Job, Product, register_kind
from zhicheng.work.models import Work

VERIFY = "verification.batch"


def ask_verify(
    account: Account,
    rows: Sequence[AskedRow],
    *,
    way: BatchWay,
    purpose: str,
    purpose_note: str = "",
    source_name: str = "",
    client: str = "",
) -> Work:
    """Asks the worker; an upload's answers come as Excel, the interface's as JSON."""
    content = json.dumps([[r.row, r.name, r.id_number, r.number] for r in rows]).encode()
    return ask_for(
        VERIFY,
        account=account,
        subject=source_name or _("%(count)d 行") % {"count": len(rows)},
        back=reverse("verification:batch_new"),
        parameters={
            "way": way.value,
            "purpose": purpose,
            "purpose_note": purpose_note,
            "source_name": source_name,
            "client": client,
            "rows": len(rows),
        },
        content=content,
        # One after the other, so that the day's count is never raced for.
        lock=f"batch-{account.organization_id}",
    )


def _verify(job: Job) -> None:
    told: dict[str, Any] = dict(job.parameters)
    rows = [AskedRow(*row) for row in json.loads(job.content)]
    way = BatchWay(told.pop("way"))
    told.pop("rows", None)

    def finish(answered: Answered) -> None:
        batch = answered.batch
        if way is BatchWay.INTERFACE:
            product = Product(f"{batch.number}.json", json.dumps(told_rows(answered)).encode())
        else:
            product = Product(_("核验结果 %s.xlsx") % batch.number, result_book(answered))
        message = _("核验了 %(rows)d 行，查到 %(found)d 行。结果保留一天，请及时下载。") % {
            "rows": batch.row_count,
            "found": batch.found_count,
        }
        job.finish("", message, product)

    verify_batch(actor=job.account, rows=rows, way=way, work=job.token, also=finish, **told)


def register_kinds() -> None:
    """Makes it known to the worker and the pages."""
    register_kind(VERIFY, _l("批量核验"), _verify)
