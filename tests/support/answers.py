"""Pages that answer a form, and so have no address of their own; and pages of a refused address.

An :class:`Answer` says who sends what. ``asked`` sends it as a client does, for those who read
pages; ``tests/support/showing.py`` fills it in in a browser, for those who look. What is filled in
is looked up in the demo city each time and kept nowhere.
"""

import re
import secrets
import time
from base64 import b32decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.support.doors import password_of, person_of, reported
from tests.support.second_factor import code_of
from zhicheng.api.rules import Event, Scope
from zhicheng.certificates.models import Certificate
from zhicheng.demo.people import people
from zhicheng.electronic.models import ElectronicFile
from zhicheng.files.store import content_of
from zhicheng.notifications.kinds import Group
from zhicheng.notifications.models_messengers import Style
from zhicheng.organizations.models import Account
from zhicheng.protection import reveal
from zhicheng.registers.models import Register
from zhicheng.selfissued.models import SelfIssuedCertificate, Standing
from zhicheng.verification.reports import codes
from zhicheng.work.models import Work
from zhicheng.work.queries import worker_lives
from zhicheng.work.running import run


@dataclass(frozen=True)
class Upload:
    """A file to be chosen."""

    name: str
    content: bytes = field(repr=False)


Fields = Mapping[str, "str | Sequence[str] | Upload"]


@dataclass(frozen=True)
class Sent:
    """A form of a page, filled in and sent.

    ``at``: the page on which it stands; without it the one where one is. ``to``: its address, where
    that is not the page's. Without ``fields`` the page is only opened.
    """

    at: str = ""
    fields: Fields | None = field(default=None, repr=False)
    to: str = ""


# What is sent may have to be read from the page before, as the key of a second factor is.
Step = Sent | Callable[[str], Sent]


@dataclass(frozen=True)
class Answer:
    """A page: its name and what people call it, whose it is, how it comes about, its status."""

    name: str
    label: str
    who: str
    steps: Callable[[], Sequence[Step]] = field(repr=False)
    status: int = 200
    when: Callable[[], bool] = field(default=lambda: True, repr=False)  # the installation has it


def asked(answer: Answer, client: Client) -> tuple[str, HttpResponse]:
    """Sends everything; gives the address that answered at last, and its page."""
    path, page = "", None
    for step in answer.steps():
        sent = step if isinstance(step, Sent) else step(page.content.decode() if page else "")
        target = sent.to or sent.at or path
        if sent.fields is None:
            page = client.get(target, follow=True)
        else:
            page = client.post(target, _data(sent.fields), follow=True)
        chain: list[tuple[str, int]] = getattr(page, "redirect_chain", [])
        path = chain[-1][0] if chain else target
    assert page is not None
    assert str(page.headers["Content-Type"]).startswith("text/html"), f"{path} is no page"
    assert page.status_code == answer.status, f"{answer.name}: {path} gave {page.status_code}"
    return path, page  # type: ignore[return-value]


def _data(fields: Fields) -> dict[str, Any]:
    return {
        name: SimpleUploadedFile(value.name, value.content) if isinstance(value, Upload) else value
        for name, value in fields.items()
    }


PATIENCE = 30  # seconds for the worker
GUESSES = 6  # the first that nobody may try


# --- the public query -----------------------------------------------------------------------------


def _query(certificate: Any) -> list[Step]:
    return [Sent("/", {"name": certificate.name, "number": certificate.number})]


def _certificate(**wanted: Any) -> Certificate:
    return Certificate.objects.filter(state="issued", **wanted).earliest("pk")


def _nobody() -> list[Step]:
    return [Sent("/", {"name": next(people(8008)).name, "number": "渝职2019-000000"})]


def _scanned() -> list[Step]:
    _report, mine = reported()
    return [Sent(reverse("verification:certificate", args=[mine.number]), {"name": mine.name})]


def _report(code: str) -> list[Step]:
    return [Sent(reverse("verification:report"), {"code": codes.grouped(code)})]


def _electronic() -> ElectronicFile:
    found: ElectronicFile = ElectronicFile.objects.select_related("certificate").earliest("pk")
    return found


def _file(name: str, content: bytes) -> list[Step]:
    return [Sent(reverse("verification:verify_pdf"), {"file": Upload(name, content)})]


def _no_evidence() -> list[Step]:
    """Somebody asks for the log's evidence of a certificate under another name."""
    certificate = _certificate(lost_at=None)
    asking = {"name": next(people(8009)).name, "number": certificate.number}
    return [*_query(certificate), Sent(fields=asking, to=reverse("verification:log_evidence"))]


