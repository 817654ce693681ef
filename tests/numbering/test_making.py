"""A register made from approval documents, with no Excel at all (N2, N6, N16, N17)."""

import pytest

from tests.numbering.conftest import set_rule
from tests.registers_pages.conftest import LogIn
from tests.support.city import City
from tests.support.filing import Filing
from tests.support.pages import text_of
from zhicheng.approvals.models import ApprovedPerson
from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.permissions import Action
from zhicheng.registers.actions import add_people, submit
from zhicheng.registers.listed import waiting_people
from zhicheng.registers.making import make_register
from zhicheng.registers.models import Register
from zhicheng.values.refusal import NotPermitted, Refusal

PAGE = "/registers/make/"


def listed(filing: Filing, count: int, **fields: object) -> list[ApprovedPerson]:
    before = set(ApprovedPerson.objects.values_list("pk", flat=True))
    filing.lines(count, **fields)
    return list(ApprovedPerson.objects.exclude(pk__in=before).order_by("pk"))


def make(city: City, people: list[ApprovedPerson], **fields: object) -> Register:
    return make_register(
        actor=city.who("hospital", "clerk"),
        unit=city.hospital,
        person_ids=[person.pk for person in people],
        **{"year": 2026, **fields},  # type: ignore[arg-type]
    )


def test_n6_every_cell_comes_from_the_approval_document(filing: Filing) -> None:
    set_rule(filing.city)
    people = listed(filing, 3)
    register = make(filing.city, people, filler="王填报", telephone="023", with_numbers=True)
    assert (register.state, register.row_count, register.error_count) == ("draft", 3, 0)
    assert (register.filler, register.telephone, register.source_name) == ("王填报", "023", "")
    for row, person in zip(register.rows.order_by("position"), people, strict=True):
        assert row.approved_person_id == person.pk
        assert row.id_number_index == person.id_number_index
        for name in ("name", "sex", "work_unit", "qualification", "specialty", "approval_date"):
            assert getattr(row, name) == getattr(person, name)
        assert row.document_number == person.document.number
    numbers = list(register.rows.order_by("position").values_list("certificate_number", flat=True))
    assert numbers == ["W2026Z00001", "W2026Z00002", "W2026Z00003"]
    events = list(AuditEvent.objects.order_by("-sequence")[:2])
    assert [event.tag for event in events] == [Action.REGISTER_MAKE, Action.NUMBERS_ASSIGN]
    submit(actor=filing.city.who("hospital", "clerk"), register_id=register.pk)
    register.refresh_from_db()
    assert register.state == "endorsing"


def test_without_numbers_only_these_are_missing(filing: Filing) -> None:
    register = make(filing.city, listed(filing, 2))
    assert set(register.findings.values_list("code", "column")) == {("required", "证书编号")}


def test_asking_for_numbers_without_a_rule_makes_nothing(filing: Filing) -> None:
    people = listed(filing, 1)
    with pytest.raises(Refusal) as refused:
        make(filing.city, people, with_numbers=True)
    assert refused.value.rule == "numbering.no_rule"
    assert Register.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "clause"),
    [({"mode": "自主评审"}, "N16"), ({"channel": "线上"}, "N17")],
)
def test_n16_n17_such_documents_are_refused_by_their_clause(
    filing: Filing, log_in: LogIn, fields: dict[str, object], clause: str
) -> None:
    if clause == "N16":
        filing.self_review(filing.city.enterprise)
        fields = {**fields, "department": filing.city.enterprise.name}
    good = listed(filing, 1)
    closed = listed(filing, 1, number=901, **fields)
    with pytest.raises(Refusal) as refused:
        make(filing.city, [*good, *closed])
    assert refused.value.clause == clause
    assert Register.objects.count() == 0
    # The page says so beside the document and offers no box to tick.
    client = log_in("hospital", "clerk")
    page = client.get(PAGE).content.decode()
    box = page.split(f'name="document" value="{closed[0].document_id}"')[1].split(">")[0]
    assert "disabled" in box and f"/notice/#{clause}" in page
    answer = client.post(PAGE, {"person": closed[0].pk, "year": 2026})
    assert answer.status_code == 422 and clause in text_of(answer)


