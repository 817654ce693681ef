"""Photos: cut by the server, kept encrypted, the newest valid one counts, nothing is lost (N8)."""

import io
import zipfile

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from tests.photos.pictures import plain, portrait
from tests.support.city import PASSWORD, City, accepted_register, found_city
from zhicheng.audit.models import AuditEvent
from zhicheng.files.models import StoredFile
from zhicheng.files.rules import LARGEST as LARGEST_FILE
from zhicheng.files.store import Prepared
from zhicheng.photos import actions, archives, pictures, queries
from zhicheng.photos.models import Photo
from zhicheng.photos.rules import Crop
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.values.refusal import Conflict, NotPermitted, Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return found_city()


@pytest.fixture
def register(city: City) -> Register:
    return accepted_register(city, 3)


def rows(register: Register) -> list[RegisterRow]:
    return list(RegisterRow.objects.filter(register=register).order_by("position"))


def add(city: City, register: Register, row: RegisterRow, shade: int = 0) -> Photo:
    prepared = pictures.prepare_one(pictures.Picture("x.jpg", portrait(shade=shade)))
    (photo,) = actions.add(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        additions=[actions.Addition(row.pk, prepared)],
    )
    return photo


def index(row: RegisterRow) -> bytes:
    return bytes(row.id_number_index or b"")


def test_picture_is_cut_to_one_inch_from_the_chosen_part() -> None:
    prepared = pictures.prepare_one(
        pictures.Picture("a.png", portrait(1000, 1400, "PNG"), Crop(0.1, 0.1, 0.5, 0.5))
    )
    image = Image.open(io.BytesIO(prepared.kept))
    assert (image.format, image.size, image.mode) == ("JPEG", (295, 413), "RGB")
    assert [round(value) for value in image.info["dpi"]] == [300, 300]
    assert not image.getexif()
    red, green, _blue = image.getpixel((3, 3))  # type: ignore[misc]
    assert not (red > 200 and green < 80), "the red corner was cut off"


def test_picture_turned_by_exif_is_cut_upright() -> None:
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    Image.open(io.BytesIO(portrait())).rotate(90, expand=True).save(made, "JPEG", exif=exif)
    kept = Image.open(io.BytesIO(pictures.prepare_one(pictures.Picture("a", made.getvalue())).kept))
    assert kept.size == (295, 413)
    assert kept.getpixel((150, 400))[2] > kept.getpixel((150, 20))[0] - 200  # type: ignore[index]
    assert kept.getpixel((150, 400))[0] < 90, "shoulders below"  # type: ignore[index]


@pytest.mark.parametrize("mode", ["RGBA", "L", "P"])
def test_other_modes_become_plain_colour(mode: str) -> None:
    picture = pictures.Picture("a.png", portrait(kind="PNG", mode=mode))
    assert Image.open(io.BytesIO(pictures.prepare_one(picture).kept)).mode == "RGB"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (plain(252), "photo.blank"),
        (plain(0), "photo.blank"),
        (portrait(200, 280), "photo.too_small"),
        (portrait(1200, 800), "photo.not_portrait"),
        (portrait()[:2000], "photo.damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "photo.damaged"),
        (b"%PDF-1.4 %%EOF", "evidence.unusable"),
        (b"", "evidence.empty"),
        (b"\xff\xd8\xff" + b"0" * (pictures.LARGEST + 1), "photo.too_large"),
    ],
)
def test_what_is_no_photo_is_refused(content: bytes, rule: str) -> None:
    assert pictures.LARGEST < LARGEST_FILE
    good = pictures.Picture("good.jpg", portrait())
    first, second = pictures.prepare([pictures.Picture("bad", content), good])
    assert isinstance(first, Refusal)
    assert first.rule == rule
    assert isinstance(second, Prepared), "one bad file spoils no other"


