"""Who comes at odd hours, and names at which passwords and codes are tried (N18)."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from zhicheng.anomalies.detectors.asking import MONTH, ask, objects
from zhicheng.anomalies.models import AnomalyKind
from zhicheng.anomalies.rules import Evidence, Found, Thresholds, night_hours
from zhicheng.organizations.sessions import FAILED, LOCKED, LOGIN
from zhicheng.values.working_days import is_working
from zhicheng.web.deadlines import deadlines_on


def _rest_days(now: datetime) -> list[date]:
    """The days of the last month on which nobody works: weekends and holidays as moved."""
    today = timezone.localdate(now)
    moved = deadlines_on(today).moved
    days = [today - timedelta(days=back) for back in range(MONTH.days + 2)]
    return [day for day in days if not is_working(day, moved)]


def odd_hours(thresholds: Thresholds, now: datetime) -> list[Found]:
    """Accounts that logged in at night several times in a month, or on several days of rest."""
    rows = ask(
        """
        WITH come AS (
            SELECT e.actor_id, e.sequence, e.occurred_at,
                (e.occurred_at AT TIME ZONE %(zone)s)::date AS day,
                extract(hour FROM e.occurred_at AT TIME ZONE %(zone)s)::int = ANY(%(hours)s)
                    AS night,
                (e.occurred_at AT TIME ZONE %(zone)s)::date = ANY(%(rest)s::date[]) AS rest
            FROM audit_auditevent e WHERE e.tag = %(login)s AND e.occurred_at >= %(since)s
        )
        SELECT c.actor_id AS account, a.username, a.organization_id AS unit,
            count(*) FILTER (WHERE night) AS nights,
            count(DISTINCT day) FILTER (WHERE rest) AS rests,
            greatest(
                (array_agg(c.occurred_at ORDER BY c.occurred_at DESC)
                    FILTER (WHERE night))[%(night_most)s],
                (array_agg(DISTINCT day ORDER BY day DESC)
                    FILTER (WHERE rest))[%(rest_most)s]::timestamp AT TIME ZONE %(zone)s
            ) AS enough_since,
            (array_agg(c.sequence ORDER BY c.sequence DESC))[1:%(shown)s] AS events,
            (array_agg(to_char(c.occurred_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD HH24:MI')
                ORDER BY c.sequence DESC))[1:%(shown)s] AS moments
        FROM come c JOIN organizations_account a ON a.id = c.actor_id
        WHERE night OR rest
        GROUP BY c.actor_id, a.username, a.organization_id
        HAVING count(*) FILTER (WHERE night) >= %(night_most)s
            OR count(DISTINCT day) FILTER (WHERE rest) >= %(rest_most)s
        ORDER BY c.actor_id
        """,
        {
            "login": LOGIN,
            "since": now - MONTH,
            "hours": night_hours(thresholds),
            "rest": _rest_days(now),
            "night_most": thresholds.night_most,
            "rest_most": thresholds.rest_most,
        },
    )
    return [
        Found(
            kind=AnomalyKind.ODD_HOURS,
            key=str(row["account"]),
            summary=_("账号 %(account)s 一个月内夜间登录 %(nights)s 次、休息日登录 %(days)s 天"),
            words={"account": row["username"], "nights": row["nights"], "days": row["rests"]},
            weight=row["nights"] + row["rests"],
            organization_id=row["unit"],
            account_id=row["account"],
            enough_since=row["enough_since"],
            evidence=Evidence(
                figures=(
                    (_("夜间登录次数"), str(row["nights"])),
                    (_("夜间"), f"{thresholds.night_from}:00—{thresholds.night_to}:00"),
                    (_("休息日登录天数"), str(row["rests"])),
                    (_("最近"), row["moments"][0]),
                    (_("夜间登录标准"), f"≥ {thresholds.night_most}"),
                    (_("休息日登录标准"), f"≥ {thresholds.rest_most}"),
                ),
                objects=objects("event", row["events"], row["moments"]),
            ),
        )
        for row in rows
    ]


def failed_logins(thresholds: Thresholds, now: datetime) -> list[Found]:
    """Names at which somebody tried passwords or codes: many failures on one day.

    Whoever fails at the code knows the password: how often that was is told apart.
    """
    rows = ask(
        """
        SELECT e.actor_name AS name, (e.occurred_at AT TIME ZONE %(zone)s)::date AS day,
            count(*) AS times, bool_or(e.tag = %(locked)s) AS locked,
            count(*) FILTER (WHERE e.tag <> %(locked)s AND e.data ->> 'step' = 'code') AS at_code,
            min(a.id) AS account, min(a.organization_id) AS unit,
            (array_agg(e.occurred_at ORDER BY e.occurred_at DESC))[%(most)s] AS enough_since,
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
            enough_since=row["enough_since"],
            evidence=Evidence(
                figures=(
                    (_("失败次数"), str(row["times"])),
                    (_("其中密码正确、验证码错误"), str(row["at_code"])),
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


def many_names(thresholds: Thresholds, now: datetime) -> list[Found]:
    """Passwords tried at many names within one hour, a few times each.

    No record keeps from which address somebody failed; but people who mistype come in afterwards,
    so only names are counted at which nobody came in within the hour.
    """
    rows = ask(
        """
        WITH tried AS (
            SELECT date_trunc('hour', e.occurred_at AT TIME ZONE %(zone)s) AS hour,
                e.actor_name AS name, count(*) AS times, max(e.occurred_at) AS last,
                max(e.sequence) AS event
            FROM audit_auditevent e WHERE e.tag = %(failed)s AND e.occurred_at >= %(since)s
            GROUP BY hour, e.actor_name
        ), crowded AS (
            SELECT hour FROM tried GROUP BY hour HAVING count(*) >= %(most)s
        )
        SELECT t.hour, count(*) AS names, count(a.id) AS accounts, sum(t.times) AS times,
            (array_agg(t.last ORDER BY t.last DESC))[%(most)s] AS enough_since,
            (array_agg(t.event ORDER BY t.event DESC))[1:%(shown)s] AS events,
            (array_agg(to_char(t.last AT TIME ZONE %(zone)s, 'YYYY-MM-DD HH24:MI')
                ORDER BY t.event DESC))[1:%(shown)s] AS moments
        FROM tried t JOIN crowded USING (hour)
        LEFT JOIN organizations_account a ON a.username = t.name
        WHERE NOT EXISTS (SELECT FROM audit_auditevent s WHERE s.tag = %(login)s
            AND s.actor_id = a.id AND s.occurred_at > t.last
            AND s.occurred_at < t.last + interval '1 hour')
        GROUP BY t.hour HAVING count(*) >= %(most)s ORDER BY t.hour
        """,
        {
            "failed": FAILED,
            "login": LOGIN,
            "since": now - MONTH,
            "most": thresholds.failures_most,
        },
    )
    return [
        Found(
            kind=AnomalyKind.LOGIN_ATTEMPTS,
            key=f"names {row['hour']:%Y-%m-%d %H}",
            summary=_("%(hour)s 起一小时内以 %(names)s 个用户名登录失败"),
            words={"hour": f"{row['hour']:%Y-%m-%d %H:%M}", "names": row["names"]},
            weight=row["names"],
            enough_since=row["enough_since"],
            evidence=Evidence(
                figures=(
                    (_("用户名个数"), str(row["names"])),
                    (_("其中账号存在"), str(row["accounts"])),
                    (_("失败次数"), str(row["times"])),
                    (_("线索标准"), f"≥ {thresholds.failures_most}"),
                ),
                objects=objects("event", row["events"], row["moments"]),
            ),
        )
        for row in rows
    ]
