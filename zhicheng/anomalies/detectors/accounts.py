"""Accounts that look at ID numbers far more than others, come by night, or are tried (N18)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_noop as _

from zhicheng.anomalies.detectors.asking import SHOWN, ask, objects
from zhicheng.anomalies.models import AnomalyKind
from zhicheng.anomalies.rules import Evidence, Found, Thresholds, night_hours, unlike_the_others
from zhicheng.organizations.permissions import Action
from zhicheng.organizations.sessions import FAILED, LOCKED, LOGIN

MONTH = timedelta(days=30)

_COUNTED = """
    SELECT e.actor_id AS account, a.username, a.role, a.organization_id AS unit, count(*) AS times,
        count(DISTINCT (e.subject_type, e.subject_id)) AS objects,
        min(e.occurred_at) AS first, max(e.occurred_at) AS last,
        (array_agg(e.sequence ORDER BY e.sequence DESC))[1:%(shown)s] AS events,
        (array_agg(to_char(e.occurred_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD HH24:MI')
            ORDER BY e.sequence DESC))[1:%(shown)s] AS moments
    FROM audit_auditevent e JOIN organizations_account a ON a.id = e.actor_id
    WHERE e.tag = %(tag)s AND e.occurred_at >= %(since)s
        AND extract(hour FROM e.occurred_at AT TIME ZONE %(zone)s)::int = ANY(%(hours)s)
    GROUP BY e.actor_id, a.username, a.role, a.organization_id ORDER BY e.actor_id
"""


def unmasking(thresholds: Thresholds, now: datetime) -> list[Found]:
    """Accounts that had whole ID numbers shown far more often in a month than their like."""
    rows = ask(
        _COUNTED,
        {
            "tag": Action.PERSON_UNMASK,
            "since": now - MONTH,
            "hours": list(range(24)),
            "zone": settings.TIME_ZONE,
            "shown": SHOWN,
        },
    )
    found = []
    for role in sorted({row["role"] for row in rows}):
        alike = {row["account"]: row for row in rows if row["role"] == role}
        usual = unlike_the_others(
            {account: row["times"] for account, row in alike.items()}, thresholds.unmask_most
        )
        for account, others in usual.items():
            row = alike[account]
            found.append(
                Found(
                    kind=AnomalyKind.UNMASKING,
                    key=str(account),
                    summary=_("账号 %(account)s 一个月查看完整身份证号码 %(count)s 次"),
                    words={"account": row["username"], "count": row["times"]},
                    weight=row["times"],
                    organization_id=row["unit"],
                    account_id=account,
                    evidence=Evidence(
                        figures=(
                            (_("查看次数"), str(row["times"])),
                            (_("涉及对象"), str(row["objects"])),
                            (_("同角色账号通常"), f"{others:g}"),
                            (_("最早"), row["moments"][-1]),
                            (_("最近"), row["moments"][0]),
                            (_("线索标准"), f"≥ {thresholds.unmask_most}"),
                        ),
                        objects=objects("event", row["events"], row["moments"]),
                    ),
                )
            )
    return found


def night_logins(thresholds: Thresholds, now: datetime) -> list[Found]:
    """Accounts that logged in at night, several times in a month."""
    rows = ask(
        _COUNTED,
        {
            "tag": LOGIN,
            "since": now - MONTH,
            "hours": night_hours(thresholds),
            "zone": settings.TIME_ZONE,
            "shown": SHOWN,
        },
    )
    return [
        Found(
            kind=AnomalyKind.ODD_HOURS,
            key=str(row["account"]),
            summary=_("账号 %(account)s 一个月内夜间登录 %(count)s 次"),
            words={"account": row["username"], "count": row["times"]},
            weight=row["times"],
            organization_id=row["unit"],
            account_id=row["account"],
            evidence=Evidence(
                figures=(
                    (_("夜间登录次数"), str(row["times"])),
                    (_("夜间"), f"{thresholds.night_from}:00—{thresholds.night_to}:00"),
                    (_("最近"), row["moments"][0]),
                    (_("线索标准"), f"≥ {thresholds.night_most}"),
                ),
                objects=objects("event", row["events"], row["moments"]),
            ),
        )
        for row in rows
        if row["times"] >= thresholds.night_most
    ]


def failed_logins(thresholds: Thresholds, now: datetime) -> list[Found]:
    """Names at which somebody tried passwords: many failures on one day."""
    rows = ask(
        """
        SELECT e.actor_name AS name, (e.occurred_at AT TIME ZONE %(zone)s)::date AS day,
            count(*) AS times, bool_or(e.tag = %(locked)s) AS locked,
            min(a.id) AS account, min(a.organization_id) AS unit,
            (array_agg(e.sequence ORDER BY e.sequence DESC))[1:%(shown)s] AS events,
            (array_agg(to_char(e.occurred_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD HH24:MI')
                ORDER BY e.sequence DESC))[1:%(shown)s] AS moments,
            EXISTS (SELECT 1 FROM audit_auditevent s WHERE s.tag = %(login)s
                AND s.actor_id = min(a.id) AND s.occurred_at > max(e.occurred_at)
                AND s.occurred_at < max(e.occurred_at) + interval '1 hour') AS came_in
        FROM audit_auditevent e LEFT JOIN organizations_account a ON a.username = e.actor_name
        WHERE e.tag = ANY(%(tags)s) AND e.occurred_at >= %(since)s
        GROUP BY e.actor_name, day HAVING count(*) >= %(most)s ORDER BY day, e.actor_name
        """,
        {
            "tags": [FAILED, LOCKED],
            "locked": LOCKED,
            "login": LOGIN,
            "since": now - MONTH,
            "zone": settings.TIME_ZONE,
            "shown": SHOWN,
            "most": thresholds.failures_most,
        },
    )
    return [
        Found(
            kind=AnomalyKind.LOGIN_ATTEMPTS,
            key=f"{row['day']} {row['name']}"[:100],
            summary=_("%(day)s 以 %(name)s 登录失败 %(count)s 次"),
            words={"day": str(row["day"]), "name": row["name"] or "—", "count": row["times"]},
            weight=row["times"],
            organization_id=row["unit"],
            account_id=row["account"],
            evidence=Evidence(
                figures=(
                    (_("失败次数"), str(row["times"])),
                    (_("账号存在"), _("是") if row["account"] else _("否")),
                    (_("账号被锁定"), _("是") if row["locked"] else _("否")),
                    (_("其后一小时内登录成功"), _("是") if row["came_in"] else _("否")),
                    (_("线索标准"), f"≥ {thresholds.failures_most}"),
                ),
                objects=objects("event", row["events"], row["moments"]),
            ),
        )
        for row in rows
    ]
