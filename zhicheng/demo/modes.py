"""Records of authorised, joint and self-managed review: in force, expired, revoked (N15, N16)."""

from datetime import date

from zhicheng.approvals.records import end_record, record_review
from zhicheng.demo.city import City


def tell_records(city: City) -> None:
    """Before the year's approval documents are imported, which are checked against them."""
    office = city.accounts["office.officer"]
    university = city.enterprises["巴渝理工大学"]
    industry, education = city.departments["市经济信息委"], city.departments["市教委"]
    record_review(
        actor=office,
        mode="self_managed",
        unit_id=university.pk,
        department_id=city.office.pk,
        number="渝职改备〔2024〕7号",
        series=["高等学校教师"],
        valid_from=date(2024, 1, 1),
        valid_to=date(2028, 12, 31),
    )
    record_review(
        actor=office,
        mode="self_managed",
        unit_id=university.pk,
        department_id=city.office.pk,
        number="渝职改备〔2020〕3号",
        series=["高等学校教师"],
        scope="试点三年，期满后重新备案",
        valid_from=date(2020, 9, 1),
        valid_to=date(2023, 8, 31),
    )
    record_review(
        actor=office,
        mode="authorized",
        unit_id=city.enterprises["长江重工"].pk,
        department_id=industry.pk,
        number="渝经信授〔2025〕2号",
        series=["工程技术人员"],
        levels=["intermediate", "assistant"],
        valid_from=date(2025, 1, 1),
        valid_to=date(2027, 12, 31),
    )
    record_review(
        actor=office,
        mode="joint",
        unit_id=city.units["歌乐山职业技术学校"].pk,
        department_id=education.pk,
        number="渝教联评〔2026〕1号",
        series=["中等职业学校教师"],
        scope="与两江职教中心、缙云职业学校联合组成评委会",
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 12, 31),
    )
    revoked = record_review(
        actor=office,
        mode="authorized",
        unit_id=city.enterprises["渝州电建"].pk,
        department_id=industry.pk,
        number="渝经信授〔2023〕5号",
        series=["工程技术人员"],
        valid_from=date(2023, 1, 1),
        valid_to=date(2027, 12, 31),
    )
    end_record(
        actor=office,
        record_id=revoked.pk,
        kind="revoked",
        ended_on=date(2025, 7, 1),
        reason="评审材料抽查不合格，渝经信函〔2025〕41号",
    )