# --- accounts -------------------------------------------------------------------------------------


def _locked_out() -> list[Step]:
    """Somebody tries passwords with a name."""
    guess = {"username": "nobody.here", "password": "not-the-password"}
    return [Sent("/login/", guess)] * GUESSES


def _setting_up() -> list[Step]:
    page = reverse("web:second_factor")
    return [Sent(page, {}, reverse("web:begin_second_factor"))]


def _confirmed(username: str) -> list[Step]:
    def confirm(html: str) -> Sent:
        found = re.search(r'class="zc-secret">([A-Z2-7 ]+)<', html)
        assert found is not None
        return Sent(fields={"code": code_of(_secret(found[1])), "password": password_of(username)})

    return [*_setting_up(), confirm]


def _secret(text: str) -> bytes:
    return b32decode(text.replace(" ", ""))


def _to_accept(operation: str, *, go: bool) -> list[Step]:
    """Registers that wait for the office: all are asked about, one is dealt with."""
    confirm = reverse("web:queue_confirm", args=["register.accept"])
    ticked: dict[str, list[str]] = {}

    def tick(html: str) -> Sent:
        waiting = re.findall(r'name="pick" value="(\d+)"', html)
        assert waiting, "no register waits"
        sound = Register.objects.filter(pk__in=waiting, error_count=0).order_by("pk")
        ticked["pick"] = [str(sound[0].pk)] if go else waiting
        return Sent(fields={**ticked, "operation": operation}, to=confirm)

    steps: list[Step] = [Sent(reverse("web:queue", args=["register.accept"])), tick]
    if go:
        steps.append(
            lambda _html: Sent(fields={"operation": operation, "confirmed": "1", **ticked})
        )
    return steps


def _new_password() -> list[Step]:
    account = Account.objects.get(username="wanzhou.embosser")
    return [
        Sent(
            reverse("organizations:account", args=[account.pk]),
            {},
            reverse("organizations:reset_password", args=[account.pk]),
        )
    ]


def _new_key() -> list[Step]:
    fields: Fields = {
        "name": "人才服务系统",
        "scopes": [Scope.CERTIFICATES_READ.value, Scope.REFERENCE_READ.value],
        "life": "180",
        "per_minute": "120",
    }
    return [Sent(reverse("api_pages:new_key"), fields)]


def _new_subscription() -> list[Step]:
    url = f"https://talent.zhicheng.invalid/hooks/{secrets.token_hex(4)}"
    fields: Fields = {"url": url, "events": [Event.LOST.value, Event.VOID.value]}
    return [Sent(reverse("api_pages:new_subscription"), fields)]


def _new_robot() -> list[Step]:
    fields: Fields = {
        "name": "职改办值班群",
        "style": Style.STANDARD.value,
        "url": f"https://messenger.zhicheng.invalid/robots/{secrets.token_hex(4)}",
        "secret": "",
        "groups": [Group.ALARM.value],
        "template": "",
    }
    return [Sent(reverse("notifications:messenger_new"), fields)]


def _nothing_ticked() -> list[Step]:
    confirm = reverse("web:queue_confirm", args=["register.accept"])
    return [Sent(reverse("web:queue", args=["register.accept"]), {"operation": "accept"}, confirm)]


def _searched(text: str) -> list[Step]:
    return [Sent(reverse("search:search"), {"text": text})]


def _faulty_list() -> list[Step]:
    """Names without a number, and a number that is none."""
    who = next(people(8010))
    rows = ["姓名,身份证号码,证书编号", f"{who.name},,", f"{who.name},12345,", ",,渝职2019-1"]
    content = "\n".join(rows).encode("utf-8-sig")
    fields: Fields = {"file": Upload("名单.csv", content), "purpose": "recruiting", "consent": "on"}
    return [Sent(reverse("verification:batch_new"), fields)]


def _applicants() -> list[Step]:
    """Some who hold a certificate, and somebody who doesn't."""
    held = Certificate.objects.filter(state="issued").order_by("pk")[:4]
    rows = ["姓名,身份证号码,证书编号", *(f"{item.name},,{item.number}" for item in held)]
    rows.append(f"{next(people(8011)).name},,渝职2019-000000")
    fields: Fields = {
        "file": Upload("拟录用人员.csv", "\n".join(rows).encode("utf-8-sig")),
        "purpose": "recruiting",
        "consent": "on",
    }
    return [Sent(reverse("verification:batch_new"), fields), _finished("employer.clerk")]


