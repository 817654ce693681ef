"""Refusals reach an English reader in English, and lead to the clause that they rest on."""

import ast
import runpy
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.template.loader import render_to_string
from django.utils import translation

from zhicheng.values.refusal import Refusal
from zhicheng.web.clauses import BY_RULE, CLAUSES, NO_CLAUSE, clause_of
from zhicheng.web.saying import say

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "messages.py"))


def test_whole_texts_and_texts_with_values_are_said_in_english() -> None:
    with translation.override("en"):
        assert say("请先完成加盖公章和钢印。") == "Both seals come first."
        assert say("您的账号不能办理“受理补办换发申请”。") == (
            "Your account can't do “Accept a reissue application”."
        )
        assert say("上传登记表") != "上传登记表"
        assert say("𠮷田玉兰") == "𠮷田玉兰"
    assert say("请先完成加盖公章和钢印。") == "请先完成加盖公章和钢印。"


def test_a_refusal_is_english_on_an_english_page() -> None:
    refusal = Refusal(
        "certificate.seals",
        "有 3 本证书签章不完备，不能发放，整批没有办理。",
        mend="请刷新页面后再办理。",
    )
    with translation.override("en"):
        html = render_to_string("web/components/refusal.html", {"refusal": refusal})
    assert "3 certificates lack a seal" in html
    assert "Reload the page" in html
    assert 'href="/notice/#N8"' in html


def test_translations_keep_their_values() -> None:
    for entry in polib.pofile(str(SCRIPT["REFUSALS"])):
        if entry.msgstr:
            values = {f"{{{number}}}" for number in range(9) if f"{{{number}}}" in entry.msgid}
            assert all(value in entry.msgstr for value in values), entry.msgid


def refused() -> Iterator[tuple[str, str | None]]:
    """(rule, clause or None) of every refusal in the source whose rule is a constant."""
    for path in SCRIPT["PACKAGE"].rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = isinstance(node, ast.Call) and getattr(node.func, "id", "")
            if not isinstance(node, ast.Call) or name not in SCRIPT["REFUSING"]:
                continue
            rule = (
                node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
            )
            given = [word.value for word in node.keywords if word.arg == "clause"]
            named = given[0].value if given and isinstance(given[0], ast.Constant) else None
            if rule:
                yield str(rule), "computed" if given and named is None else named


def test_every_refusal_leads_to_a_clause_or_rests_on_none() -> None:
    assert set(BY_RULE.values()) <= set(CLAUSES)
    assert not NO_CLAUSE & set(BY_RULE)
    found = list(refused())
    assert len(found) > 300
    for rule, named in found:
        if named == "computed":
            continue
        kind = rule.split(".", 1)[0]
        assert clause_of(rule, named or "") in CLAUSES or kind in NO_CLAUSE, rule


@pytest.mark.parametrize("rule", ["file.damaged", "database.busy"])
def test_faults_of_a_file_or_the_machine_name_no_clause(rule: str) -> None:
    assert clause_of(rule) == ""


def test_somebody_s_remark_behind_a_sentence_of_ours_is_no_part_of_it() -> None:
    with translation.override("en"):
        ours = "印制单 YZ2026-00005 到货清点缺少 2 本。"
        english = "Print order YZ2026-00005: 2 missing when the delivery was counted."
        assert say(ours) == english
        assert say(ours + "第一批，两箱") == f"{english} 第一批，两箱"
