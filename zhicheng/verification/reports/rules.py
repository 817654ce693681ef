"""How long a report is valid, and when it is renewed or made at all."""

from dataclasses import dataclass
from datetime import date, timedelta

from zhicheng.values.refusal import Refusal
from zhicheng.verification.rules import STANDINGS, Record, Standing

SHORTEST, LONGEST, USUAL = 30, 180, 90  # days
IN_FORCE_AT_MOST = 20  # reports of one certificate
KEPT_DAYS = 365  # after its end, so that it can be renewed; then it is forgotten


@dataclass(frozen=True)
class Term:
    """From the day on which it is made or renewed to its last day, both counted in."""

    begins_on: date
    ends_on: date


def term(today: date, days: int, until: date | None = None) -> Term:
    """The term of ``days`` from today; ``until`` is the last day of a report that is renewed.

    Raises Refusal for a term that is too short or too long, or that wouldn't reach further.
    """
    if not SHORTEST <= days <= LONGEST:
        raise Refusal(
            "report.days",
            "核验报告的有效期为 30 至 180 天。",
            found=f"{days} 天",
            expected=f"{SHORTEST} 至 {LONGEST} 天",
            mend="请重新填写有效天数。",
        )
    made = Term(today, today + timedelta(days=days))
    if until is not None and made.ends_on <= until:
        raise Refusal(
            "report.not_longer",
            "续期后的截止日期不晚于现在的截止日期，没有续期。",
            found=f"{made.ends_on:%Y-%m-%d}",
            expected=f"晚于 {until:%Y-%m-%d}",
            mend="请填写更长的天数，或者在到期后再续。",
        )
    return made


def may_be_made(record: Record, in_force: int) -> None:
    """Raises Refusal for a certificate out of force, and where there are many reports already."""
    if record.standing is not Standing.VALID:
        raise Refusal(
            "report.not_in_force",
            "证书现在不是有效状态，不能出具或续期核验报告。",
            found=STANDINGS[record.standing],
            expected=STANDINGS[Standing.VALID],
            mend="已补办或换发的，请用新证书出具。",
        )
    if in_force >= IN_FORCE_AT_MOST:
        raise Refusal(
            "report.too_many",
            "这本证书有效的核验报告已达上限，没有出具。",
            found=f"{in_force} 份",
            expected=f"不超过 {IN_FORCE_AT_MOST} 份",
            mend="请撤销不再需要的报告，或者给原报告续期。",
        )


def is_over(ends_on: date, today: date) -> bool:
    """Whether its last day has passed."""
    return today > ends_on
