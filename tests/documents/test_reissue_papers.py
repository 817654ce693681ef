"""附件2 on paper, to the letter (A2, N10), and the applicant's slip."""

from dataclasses import replace
from datetime import date

import pytest

from tests.documents.reading import opened, page_texts, runs, scanned
from zhicheng.documents import reissue_form, reissue_receipt, samples
from zhicheng.documents.reissue_form import Correction, Opinion, ReissueForm
from zhicheng.documents.reissue_receipt import HandedIn, Missing, Receipt
from zhicheng.values.refusal import Refusal

DAY = date(2026, 11, 26)
# The form's words in the notice's order, its ideographic space included (A2).
WORDS = (
    "附件2",
    "职称证书补办（换发）申请表",
    "姓　名",
    "性别",
    "出生年月",
    "身份证号码",
    "联系电话",
    "补办（换发）理由",
    "□",
    "补办",
    "□",
    "换发",
    "遗失登报报纸名称及时间",
    "原证书编号",
    "新证书编号",
    "专业名称",
    "资格名称",
    "批准时间",
    "批准文号",
    "申请人签字",
    "年月日",
    "工作单位意见",
    "年月日",
    "区县人才机构或区县主管部门意见",
    "年月日",
    "区县职改办或市级主管部门意见",
    "年月日",
    "资格核准部门意见",
    "年月日",
)
FULL = ReissueForm(
    name=samples.NAMES[2],
    sex="男",
    birth="1980年5月",
    id_number=samples.sample_id_number(5),
    telephone="13800000000",
    replacement=True,
    newspaper="《重庆日报》2026年11月3日",
    old_number="2018500000123",
    new_number="2026500000017",
    specialty="水利水电工程",
    qualification="高级工程师",
    approval_date="2018年10月26日",
    document_number=samples.DOCUMENT,
    applied=DAY,
    opinions=(
        Opinion("情况属实，同意补办。", samples.UNITS[0], "张三", DAY),
        Opinion("同意。", "重庆市綦江区卫生健康委员会", "李四", date(2026, 11, 27)),
        Opinion(skipped="由大型企事业单位自行办理"),
        Opinion(),
    ),
    number="BH20261126-00017",
    code="https://zc.example/reissues/progress/?number=BH20261126-00017",
)


def in_order(text: str, words: tuple[str, ...]) -> None:
    at = 0
    for word in words:
        found = text.find(word, at)
        assert found >= 0, f"{word} missing after {text[max(0, at - 20) : at]}"
        at = found + len(word)


def test_a2_every_word_of_the_form_in_the_notices_order_twice() -> None:
    texts = page_texts(reissue_form.render(ReissueForm(), created=DAY))
    assert len(texts) == 2
    for text, mark in zip(texts, ("第一份", "第二份"), strict=True):
        in_order(text, WORDS)
        assert f"{mark}（一式两份）" in text
        assert "√" not in text
        # Nothing beyond the form's words but the copy's mark: the form is the notice's.
        rest = text
        for word in (*WORDS, "（一式两份）", mark):
            rest = rest.replace(word, "", 1)
        assert rest.strip() == ""


def test_a2_filled_in_form_has_every_value_beside_its_label() -> None:
    for text in page_texts(reissue_form.render(FULL, created=DAY)):
        in_order(
            text,
            (
                *("姓　名", FULL.name, "性别", "男", "出生年月", "1980年5月"),
                *("身份证号码", FULL.id_number, "联系电话", FULL.telephone),
                *("遗失登报报纸名称及时间", FULL.newspaper),
                *("原证书编号", FULL.old_number, "新证书编号", FULL.new_number),
                *("专业名称", FULL.specialty, "资格名称", FULL.qualification),
                *("批准时间", FULL.approval_date, "批准文号", FULL.document_number),
                *("申请人签字", "2026年11月26日"),
                *("工作单位意见", "情况属实，同意补办。", samples.UNITS[0], "张三"),
                *("区县人才机构或区县主管部门意见", "同意。", "李四", "2026年11月27日"),
                *("区县职改办或市级主管部门意见", "不经此环节：由大型企事业单位自行办理"),
                *("年月日", "资格核准部门意见", "年月日"),
            ),
        )


