"""Where the data stand is a file that an office may correct; a slip in it is named."""

from pathlib import Path

import pytest

from zhicheng.documents.layout import FIELDS, GRADES, LAYOUTS, load_layout
from zhicheng.values.refusal import Refusal


@pytest.mark.parametrize("grade", GRADES)
def test_every_grade_has_a_layout_with_every_field_on_the_blank(grade: str) -> None:
    layout = load_layout(grade)
    assert layout.grade == grade
    assert sorted(field.name for field in layout.fields) == sorted(FIELDS)
    boxes = [(f.x, f.y, f.x + f.width, f.y + f.height) for f in layout.fields]
    x, y, side = layout.qr
    boxes.append((x, y, x + side, y + side))
    for number, (left, top, right, bottom) in enumerate(boxes):
        assert 0 <= left < right <= layout.width
        assert 0 <= top < bottom <= layout.height
        for other in boxes[number + 1 :]:
            apart = right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
            assert apart, "no box lies on another"


def test_an_office_has_its_own_layout(tmp_path: Path) -> None:
    text = (LAYOUTS / "senior.toml").read_text("utf-8")
    (tmp_path / "senior.toml").write_text(text.replace("width = 260", "width = 265"), "utf-8")
    assert load_layout("senior", tmp_path).width == 265
    assert load_layout("junior", tmp_path) == load_layout("junior")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('grade = "senior"', 'grade = "junior"', "grade"),
        ("width = 260", "width = 2600", "width"),
        ("width = 260", "", "width"),
        ("x = 50", "x = 500", "name.x"),
        ("x = 50", 'x = "50"', "name.x"),
        ("x = 50", "x = true", "name.x"),
        ("x = 50", "x = nan", "name.x"),
        ("width = 68", "width = 300", "name.width"),
        ("size = 16", "size = 3", "name.size"),
        ('size = 16\nfit = "shrink"', 'size = 16\nfit = "cut"', "name.fit"),
        ('align = "left"', 'align = "middle"', "name.align"),
        ('label = "姓名"', 'lable = "姓名"', "lable"),
        ('name = "sex"', 'name = "name"', "sex"),
        ('name = "sex"', 'name = "gender"', "gender"),
        ("size = 24", "size = 200", "qr.size"),
        ("x = 222", "x = 250", "qr.x"),
        ("[qr]", "[qr", "全文"),
    ],
)
def test_wrong_entry_is_refused_by_name(tmp_path: Path, old: str, new: str, named: str) -> None:
    text = (LAYOUTS / "senior.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "senior.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(Refusal) as refused:
        load_layout("senior", tmp_path)
    assert refused.value.rule == "documents.layout"
    assert "senior.toml" in refused.value.message
    assert named in str(refused.value)