def test_newest_valid_photo_counts_and_old_ones_are_kept(city: City, register: Register) -> None:
    row = rows(register)[0]
    assert queries.photo_of(index(row)) is None
    old = add(city, register, row)
    new = add(city, register, row, shade=50)
    kept = queries.photo_of(index(row))
    assert kept is not None and kept != queries.content_of(old.file)
    found = queries.portraits_of([index(row)])[index(row)]
    assert (found.photo_id, found.sha256) == (new.pk, new.file.kept_sha256)
    clerk = city.who("health", "clerk")
    actions.remove(
        actor=clerk, register_id=register.pk, row_id=row.pk, photo_id=new.pk, reason="认错了人"
    )
    assert queries.portraits_of([index(row)])[index(row)].photo_id == old.pk
    actions.remove(
        actor=clerk, register_id=register.pk, row_id=row.pk, photo_id=old.pk, reason="旧照"
    )
    assert queries.photo_of(index(row)) is None
    assert Photo.objects.count() == StoredFile.objects.count() == 2
    assert bytes(old.file.content)[:3] != b"\xff\xd8\xff", "encrypted"
    tags = list(AuditEvent.objects.order_by("sequence").values_list("tag", flat=True))
    assert tags == ["unit:photo:add"] * 2 + ["unit:photo:remove"] * 2


def draft_with(city: City, row: RegisterRow) -> RegisterRow:
    """The same person on a register in the making of a unit that has nothing to do with it."""
    other = accepted_register(city, 2, unit=city.enterprise)
    typed = RegisterRow.objects.filter(register=other, position=1)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        typed.update(id_number_index=row.id_number_index, name=row.name)
        RegisterRow.objects.filter(register=other).update(accepted=False)
        Register.objects.filter(pk=other.pk).update(state="draft")
        cursor.execute("SET LOCAL session_replication_role = origin")
    return typed.get()


def test_photo_is_the_persons_on_every_accepted_register(city: City, register: Register) -> None:
    row = rows(register)[0]
    add(city, register, row)
    typed = draft_with(city, row)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        RegisterRow.objects.filter(pk=typed.pk).update(accepted=True)
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert queries.counts(typed.register) == (2, 1)
    assert queries.counts(register) == (3, 1)
    found = queries.registers(city.who("health", "clerk")).get(pk=register.pk)
    assert (found.row_count, found.photo_count, found.lacking) == (3, 1, 2)  # type: ignore[attr-defined]


def test_invariant_9_typing_an_id_number_shows_and_changes_nobodys_photo(
    city: City, register: Register
) -> None:
    """Whoever knows a number could write it on a register of the own unit."""
    row = rows(register)[0]
    kept = add(city, register, row)
    typed = draft_with(city, row)
    clerk = city.who("enterprise", "clerk")
    client = log_in(city, "enterprise", "clerk")
    page = f"/photos/registers/{typed.register_id}/people/{typed.pk}/"
    told = client.get(page).content.decode()
    assert "缺照片" in told and register.number not in told
    assert client.get(f"{page}picture.jpg").status_code == 404
    (listed,) = queries.registers(clerk).filter(pk=typed.register_id)
    assert (listed.row_count, listed.photo_count) == (2, 0)
    assert queries.counts(typed.register) == (2, 0)
    removal = {"register_id": typed.register_id, "row_id": typed.pk, "reason": "x"}
    with pytest.raises(Conflict):
        actions.remove(actor=clerk, photo_id=kept.pk, **removal)  # type: ignore[arg-type]
    # Its own photo it sees, and nobody else does: no certificate bears it.
    (own,) = actions.add(
        actor=clerk,
        register_id=typed.register_id,
        additions=[
            actions.Addition(
                typed.pk, pictures.prepare_one(pictures.Picture("y.jpg", portrait(shade=70)))
            )
        ],
    )
    assert client.get(f"{page}picture.jpg").content == queries.content_of(own.file)
    assert queries.portraits_of([index(row)])[index(row)].photo_id == kept.pk
    assert queries.photo_for(row) == queries.content_of(kept.file)
    assert [photo.pk for photo in queries.history(row)] == [kept.pk]
    actions.remove(actor=clerk, photo_id=own.pk, **removal)  # type: ignore[arg-type]
    assert client.get(f"{page}picture.jpg").status_code == 404


def test_photos_of_many_people_are_one_statement(city: City, register: Register) -> None:
    for row in rows(register)[:2]:
        add(city, register, row)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        found = queries.photos_of([index(row) for row in rows(register)])
    assert set(found) == {index(row) for row in rows(register)[:2]}
    assert len(captured) == 2, "the rows of this test, and the photos"


