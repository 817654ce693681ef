"""What a photo has to be, and whose it is by its file's name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhicheng.photos import rules
from zhicheng.photos.rules import Crop, Person, Seen
from zhicheng.values.refusal import Refusal

PEOPLE = [
    Person(11, 1, "2026500000101", "张伟"),
    Person(12, 2, "2026500000102", "古丽·买买提"),
    Person(13, 3, "", "𠮷㛃"),
]


@given(st.integers(1, 4000), st.integers(1, 4000))
def test_middle_part_is_one_inch_within_the_picture_or_refused(width: int, height: int) -> None:
    try:
        left, top, right, bottom = rules.box_of(width, height, None)
    except Refusal:
        assert width < 295 or height < 413 or not 0.64 <= width / height <= 0.8 or width < 302
        return
    assert 0 <= left < right <= width and 0 <= top < bottom <= height
    assert right - left >= 295 and bottom - top >= 413
    assert (right - left) / (bottom - top) == pytest.approx(25 / 35, rel=0.005)


@given(
    st.integers(300, 5000),
    st.integers(300, 5000),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0.01, 1),
)
def test_chosen_part_is_what_was_chosen(
    width: int, height: int, x: float, y: float, share: float
) -> None:
    wide = min(width, height * rules.RATIO) * share
    crop = Crop(
        x * (width - wide) / width,
        y * (height - wide / rules.RATIO) / height,
        wide / width,
        wide / rules.RATIO / height,
    )
    try:
        left, top, right, bottom = rules.box_of(width, height, crop)
    except Refusal:
        assert wide < 297, "only what has too few pixels is refused"
        return
    assert 0 <= left < right <= width and 0 <= top < bottom <= height
    assert left == pytest.approx(crop.x * width, abs=1)
    assert right - left == pytest.approx(wide, rel=0.01, abs=2)


@pytest.mark.parametrize(
    ("crop", "rule"),
    [
        (Crop(-0.1, 0, 0.5, 0.5), "photo.crop_outside"),
        (Crop(0.6, 0, 0.5, 0.5), "photo.crop_outside"),
        (Crop(0, 0, 0, 0), "photo.crop_outside"),
        (Crop(float("nan"), 0, 0.5, 0.5), "photo.crop_outside"),
        (Crop(0, 0, 1, 1), "photo.crop_ratio"),
        (Crop(0, 0, 0.1, 0.14), "photo.too_small"),
    ],
)
def test_other_parts_are_refused(crop: Crop, rule: str) -> None:
    with pytest.raises(Refusal) as refused:
        rules.box_of(1000, 1000, crop)
    assert refused.value.rule == rule


@pytest.mark.parametrize(
    ("size", "rule"),
    [
        ((294, 413), "photo.too_small"),
        ((1600, 1200), "photo.not_portrait"),
        ((413, 413), "photo.not_portrait"),
        ((400, 900), "photo.not_portrait"),
    ],
)
def test_refused_sizes_say_what_was_found(size: tuple[int, int], rule: str) -> None:
    with pytest.raises(Refusal) as refused:
        rules.box_of(*size, None)
    assert refused.value.rule == rule
    assert f"{size[0]} × " in refused.value.found


def test_exactly_one_inch_passes_whole() -> None:
    assert rules.box_of(295, 413, None) == (0, 0, 295, 413)


def test_dark_and_empty_pictures_are_refused() -> None:
    rules.require_seen(Seen(150, 60))
    for seen, rule in ((Seen(20, 30), "photo.too_dark"), (Seen(250, 3), "photo.blank")):
        with pytest.raises(Refusal) as refused:
            rules.require_seen(seen)
        assert refused.value.rule == rule


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("2026500000102.jpg", 12),
        ("1.JPG", 11),
        ("003.png", 13),
        ("照片/2.jpeg", 12),
        ("照片\\2.jpeg", 12),
        ("1-张伟.jpg", 11),
        ("2 古丽·买买提.jpg", 12),
        ("3_𠮷㛃.png", 13),
        ("1.张伟.jpg", 11),
    ],
)
def test_file_names_name_people(name: str, row: int) -> None:
    (owner,) = rules.owners([name], PEOPLE)
    assert isinstance(owner, Person)
    assert owner.row_id == row


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("张伟.jpg", "photo.nobody"),
        ("4.jpg", "photo.nobody"),
        ("2026500000103.jpg", "photo.nobody"),
        (".jpg", "photo.nobody"),
        ("1-李娜.jpg", "photo.name_differs"),
        ("1-张.jpg", "photo.name_differs"),
        ("1-张伟东.jpg", "photo.name_differs"),
    ],
)
def test_file_names_that_name_nobody_are_refused(name: str, rule: str) -> None:
    (owner,) = rules.owners([name], PEOPLE)
    assert isinstance(owner, Refusal)
    assert owner.rule == rule


@pytest.mark.parametrize("name", ["110105199003072318.jpg", "1-110105199003072318.jpg"])
def test_invariant_10_a_file_named_by_id_number_is_not_told_in_clear(name: str) -> None:
    """The name that comes to mind first, and the one that no page may show."""
    (owner,) = rules.owners([name], PEOPLE)
    assert isinstance(owner, Refusal)
    assert "110105199003072318" not in str(owner)
    assert "110***********2318" in str(owner)


def test_second_file_of_a_person_is_refused() -> None:
    first, second = rules.owners(["1.jpg", "2026500000101.png"], PEOPLE)
    assert isinstance(first, Person)
    assert isinstance(second, Refusal)
    assert second.found == "1.jpg"