def _no_workbook() -> list[Step]:
    content = Upload("登记表.xlsx", "这不是一个工作簿。".encode())
    return [Sent(reverse("registers:new"), {"file": content}), _finished("hospital.clerk")]


def _finished(username: str) -> Callable[[str], Sent]:
    """The page of what this account asked the worker for, once that is done."""

    def wait(_html: str) -> Sent:
        asked_for = Work.objects.filter(account__username=username).defer("payload", "product")
        work = asked_for.latest("pk")
        if not worker_lives():
            run(work.pk)
        until = time.monotonic() + PATIENCE
        while not work.is_finished and time.monotonic() < until:
            time.sleep(0.2)
            work.refresh_from_db(fields=["state"])
        return Sent(work.get_absolute_url())

    return wait


ANSWERS: Mapping[str, Answer] = {
    answer.name: answer
    for answer in (
        Answer("answer-valid", "查到有效证书", "", lambda: _query(_certificate(lost_at=None))),
        Answer(
            "answer-void", "查到作废证书", "", lambda: _query(_certificate(voided_at__isnull=False))
        ),
        Answer(
            "answer-lost",
            "查到报失证书",
            "",
            lambda: _query(_certificate(lost_at__isnull=False, voided_at=None)),
        ),
        Answer(
            "answer-own",
            "查到单位自行发放的证书",
            "",
            lambda: _query(
                SelfIssuedCertificate.objects.filter(state=Standing.ACCEPTED).earliest("pk")
            ),
        ),
        Answer("answer-none", "没有查到", "", _nobody),
        Answer("no-evidence", "没有公开日志证明", "", _no_evidence, 404),
        Answer("by-name", "核对姓名后", "", _scanned),
        Answer(
            "in-force",
            "核验码查到报告",
            "",
            lambda: _report(reveal(bytes(reported()[0].code_cipher))),
        ),
        Answer("unknown", "核验码没有查到", "", lambda: _report(codes.make())),
        Answer(
            "found",
            "核对一致",
            "",
            lambda: [Sent(reverse("verification:fetch"), person_of(_electronic().certificate))],
        ),
        Answer(
            "genuine",
            "文件真实",
            "",
            lambda: _file("电子证书.pdf", content_of(_electronic().file)),
        ),
        Answer(
            "not-genuine",
            "不是电子证书",
            "",
            lambda: _file("其他文件.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"),
        ),
        Answer("locked-out", "密码输错多次", "", _locked_out, 429, lambda: settings.AXES_ENABLED),
        Answer("missing", "没有这个页面", "", lambda: [Sent("/no-such-page/")], 404),
        Answer(
            "missing-inside", "登录后没有这个页面", "auditor", lambda: [Sent("/no-such-page/")], 404
        ),
        Answer(
            "not-permitted", "无权办理", "auditor", lambda: [Sent(reverse("registers:new"))], 403
        ),
        Answer("refused", "不能办理", "office.officer", _nothing_ticked, 422),
        Answer("set-up", "扫描二维码", "beginner", _setting_up),
        Answer("recovery-codes", "恢复码", "confirmer", lambda: _confirmed("education.clerk")),
        Answer(
            "accept",
            "确认成批受理",
            "office.officer",
            lambda: _to_accept("accept", go=False),
        ),
        Answer(
            "return",
            "确认成批退回",
            "office.officer",
            lambda: _to_accept("return", go=False),
        ),
        Answer(
            "outcome",
            "各项的结果",
            "office.officer",
            lambda: _to_accept("accept", go=True),
        ),
        Answer("made", "密钥只显示一次", "office.officer", _new_key),
        Answer("subscribed", "签名密钥只显示一次", "office.officer", _new_subscription),
        Answer("connected", "机器人的密钥只显示一次", "office.officer", _new_robot),
        Answer("new-password", "新密码只显示一次", "admin", _new_password),
        Answer("hits", "搜索结果", "office.officer", lambda: _searched("医院")),
        Answer("no-hits", "没有搜到", "office.officer", lambda: _searched("没有这样的单位")),
        Answer("faulty", "名单有错误", "employer.clerk", _faulty_list, 422),
        Answer("verified", "名单已核验", "employer.clerk", _applicants),
        Answer("refused-file", "登记表不是工作簿", "hospital.clerk", _no_workbook),
    )
}
