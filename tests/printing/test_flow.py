"""A print job from the tray to the confirmed result, misprints and all (N8, N9)."""

from pathlib import Path

import pytest
from django.db.models import F
from django.utils import timezone

from tests.documents.reading import opened, page_texts, runs, scanned
from tests.support.city import City, accepted_register, carry, deliver, found_city
from tests.support.printing import printed, started
from tests.support.working import work_off
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate, PrintJob, PrintPage, PrintPortion
from zhicheng.certificates.printjobs.ending import cancel, confirm
from zhicheng.certificates.printjobs.lifecycle import PRINT_JOB
from zhicheng.certificates.printjobs.preparing import destroy_old_files, prepare_again
from zhicheng.certificates.printjobs.starting import start
from zhicheng.certificates.printjobs.tray import hand_out, load, recut
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.spoilage import spoil
from zhicheng.credentials import actions as keys
from zhicheng.credentials import rules as credential
from zhicheng.credentials.claims import Claims
from zhicheng.credentials.queries import published_keys
from zhicheng.documents.layout import content_of
from zhicheng.layouts import actions as layouts
from zhicheng.layouts.models import LayoutVersion
from zhicheng.layouts.printers import add_printer, calibrate_printer
from zhicheng.layouts.queries import versions, with_prints
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.serials import format_serial, parse_ranges, ranges_of
from zhicheng.work.models import Work

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return found_city()


@pytest.fixture
def clerk(city: City) -> Account:
    return city.who("health", "clerk")


@pytest.fixture
def register(city: City) -> Register:
    """Ten certificates, filled in; one spare."""
    made = accepted_register(city, 10)
    deliver(city, 30)
    carry(city, made, "filled")
    return made


def serials_of(register: Register) -> list[int]:
    found = Certificate.objects.filter(register=register).order_by("blank_serial")
    return [serial for serial in found.values_list("blank_serial", flat=True) if serial]


