"""Proves that spoiled and destroyed blanks have their records (N9, N18)."""

from zhicheng.blanks.ledger import from_range
from zhicheng.blanks.reconcile import Report, rows


def check_records(report: Report) -> None:
    """What two people destroyed is what is destroyed; what a unit holds as spoiled has a record."""
    _destroyed_by_two_people(report)
    _spoiled_has_a_record(report)


def _destroyed_by_two_people(report: Report) -> None:
    ((without_record, not_destroyed),) = rows(
        """
        WITH gone AS (
            SELECT coalesce(range_agg(h.serials), '{}') AS s FROM blanks_holding h
            JOIN blanks_custody c ON c.id = h.custody_id WHERE c.state = 'destroyed'
        ), told AS (
            SELECT coalesce(range_agg(r), '{}') AS s
            FROM blanks_destruction d, unnest(serial_ranges(d.serials)) AS r
            WHERE d.confirmed_at IS NOT NULL AND d.confirmed_by_id IS NOT NULL
        )
        SELECT gone.s - told.s, told.s - gone.s FROM gone, told
        """
    )
    for found, kind, words in (
        (without_record, "blank.destroyed_without_record", "已销毁，但没有两人确认的销毁记录"),
        (not_destroyed, "destruction.blank_not_destroyed", "有销毁记录，但保管状态不是已销毁"),
    ):
        for item in found:
            report.fault(
                1, kind, f"空白证书 {from_range(item)} {words}", serials=str(from_range(item))
            )


def _spoiled_has_a_record(report: Report) -> None:
    """The record is of the register and grade that hold the blank."""
    ((missing,),) = rows(
        """
        SELECT coalesce(range_agg(h.serials), '{}') - coalesce((
            SELECT range_agg(int8range(s.serial, s.serial, '[]'))
            FROM blanks_spoilage s JOIN blanks_holding l ON l.serials @> s.serial
            JOIN blanks_custody k ON k.id = l.custody_id AND k.state = 'spoiled'
             AND k.register_id IS NOT DISTINCT FROM s.register_id
             AND k.reissue IS NOT DISTINCT FROM s.reissue AND k.grade = s.grade), '{}')
        FROM blanks_holding h JOIN blanks_custody c ON c.id = h.custody_id
        WHERE c.state = 'spoiled'
        """
    )
    for item in missing:
        report.fault(
            1,
            "blank.spoiled_without_record",
            f"空白证书 {from_range(item)} 为废旧证书，但没有登记记录",
            serials=str(from_range(item)),
        )