def test_many_are_added_by_as_many_statements_as_one(city: City, register: Register) -> None:
    counts = []
    for number in (1, 1, 3):  # the chain's first event costs more
        made = pictures.prepare(
            [pictures.Picture(f"{n}.jpg", portrait(shade=n)) for n in range(number)]
        )
        additions = [
            actions.Addition(row.pk, each)
            for row, each in zip(rows(register), made, strict=False)
            if isinstance(each, Prepared)
        ]
        with CaptureQueriesContext(connection) as captured:
            actions.add(
                actor=city.who("health", "clerk"), register_id=register.pk, additions=additions
            )
        counts.append(len(captured))
    assert counts[1] == counts[2]


def test_who_may(city: City, register: Register) -> None:
    row = rows(register)[0]
    prepared = pictures.prepare_one(pictures.Picture("x.jpg", portrait()))
    addition = [actions.Addition(row.pk, prepared)]
    for who in (("industry", "clerk"), ("health", "officer"), ("office", "clerk")):
        with pytest.raises(NotPermitted):
            actions.add(actor=city.who(*who), register_id=register.pk, additions=addition)
    actions.add(actor=city.who("hospital", "clerk"), register_id=register.pk, additions=addition)
    photo = Photo.objects.get()
    with pytest.raises(NotPermitted):
        actions.remove(
            actor=city.who("industry", "clerk"),
            register_id=register.pk,
            row_id=row.pk,
            photo_id=photo.pk,
            reason="x",
        )


def test_removal_needs_a_reason_and_the_photo_that_was_seen(city: City, register: Register) -> None:
    row = rows(register)[0]
    photo = add(city, register, row)
    clerk = city.who("health", "clerk")
    for reason, photo_id, kind in (("  ", photo.pk, Refusal), ("错", photo.pk + 1, Conflict)):
        with pytest.raises(kind):
            actions.remove(
                actor=clerk,
                register_id=register.pk,
                row_id=row.pk,
                photo_id=photo_id,
                reason=reason,
            )
    assert queries.photo_of(index(row)) is not None


def test_row_of_another_register_takes_no_photo(city: City, register: Register) -> None:
    other = rows(accepted_register(city, 1))[0]
    prepared = pictures.prepare_one(pictures.Picture("x.jpg", portrait()))
    with pytest.raises(Refusal):
        actions.add(
            actor=city.who("health", "clerk"),
            register_id=register.pk,
            additions=[actions.Addition(other.pk, prepared)],
        )
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE photos_photo SET name = '别人'",
        "UPDATE photos_photo SET id_number_index = decode(repeat('00', 32), 'hex')",
        "UPDATE photos_photo SET removed_at = now()",
        "UPDATE photos_photo SET removed_at = now(), removed_by_id = uploaded_by_id",
        "DELETE FROM photos_photo",
        """INSERT INTO photos_photo (id_number_index, id_number_masked, name, file_id, register_id,
           uploaded_at, uploaded_by_id, removal_reason)
           SELECT '\\x00', '', '', file_id, register_id, now(), uploaded_by_id, ''
           FROM photos_photo""",
    ],
)
def test_database_keeps_photos_as_they_are(city: City, register: Register, statement: str) -> None:
    add(city, register, rows(register)[0])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_removed_photo_stays_removed(city: City, register: Register) -> None:
    row = rows(register)[0]
    photo = add(city, register, row)
    actions.remove(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        row_id=row.pk,
        photo_id=photo.pk,
        reason="错",
    )
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE photos_photo SET removed_at = NULL, removed_by_id = NULL, removal_reason = ''"
        )


def archive(files: dict[str, bytes], encoding: str = "utf-8") -> bytes:
    """A ZIP; in ``gbk`` as Windows in China writes it: without the flag that says what it is."""
    made = io.BytesIO()
    places = {
        name: name if encoding == "utf-8" else chr(ord("a") + order) * len(name.encode("gbk"))
        for order, name in enumerate(files)
    }
    with zipfile.ZipFile(made, "w") as target:
        for name, content in files.items():
            target.writestr(zipfile.ZipInfo(places[name]), content)
    data = made.getvalue()
    for name, place in places.items():
        data = data.replace(place.encode(), name.encode("utf-8" if place == name else "gbk"))
    return data


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_archive_gives_its_files_by_their_chinese_names(encoding: str) -> None:
    found = archives.pictures(
        [("a.zip", archive({"照片/1-张伟.jpg": b"x", "__MACOSX/._1.jpg": b""}, encoding))]
    )
    assert found == [("照片/1-张伟.jpg", b"x")]


