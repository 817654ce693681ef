"""No Chinese text of the package's Python goes without an English, but for named exceptions."""

import runpy
from fnmatch import fnmatch
from pathlib import Path

import polib
import pytest
from django.utils import translation

from zhicheng.web.saying import say

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "messages.py"))
LEFT = SCRIPT["LEFT"]
PACKAGE = SCRIPT["PACKAGE"]
NAMES = [path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")]


def test_every_chinese_text_has_an_english() -> None:
    known = {entry.msgid for entry in polib.pofile(str(SCRIPT["REFUSALS"])) if entry.translated()}
    for entry in polib.pofile(str(SCRIPT["CATALOGUE"])):
        if entry.translated():
            known |= {entry.msgid, entry.msgid_plural}
    missing = (SCRIPT["said"]() | SCRIPT["refusals"]()) - known
    assert not missing, "run scripts/messages.py and translate"


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("refuse_if(bad, '请分成几张移交单。')", ["请分成几张移交单。"]),
        ("WORDS = {1: '空', 2: ['满']}", ["空", "满"]),
        ("x = f'缺{a}和{b}'", ["缺{0}和{1}"]),
        ("x = f'有{a}' + f'，共{b}本'", ["有{0}，共{1}本"]),
        ("x = f'{name}等' if many else '一个'", ["{0}等", "一个"]),
        ("x = f\"缺{'公章' if a else b}\"", ["缺{0}", "公章"]),
        ("x += '，已停用'", ["，已停用"]),
        ("def f(x='未填'):\n    '''说明。'''", ["未填"]),
        ("x = y in ('男', '女') or y.startswith('共')", []),
        ("re.compile('[年月]')", []),
    ],
)
def test_texts_are_found_however_they_get_to_a_page(source: str, texts: list[str]) -> None:
    assert list(SCRIPT["chinese"](source)) == texts


def test_exceptions_still_exist() -> None:
    for pattern in LEFT["modules"]:
        assert any(fnmatch(name, pattern) for name in NAMES), pattern
    for name, texts in LEFT["texts"].items():
        found = set(SCRIPT["chinese"]((PACKAGE / name).read_text(encoding="utf-8")))
        assert set(texts) <= found, name


def test_texts_put_together_are_said_part_by_part() -> None:
    with translation.override("en"):
        assert say("身份证号码应为18位（前17位为数字，末位为数字或X），现为16位") == (
            "an ID number has 18 characters (17 digits, then a digit or X); this one has 16"
        )
        assert say("请选择已签领取签收表的扫描件。请刷新页面后再办理。") == (
            f"Choose the scan of the signed list. {say('请刷新页面后再办理。')}"
        )
        assert say("缺张三（已生成电子证书）") == "lacks 张三（Electronic certificate made）"


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_pages_without_a_reader_say_it_in_both_languages(name: str) -> None:
    """They can't know the language: each tells what happened, what to do and where to go twice."""
    page = (PACKAGE / "web" / "templates" / name).read_text(encoding="utf-8")
    chinese, english = page.split('<section lang="en">')
    assert not SCRIPT["HAN"].search(english)
    for part in (chinese, english):
        assert part.count("pub-purpose") == 1 and part.count('class="btn" href="/"') == 1