def test_n8_a_job_goes_from_the_worker_through_the_tray_to_the_confirmed_result(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    assert job.state == "ready"
    assert [p.count for p in job.portions.all()] == [4, 4, 2]
    sheets = printed(clerk, job)
    assert job.state == "printing"
    texts = [text for item in sheets for text in page_texts(item.pdf)]
    serials = serials_of(register)
    assert len(texts) == 10
    for text, serial in zip(texts, serials, strict=True):
        certificate = Certificate.objects.get(blank_serial=serial)
        assert certificate.number in text and certificate.name in text
    outcome = confirm(actor=clerk, job_id=job.pk)
    assert (outcome.good, outcome.spoiled, outcome.followers) == (10, [], [])
    job.refresh_from_db()
    assert job.state == "confirmed"
    assert set(job.pages.values_list("state", flat=True)) == {"good"}
    tags = list(AuditEvent.objects.order_by("sequence").values_list("tag", flat=True))
    assert tags.count("unit:certificate:print") == 3
    assert tags.count("unit:print_job:load") == 3
    assert tags[-1] == "unit:print_job:confirm"


def test_n8_a_job_keeps_the_layout_it_began_with_and_the_layouts_tell_how_much_was_printed(
    city: City, register: Register, clerk: Account
) -> None:
    year = timezone.localdate().year

    def in_use(by: float) -> LayoutVersion:
        office = city.who("office", "clerk")
        draft = layouts.start_draft(actor=office, grade="intermediate", year=year)
        content = content_of(draft.layout)
        next(f for f in content["field"] if f["name"] == "name")["x"] += by
        saved = layouts.save_draft(
            actor=office, version_id=draft.pk, revision=draft.revision, content=content
        )
        return layouts.put_in_use(
            actor=city.who("office", "officer"), version_id=saved.pk, revision=saved.revision
        )

    def counted() -> dict[int, int | None]:
        return dict(with_prints(versions()).values_list("pk", "prints"))

    first = in_use(2.0)
    job = started(clerk, register)
    second = in_use(-2.0)
    (sheets,) = printed(clerk, job)
    assert job.layout_id == first.pk
    field = next(f for f in first.layout.fields if f.name == "name")
    name = Certificate.objects.get(blank_serial=serials_of(register)[0]).name
    with opened(sheets.pdf) as document:
        (left,) = [run["x"] for run in runs(document.pages[0]) if run["text"] == name]
    assert left == pytest.approx(field.x, abs=0.1)
    assert counted() == {first.pk: 0, second.pk: 0}
    confirm(actor=clerk, job_id=job.pk)
    assert counted() == {first.pk: 10, second.pk: 0}


def test_n8_every_page_carries_its_own_credential_signed_once(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register)
    (sheets,) = printed(clerk, job)
    published = published_keys()
    for number, page in enumerate(job.pages.order_by("serial")):
        (text,) = scanned(sheets.pdf, number, 300)
        assert text == page.code
        verdict = credential.verify(text, published)
        assert verdict.valid
        certificate = page.certificate
        assert verdict.claims == Claims(
            number=certificate.number,
            name=certificate.name,
            id_number_masked=certificate.id_number_masked,
            qualification=certificate.qualification,
            specialty=certificate.specialty,
            approval_date=certificate.approval_date,
            document_number=certificate.document_number,
            issuer=register.issuing_unit.name,
            made_on=timezone.localdate(),
            blank_serial=page.serial,
        )
        assert text.startswith("https://zs.example.gov.cn/v/#")
        assert page.signing_key == published[0].key_id.hex()


def test_a_second_download_and_a_file_made_again_are_the_same_to_the_byte(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=6)
    first = printed(clerk, job)
    keys.rotate(actor=CONSOLE)  # what was signed stays signed
    again = hand_out(actor=clerk, job_id=job.pk, number=1)
    assert again == first[0]
    assert destroy_old_files(PrintPortion.objects.latest("made_at").made_at) == 1  # type: ignore[arg-type]
    PrintPortion.objects.update(content=None)
    with pytest.raises(Refusal) as refused:
        hand_out(actor=clerk, job_id=job.pk, number=1)
    assert refused.value.rule == "printing.file_destroyed"
    prepare_again(actor=clerk, job_id=job.pk)
    work_off()
    assert [hand_out(actor=clerk, job_id=job.pk, number=n) for n in (1, 2)] == first
    events = AuditEvent.objects.filter(tag="unit:certificate:print")
    assert [event.data["time"] for event in events.order_by("sequence")] == [1, 1, 2, 3, 2]


def test_n8_the_tray_is_refused_when_its_first_serial_is_another(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    serials = serials_of(register)
    with pytest.raises(Refusal) as refused:
        load(actor=clerk, job_id=job.pk, serial=serials[2])
    said = refused.value
    assert said.rule == "printing.wrong_first_serial"
    assert (said.found, said.expected) == (format_serial(serials[2]), format_serial(serials[0]))
    assert "改从此编号开始" in said.mend
    with pytest.raises(Refusal) as refused:
        load(actor=clerk, job_id=job.pk, serial=serials[-1] + 1)
    assert "先把它取出" in refused.value.mend
    with pytest.raises(Refusal) as refused:
        hand_out(actor=clerk, job_id=job.pk, number=1)
    assert refused.value.rule == "printing.tray_not_confirmed"
    assert not AuditEvent.objects.filter(tag="unit:certificate:print").exists()


def test_n8_the_next_tray_waits_until_the_last_one_was_printed(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    serials = serials_of(register)
    load(actor=clerk, job_id=job.pk, serial=serials[0])
    with pytest.raises(Conflict) as refused:
        load(actor=clerk, job_id=job.pk, serial=serials[4])
    assert refused.value.rule == "printing.portion_not_printed"


def test_n8_printing_can_begin_at_another_serial_and_the_rest_comes_last(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    serials = serials_of(register)
    load(actor=clerk, job_id=job.pk, serial=serials[0])
    hand_out(actor=clerk, job_id=job.pk, number=1)
    recut(actor=clerk, job_id=job.pk, serial=serials[7])
    job.refresh_from_db()
    assert job.state == "preparing"
    work_off()
    job.refresh_from_db()
    assert job.state == "printing"
    portions = list(job.portions.order_by("number"))
    assert [(p.number, p.count) for p in portions] == [(1, 4), (2, 3), (3, 3)]
    assert portions[1].serials == [str(item) for item in ranges_of(serials[7:])]
    assert portions[2].serials == [str(item) for item in ranges_of(serials[4:7])]
    sheets = printed(clerk, job)
    assert [len(page_texts(item.pdf)) for item in sheets] == [3, 3]
    with pytest.raises(Refusal) as refused:
        recut(actor=clerk, job_id=job.pk, serial=serials[8])
    assert refused.value.rule == "printing.not_in_job"
    confirm(actor=clerk, job_id=job.pk)
    assert PrintPage.objects.filter(state="good").count() == 10


def test_n9_misprints_become_spoiled_and_are_printed_again_on_spares(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register)
    printed(clerk, job)
    serials = serials_of(register)
    outcome = confirm(
        actor=clerk,
        job_id=job.pk,
        serials=parse_ranges(f"{serials[3]} {serials[8]}"),
        reason="misprint",
        note="卡纸",
    )
    # One spare: the lower serial gets it, the other waits for an exchange.
    assert outcome.good == 8
    assert [item.serial for item in outcome.spoiled if item.replaced_by] == [serials[3]]
    assert [item.serial for item in outcome.due] == [serials[8]]
    (follower,) = outcome.followers
    assert follower.follows == job and follower.pages_count == 1
    (page,) = follower.pages.all()
    assert page.serial == outcome.spoiled[0].replaced_by
    assert page.certificate.blank_serial == page.serial
    assert page.certificate.fillings.count() == 2
    assert dict(job.pages.values_list("serial", "state"))[serials[3]] == "spoiled"
    work_off()
    printed(clerk, follower)
    confirm(actor=clerk, job_id=follower.pk)
    assert reconcile().passed


def test_n9_a_jam_spoils_every_later_sheet_of_its_tray_and_of_no_other(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    printed(clerk, job)
    serials = serials_of(register)
    outcome = confirm(actor=clerk, job_id=job.pk, serial_from=serials[5])
    assert [item.serial for item in outcome.spoiled] == serials[5:8]
    assert outcome.good == 7


def test_a_blank_that_came_out_empty_stays_in_use_and_is_printed_by_the_next_job(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register)
    printed(clerk, job)
    serials = serials_of(register)
    outcome = confirm(actor=clerk, job_id=job.pk, unprinted=parse_ranges(str(serials[9])))
    (follower,) = outcome.followers
    assert [page.serial for page in follower.pages.all()] == [serials[9]]
    assert not outcome.spoiled


def test_what_never_went_into_the_tray_is_left_to_a_job_that_follows(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    serials = serials_of(register)
    load(actor=clerk, job_id=job.pk, serial=serials[0])
    hand_out(actor=clerk, job_id=job.pk, number=1)
    with pytest.raises(Refusal) as refused:
        confirm(actor=clerk, job_id=job.pk)
    assert refused.value.rule == "printing.portions_left"
    outcome = confirm(
        actor=clerk, job_id=job.pk, serials=parse_ranges(str(serials[1])), rest_later=True
    )
    (follower,) = outcome.followers
    spare = outcome.spoiled[0].replaced_by
    assert spare is not None
    assert sorted(follower.pages.values_list("serial", flat=True)) == sorted([*serials[4:], spare])


def test_n9_only_what_was_printed_here_can_be_called_a_misprint(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    serials = serials_of(register)
    load(actor=clerk, job_id=job.pk, serial=serials[0])
    hand_out(actor=clerk, job_id=job.pk, number=1)
    for named in (serials[5], serials[-1] + 3):
        with pytest.raises(Refusal) as refused:
            confirm(
                actor=clerk,
                job_id=job.pk,
                serials=parse_ranges(str(named)),
                rest_later=True,
            )
        assert refused.value.rule == "printing.not_printed_here"
    with pytest.raises(Refusal) as refused:
        confirm(
            actor=clerk,
            job_id=job.pk,
            serials=parse_ranges(str(serials[1])),
            unprinted=parse_ranges(str(serials[1])),
            rest_later=True,
        )
    assert refused.value.rule == "printing.both"
    assert not register.spoilages.exists()


def test_a_certificate_is_never_in_two_open_jobs_nor_printed_twice_on_a_blank(
    register: Register, clerk: Account
) -> None:
    some = list(register.certificates.order_by("blank_serial").values_list("pk", flat=True))
    job = started(clerk, register, certificate_ids=some[:3])
    with pytest.raises(Conflict) as refused:
        start(actor=clerk, register_id=register.pk, grade="intermediate", certificate_ids=some[2:5])
    assert refused.value.rule == "printing.in_open_job" and job.number in refused.value.found
    rest = started(clerk, register)
    assert rest.pages_count == 7  # 'all' means: all that are in no job
    printed(clerk, job)
    confirm(actor=clerk, job_id=job.pk)
    with pytest.raises(Refusal) as again:
        start(actor=clerk, register_id=register.pk, grade="intermediate", certificate_ids=some[:1])
    assert again.value.rule == "printing.printed_before" and "废旧" in again.value.mend
    with pytest.raises(Refusal) as ended:
        hand_out(actor=clerk, job_id=job.pk, number=1)
    assert ended.value.rule == "printing.tray_not_confirmed"


def test_a_blank_that_is_spoiled_elsewhere_leaves_the_job_and_its_file(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    serials = serials_of(register)
    spoil(actor=clerk, register_id=register.pk, serials=[serials[1]], reason="damaged")
    assert dict(job.pages.values_list("serial", "state"))[serials[1]] == "spoiled"
    with pytest.raises(Refusal) as refused:
        load(actor=clerk, job_id=job.pk, serial=serials[0])
    assert refused.value.rule == "printing.file_destroyed"
    prepare_again(actor=clerk, job_id=job.pk)
    work_off()
    load(actor=clerk, job_id=job.pk, serial=serials[0])
    sheets = hand_out(actor=clerk, job_id=job.pk, number=1)
    assert len(page_texts(sheets.pdf)) == 3
    assert format_serial(serials[1]) not in "".join(page_texts(sheets.pdf))
    # Its certificate lies on a spare now, and can be printed by a job of its own.
    assert started(clerk, register).pages_count == 1


def test_a_job_of_which_nothing_was_printed_is_cancelled_and_its_files_go(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register)
    assert PrintPortion.objects.exclude(content=None).count() == 1
    cancel(actor=clerk, job_id=job.pk)
    assert not PrintPortion.objects.exclude(content=None).exists()
    second = started(clerk, register)
    assert second.pages_count == 10
    printed(clerk, second)
    with pytest.raises(Refusal) as refused:
        cancel(actor=clerk, job_id=second.pk)
    assert refused.value.rule == "printing.already_printed"
    confirm(actor=clerk, job_id=second.pk)
    assert not PrintPortion.objects.exclude(content=None).exists()


def test_a_job_cancelled_while_it_is_made_makes_no_file(register: Register, clerk: Account) -> None:
    (job,) = start(actor=clerk, register_id=register.pk, grade="intermediate")
    cancel(actor=clerk, job_id=job.pk)
    work_off()
    work = Work.objects.get(token=job.asked)
    assert work.state == "done"
    assert not PrintPortion.objects.exclude(content=None).exists()


def test_n8_blanks_of_two_editions_make_two_jobs(city: City, clerk: Account) -> None:
    from datetime import date

    from zhicheng.blanks import actions as stock
    from zhicheng.values.serials import SerialRange

    register = accepted_register(city, 6)
    chief = city.who("office", "officer")
    for first, last, year in ((90001, 90004, 2024), (90005, 90040, 2026)):
        stock.record_print_run(
            actor=chief,
            grade="intermediate",
            serials=SerialRange(first, last),
            received_on=date(2026, 1, 5),
            edition=year,
        )
    carry(city, register, "filled")
    jobs = start(actor=clerk, register_id=register.pk, grade="intermediate")
    assert [(job.edition, job.pages_count) for job in jobs] == [(2024, 4), (2026, 2)]


def test_the_diagram_in_the_docs_is_the_table() -> None:
    told = Path(__file__).parents[2] / "docs" / "printing.md"
    assert PRINT_JOB.mermaid() in told.read_text("utf-8")


def test_n6_the_approval_document_is_compared_before_printing(
    register: Register, clerk: Account
) -> None:
    person = register.rows.first().approved_person  # type: ignore[union-attr]
    assert person is not None
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE approvals_approvedperson SET specialty = '外科' WHERE id = %s", [person.pk]
        )
    with pytest.raises(Refusal) as refused:
        start(actor=clerk, register_id=register.pk, grade="intermediate")
    assert refused.value.rule == "certificate.approval_changed"
    assert not PrintJob.objects.exists()


def test_n18_nothing_is_printed_unsigned(register: Register, clerk: Account) -> None:
    key = published_keys()[0]
    keys.retire(actor=CONSOLE, key_id=key.key_id.hex())
    (job,) = start(
        actor=clerk, register_id=register.pk, grade="intermediate", address="https://a.example/"
    )
    work_off()
    work = Work.objects.get(token=job.asked)
    assert work.state == "refused" and work.refusal["rule"] == "credential.no_key"
    assert not PrintPortion.objects.exclude(content=None).exists()
    keys.generate(actor=CONSOLE)
    prepare_again(actor=clerk, job_id=job.pk)
    work_off()
    job.refresh_from_db()
    assert job.state == "ready"


def test_only_the_issuing_units_clerk_prints(city: City, register: Register) -> None:
    from zhicheng.values.refusal import NotPermitted

    for who in (("health", "officer"), ("hospital", "clerk"), ("office", "officer")):
        with pytest.raises(NotPermitted):
            start(actor=city.who(*who), register_id=register.pk, grade="intermediate")


def test_a_print_of_a_sealed_certificate_can_still_be_called_a_misprint(
    city: City, register: Register, clerk: Account
) -> None:
    job = started(clerk, register)
    printed(clerk, job)
    path.seal(actor=city.who("health", "officer"), register_id=register.pk)
    serials = serials_of(register)
    confirm(actor=clerk, job_id=job.pk, serials=parse_ranges(str(serials[0])))
    assert register.certificates.filter(state="filled").count() == 1
    assert (
        not PrintPage.objects.filter(state="good")
        .exclude(serial=F("certificate__blank_serial"))
        .exists()
    )


def test_n8_the_printers_calibration_shifts_every_text_of_the_file_by_exactly_that(
    city: City, register: Register, clerk: Account
) -> None:
    printer = add_printer(actor=clerk, organization=city.health, name="一号机")
    calibrate_printer(
        actor=clerk,
        printer_id=printer.pk,
        found={"A": (31.2, 29.1), "B": (181.4, 29.1), "C": (181.4, 117.4)},
        width=210.0,
        height=148.0,
    )
    some = list(register.certificates.order_by("blank_serial").values_list("pk", flat=True))
    plain = started(clerk, register, certificate_ids=some[:1], address="")
    shifted = started(clerk, register, certificate_ids=some[2:3], printer_id=printer.pk, address="")
    assert shifted.calibration is not None
    calibration = shifted.calibration.calibration
    assert not calibration.neutral
    (before,), (after,) = printed(clerk, plain), printed(clerk, shifted)
    with opened(before.pdf) as one, opened(after.pdf) as two:
        pairs = list(zip(runs(one.pages[0]), runs(two.pages[0]), strict=True))
    assert len(pairs) >= 12
    for meant, found in pairs:
        x, baseline = calibration.place(meant["x"], meant["baseline"])
        assert abs(found["baseline"] - baseline) < 0.1, meant["text"]
        if meant["text"] == found["text"]:  # centred ones begin where their width lets them
            assert abs(found["x"] - x) < 0.1, meant["text"]
    assert sum(meant["text"] == found["text"] for meant, found in pairs) >= 7