def test_archives_that_are_too_much_are_refused() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("1.jpg", b"\0" * (40 * 1024 * 1024))
    ((_name, content),) = archives.pictures([("bomb.zip", bomb.getvalue())])
    assert len(content) == pictures.LARGEST + 1, "no more is unpacked than is needed to refuse it"
    with pytest.raises(Refusal) as refused:
        archives.pictures([("a.zip", archive({f"{n}.jpg": b"" for n in range(301)}))])
    assert refused.value.rule == "photo.too_many"
    with pytest.raises(Refusal) as refused:
        archives.require_not_too_much(1, archives.MOST_BYTES + 1)
    assert refused.value.found == "300 MB 以上"
    with pytest.raises(Refusal) as refused:
        archives.pictures([("a.zip", archive({"1.jpg": b"x" * 200})[:-30])])
    assert refused.value.rule == "photo.archive"


def log_in(city: City, organization: str, role: str) -> Client:
    client = Client()
    assert client.login(username=f"{organization}.{role}", password=PASSWORD) or True
    client.force_login(city.who(organization, role))
    return client


def test_bulk_upload_keeps_the_good_and_names_the_others(city: City, register: Register) -> None:
    first, second, third = rows(register)
    client = log_in(city, "health", "clerk")
    packed = archive({f"{second.certificate_number}.jpg": portrait(shade=9), "9.jpg": portrait()})
    sent = [
        _file("1.jpg", portrait()),
        _file("照片.zip", packed),
        _file("3.jpg", portrait(200, 280)),
        _file("110105199003072318.jpg", portrait()),
    ]
    answer = client.post(f"/photos/registers/{register.pk}/bulk/", {"photos": sent})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "已保存 2 张，3 个文件没有保存" in page
    assert "不是本登记表中的证书编号或序号" in page
    assert "200 × 280" in page
    assert "110***********2318.jpg" in page and "110105199003072318" not in page
    assert queries.counts(register) == (3, 2)
    assert queries.photo_of(index(first)) and queries.photo_of(index(second))
    assert queries.photo_of(index(third)) is None
    (event,) = AuditEvent.objects.filter(tag="unit:photo:add")
    assert event.data["photos"] == 2


def _file(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def test_pages_show_who_has_one_and_who_lacks_one(city: City, register: Register) -> None:
    first, second, _third = rows(register)
    add(city, register, first)
    client = log_in(city, "hospital", "clerk")
    address = f"/photos/registers/{register.pk}/"
    page = client.get(address).content.decode()
    assert "共 3 人，1 人有照片，2 人缺照片" in page
    lacking = client.get(address, {"photo": "no"}).content.decode()
    assert second.name in lacking
    assert f"/people/{first.pk}/" not in lacking
    picture = client.get(f"{address}people/{first.pk}/picture.jpg")
    assert picture.content == queries.photo_of(index(first))
    assert "no-store" in picture["Cache-Control"]
    assert client.get(f"{address}people/{second.pk}/picture.jpg").status_code == 404
    stranger = log_in(city, "industry", "clerk")
    for path in ("", f"people/{first.pk}/", f"people/{first.pk}/picture.jpg", "bulk/"):
        assert stranger.get(address + path).status_code == 404
    assert log_in(city, "office", "administrator").get(address).status_code == 403


def test_one_is_uploaded_cut_and_removed_on_the_persons_page(
    city: City, register: Register
) -> None:
    first, second, _third = rows(register)
    client = log_in(city, "health", "clerk")
    address = f"/photos/registers/{register.pk}/people/{first.pk}/"
    crop = {"crop_x": "0.1", "crop_y": "0.1", "crop_width": "0.6", "crop_height": "0.6"}
    answer = client.post(
        address, {"photo": _file("某某.jpg", portrait(1000, 1400)), "next": "1", **crop}
    )
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/people/{second.pk}/")
    photo = Photo.objects.get()
    refused = client.post(address, {"photo": _file("a.jpg", plain(250))})
    assert refused.status_code == 422
    assert "几乎没有内容" in refused.content.decode()
    assert client.post(f"{address}remove/", {"photo": photo.pk, "reason": ""}).status_code == 422
    client.post(f"{address}remove/", {"photo": photo.pk, "reason": "不是本人"})
    page = client.get(address).content.decode()
    assert "不是本人" in page
    assert "缺照片" in page
