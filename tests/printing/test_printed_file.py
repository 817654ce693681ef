"""What stands in a job's file: layout, calibration, credentials, the same each time (N8)."""

import pytest
from django.utils import timezone

from tests.documents.reading import opened, runs, scanned
from tests.support.city import PRINTED_ON, City
from tests.support.printing import printed, serials_of, started
from tests.support.working import work_off
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates.models import Certificate, PrintPortion
from zhicheng.certificates.printjobs.ending import confirm
from zhicheng.certificates.printjobs.preparing import destroy_old_files, prepare_again
from zhicheng.certificates.printjobs.tray import hand_out
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
from zhicheng.values.refusal import Refusal

pytestmark = pytest.mark.django_db


def test_n8_a_job_keeps_the_layout_it_began_with_and_the_layouts_tell_how_much_was_printed(
    city: City, register: Register, clerk: Account
) -> None:
    year = PRINTED_ON.year

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