def test_only_people_of_the_unit_who_are_on_no_register_can_be_chosen(filing: Filing) -> None:
    mine = listed(filing, 2)
    others = listed(filing, 1)
    ApprovedPerson.objects.filter(pk=others[0].pk).update(work_unit="别的医院")
    with pytest.raises(Refusal) as refused:
        make(filing.city, [mine[0], *others])
    assert refused.value.rule == "register.people_not_addable"
    make(filing.city, mine[:1])
    with pytest.raises(Refusal):
        make(filing.city, mine)
    assert list(waiting_people(filing.city.hospital, [mine[0].document_id])) in ([], mine[1:])
    with pytest.raises(Refusal) as refused:
        make(filing.city, [])
    assert refused.value.rule == "register.nobody_chosen"


def test_the_page_leads_from_documents_to_a_draft(filing: Filing, log_in: LogIn) -> None:
    set_rule(filing.city)
    people = listed(filing, 3)
    client = log_in("hospital", "clerk")
    assert "由核准文件生成" in text_of(client.get("/registers/"))
    first = client.get(PAGE)
    documents = sorted({person.document_id for person in people})
    assert people[0].document.number in text_of(first)
    second = client.get(PAGE, {"document": documents})
    said = text_of(second)
    assert all(person.name in said for person in people)
    assert "W{年}{等级}{流水5}" in said
    answer = client.post(
        PAGE,
        {
            "document": documents,
            "person": [people[0].pk, people[2].pk],
            "year": 2026,
            "filler": "王填报",
            "telephone": "023-1",
            "numbers": "1",
        },
        follow=True,
    )
    assert "共 2 人。核对后可以提交。" in text_of(answer)
    register = Register.objects.get()
    assert list(register.rows.values_list("approved_person", flat=True).order_by("position")) == [
        people[0].pk,
        people[2].pk,
    ]
    assert "还有" not in text_of(client.get(f"/registers/{register.pk}/"))


def test_what_was_typed_stays_when_it_is_refused(filing: Filing, log_in: LogIn) -> None:
    people = listed(filing, 2)
    answer = log_in("hospital", "clerk").post(
        PAGE,
        {
            "document": people[0].document_id,
            "person": [people[0].pk],
            "year": 2099,
            "filler": "王填报",
        },
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "年度不能晚于今年" in page and 'value="王填报"' in page


def test_missing_people_are_added_with_their_numbers_in_one_click(
    filing: Filing, log_in: LogIn
) -> None:
    set_rule(filing.city)
    lines = filing.lines(1)
    number = int(lines[0].listed.document_number.split("〕")[1].rstrip("号"))
    filing.lines(2, number=number)
    register = filing.upload([lines[0].but(证书编号="W2026Z00050")])
    client = log_in("hospital", "clerk")
    page = client.get(f"/registers/{register.pk}/missing/")
    assert "同时分配证书编号" in text_of(page)
    missing = list(
        register.findings.filter(code="approval.person_missing").values_list(
            "suggested_person", flat=True
        )
    )
    assert len(missing) == 2
    answer = client.post(
        f"/registers/{register.pk}/missing/add/", {"person": missing, "numbers": "1"}, follow=True
    )
    assert "证书编号已分配" in text_of(answer)
    assert list(
        register.rows.order_by("position").values_list("certificate_number", flat=True)
    ) == [
        "W2026Z00050",
        "W2026Z00001",
        "W2026Z00002",
    ]
    register.refresh_from_db()
    assert (register.error_count, register.warning_count) == (0, 0)


def test_adding_without_asking_leaves_the_numbers_to_be_filled_in(filing: Filing) -> None:
    set_rule(filing.city)
    register = make(filing.city, listed(filing, 1), with_numbers=True)
    (person,) = listed(filing, 1)
    add_people(
        actor=filing.city.who("hospital", "clerk"), register_id=register.pk, person_ids=[person.pk]
    )
    assert register.rows.get(position=2).certificate_number == ""


@pytest.mark.parametrize(
    "who",
    [("hospital", "officer"), ("health", "officer"), ("office", "clerk"), ("office", "auditor")],
)
def test_only_the_units_clerk_makes_a_register(
    filing: Filing, log_in: LogIn, who: tuple[str, str]
) -> None:
    people = listed(filing, 1)
    client = log_in(*who)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"person": people[0].pk, "year": 2026}).status_code == 403
    with pytest.raises(NotPermitted):
        make_register(
            actor=filing.city.who(*who),
            unit=filing.city.hospital,
            person_ids=[people[0].pk],
            year=2026,
        )
    assert Register.objects.count() == 0
