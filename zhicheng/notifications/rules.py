"""Addresses, codes, templates, which days may be moved, when mail is tried again: pure."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote_plus, urlsplit

from zhicheng.values.refusal import Refusal

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else
CODE_LENGTH = 8
MOST_CODE_ATTEMPTS = 5
CODE_MINUTES = 60
MOST_CODES_AN_HOUR = 5
LONGEST_TEMPLATE = 2000
# Seconds until a mail that surely didn't go is tried again; then it is given up for the day.
MAIL_BACK_OFF: Sequence[int] = (60, 300, 1_800, 7_200)
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250})")
WECOM_TEMPLATE = '{"msgtype": "text", "text": {"content": "{text}\\n{url}"}}'
STANDARD_TEMPLATE = '{"title": "{title}", "text": "{text}", "count": "{count}", "url": "{url}"}'


def tidy_address(text: str) -> str:
    """The address without spaces; raises Refusal for what is none."""
    address = text.strip()
    host = address.rpartition("@")[2]
    if not _ADDRESS.fullmatch(address) or "." not in host or ".." in address or host[-1] in ".-":
        raise Refusal(
            "notification.address",
            "这不是电子邮箱地址。",
            expected="例如 name@example.gov.cn",
            mend="请核对后重新填写。",
        )
    return address


def masked_address(address: str) -> str:
    """As the page shows it: the first letter, and where it is."""
    name, _at, host = address.rpartition("@")
    return f"{name[:1]}***@{host}"


def masked_url(url: str) -> str:
    """As the page shows it: a robot's key lies in path and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/…"


def tidy_code(text: str) -> str:
    """A code as it was sent, however it was typed."""
    return re.sub(r"[\s-]", "", text).upper()


def mail_delay(attempts: int) -> int | None:
    """Seconds to wait after so many failed attempts; None when it is given up."""
    return MAIL_BACK_OFF[attempts - 1] if attempts <= len(MAIL_BACK_OFF) else None


def check_template(text: str) -> dict[str, Any]:
    """The template as JSON; raises Refusal when it is none, or says nothing."""
    try:
        template = json.loads(text)
    except ValueError:
        template = None
    if not isinstance(template, dict) or len(text) > LONGEST_TEMPLATE or "{text}" not in text:
        raise Refusal(
            "messenger.template",
            "消息模板不是可用的 JSON。",
            expected="一个 JSON 对象，含有 {text}，不超过 2000 字",
            mend="请参照示例填写；可用 {title}、{text}、{count}、{url}。",
        )
    return template


def filled(template: Any, values: Mapping[str, str]) -> Any:
    """The template with its places filled, in texts alone: a value can't break out of its text."""
    if isinstance(template, str):
        return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), template)
    if isinstance(template, dict):
        return {key: filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    return template


def dingtalk_address(url: str, secret: str, milliseconds: int) -> str:
    """The address with time and signature, as DingTalk's robots (加签) want it."""
    signed = f"{milliseconds}\n{secret}".encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    sign = quote_plus(base64.b64encode(digest))
    joiner = "&" if urlsplit(url).query else "?"
    return f"{url}{joiner}timestamp={milliseconds}&sign={sign}"


def robot_took_it(answer: bytes) -> bool:
    """WeCom and DingTalk answer 200 also when they refuse; ``errcode`` 0 is a yes."""
    try:
        said = json.loads(answer)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("errcode") == 0


def check_moved_from(day: date, today: date) -> None:
    """Raises Refusal for a past day: by it was judged who was late."""
    if day < today:
        raise Refusal(
            "workday.past",
            "过去的日期不能再改为放假或上班。",
            clause="N18",
            found=day.isoformat(),
            expected="今天或以后",
            mend="是否逾期已按当时登记的日子判断；请从今天起登记。",
        )