@pytest.mark.parametrize(
    ("kind", "other"), [("replacement", "renewal"), ("renewal", "replacement")]
)
def test_a2_both_boxes_tick(kind: str, other: str) -> None:
    form = replace(FULL, replacement=False, renewal=False)
    pdf = reissue_form.render(replace(form, **{kind: True}), created=DAY)
    with opened(pdf) as document:
        page = document.pages[0]
        (tick,) = [char for char in page.chars if char["text"] == "√"]
        boxes = [char for char in page.chars if char["text"] == "□"]
    ticked, free = boxes if kind == "replacement" else reversed(boxes)
    middle = (tick["x0"] + tick["x1"]) / 2
    assert ticked["x0"] <= middle <= ticked["x1"]
    assert not free["x0"] <= middle <= free["x1"]


def test_a2_number_and_code_stand_outside_of_the_form() -> None:
    pdf = reissue_form.render(FULL, created=DAY)
    for index in range(2):
        assert scanned(pdf, index) == [FULL.code]
        with opened(pdf) as document:
            page = document.pages[index]
            (table,) = page.find_tables()
            _x, top, _x1, bottom = table.bbox
            for run in runs(page):
                if FULL.number in run["text"]:
                    baseline = run["baseline"] / 25.4 * 72
                    assert not top < baseline < bottom
            (image,) = page.images
            assert image["bottom"] < top


def test_n14_corrected_fields_follow_each_copy_as_an_attached_list() -> None:
    form = replace(
        FULL,
        replacement=False,
        renewal=True,
        corrections=[
            Correction("姓名", "张玮", samples.LONG_NAME, "户口簿"),
            Correction("专业名称", "水利", "水利水电工程", "评审表复印件"),
        ],
    )
    texts = page_texts(reissue_form.render(form, created=DAY))
    assert len(texts) == 4
    for text in (texts[1], texts[3]):
        in_order(text, ("更正事项", "更正项目", "原内容", "更正后内容", "佐证材料", "张玮"))
        in_order(text, ("户口簿", "专业名称", "水利", "水利水电工程", "评审表复印件"))
        assert samples.LONG_NAME in text
        assert "第 2 页　共 2 页" in text


def test_long_and_rare_names_fit_and_too_much_is_refused() -> None:
    for name in (*samples.NAMES, samples.LONG_NAME):
        texts = page_texts(reissue_form.render(replace(FULL, name=name), created=DAY))
        assert len(texts) == 2
        assert name in texts[0]
    with pytest.raises(Refusal) as refused:
        reissue_form.render(replace(FULL, name="长" * 400), created=DAY)
    assert refused.value.rule == "documents.too_long"
    with pytest.raises(Refusal) as refused:
        reissue_form.render(replace(FULL, specialty="\ue000"), created=DAY)
    assert refused.value.rule == "documents.missing_character"
    with pytest.raises(ValueError, match="4 opinions"):
        reissue_form.render(replace(FULL, opinions=(Opinion(),)), created=DAY)


def test_n10_slip_says_what_came_what_is_missing_and_where_to_ask() -> None:
    receipt = Receipt(
        number=FULL.number,
        day=DAY,
        kind="补办",
        name=samples.NAMES[3],
        id_number_masked="500***********1234",
        old_number=FULL.old_number,
        unit=samples.UNITS[0],
        handed_in=[HandedIn("评审表复印件", f"{'x' * 90}.pdf", "1.2 MB", "0123456789abcdef")],
        missing=[Missing("遗失登报报纸", "通知三：补办佐证材料")],
        address="https://zc.example/reissues/progress/",
        code=FULL.code,
    )
    pdf = reissue_receipt.render(receipt, created=DAY)
    (text,) = page_texts(pdf)
    in_order(text, ("受理回执", FULL.number, "二〇二六年十一月二十六日"))
    in_order(text, ("一、已交材料", "评审表复印件", "x" * 90, "1.2 MB", "0123456789abcdef"))
    in_order(text, ("二、待补材料", "遗失登报报纸", "三、进度查询", receipt.address, FULL.number))
    assert scanned(pdf) == [FULL.code]
    with opened(pdf) as document:
        page = document.pages[0]
        assert max(char["x1"] for char in page.chars) < float(page.width) - 50
    nothing = replace(receipt, handed_in=(), missing=())
    (text,) = page_texts(reissue_receipt.render(nothing, created=DAY))
    assert "尚未上传材料。" in text
    assert "材料齐全，无需补交。" in text
