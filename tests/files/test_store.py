"""Evidence is judged by its content, kept encrypted, and never changed."""

import contextlib
import hashlib
import io

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from zhicheng.files import rules, store
from zhicheng.files.models import StoredFile
from zhicheng.values.refusal import Refusal

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def picture(kind: str, size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "white").save(made, kind, **options)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"<!DOCTYPE html><html><body>x</body></html>", "HTML"),
        (b"\xef\xbb\xbf\n <html>", "HTML"),
        (b"PK\x03\x04rest", "压缩包"),
        (b"MZ\x90", "程序"),
        (b"%PDF-1.4 cut off", "不完整"),
        (b"GIF89a", "GIF"),
        (b"anything", "不明"),
    ],
)
def test_a_file_is_judged_by_its_content_not_by_its_name(content: bytes, found: str) -> None:
    with pytest.raises(Refusal) as caught:
        store.prepare(content, "佐证.pdf")
    assert caught.value.rule == "evidence.unusable"
    assert found in caught.value.found


def test_an_empty_and_a_too_large_file_are_refused() -> None:
    for content, rule in ((b"", "evidence.empty"), (b"x" * (rules.LARGEST + 1), "too_large")):
        with pytest.raises(Refusal, match="文件") as caught:
            rules.content_type(content)
        assert rule in caught.value.rule


def test_an_image_is_made_anew_and_what_hides_in_it_goes() -> None:
    hidden = b"<script>alert(1)</script>"
    exif = Image.Exif()
    exif[0x010E] = "500101199001011234"
    exif[0x0112] = 6  # lies on its side
    for kind in ("JPEG", "PNG"):
        content = picture(kind, exif=exif) + hidden
        prepared = store.prepare(content, r"C:\scan\照片.JPG")
        assert hidden not in prepared.kept
        assert b"500101" not in prepared.kept
        assert prepared.name == "照片.JPG"
        with Image.open(io.BytesIO(prepared.kept)) as made:
            assert made.format == kind
            assert made.size == (30, 40)


def test_a_picture_of_too_many_pixels_and_a_damaged_one_are_refused() -> None:
    huge = io.BytesIO()
    Image.new("1", (10_000, 6_000)).save(huge, "PNG")
    with pytest.raises(Refusal) as caught:
        store.prepare(huge.getvalue(), "a.png")
    assert caught.value.rule == "evidence.too_many_pixels"
    with pytest.raises(Refusal) as caught:
        store.prepare(picture("PNG")[:60], "a.png")
    assert caught.value.rule == "evidence.damaged"


@settings(max_examples=15, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_no_bytes_break_the_reading(rest: bytes, head: bytes) -> None:
    with contextlib.suppress(Refusal):
        assert store.prepare(head + rest, "x").kept


@pytest.mark.django_db
def test_a_file_is_kept_encrypted_and_comes_back_whole() -> None:
    kept = store.store(store.prepare(PDF, "500101199001011234.pdf"), account_id=None)
    assert "500101199001011234" not in kept.name
    assert kept.sha256 == kept.kept_sha256 == hashlib.sha256(PDF).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM files_storedfile WHERE id = %s", [kept.pk])
        assert PDF not in bytes(cursor.fetchone()[0])
    answer = store.download(StoredFile.objects.defer("content").get(pk=kept.pk))
    assert answer.content == PDF
    assert answer["Content-Disposition"] == f'attachment; filename="{kept.token}.pdf"'
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["UPDATE files_storedfile SET name = 'x'", "DELETE FROM files_storedfile"]
)
def test_stored_file_is_never_changed_around_the_code(statement: str) -> None:
    store.store(store.prepare(PDF, "a.pdf"), account_id=None)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
