"""Judges a PDF that somebody brings: ours, unchanged? In a small process; a file may be hostile."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from zhicheng.electronic.signing.verdict import LARGEST, Verdict
from zhicheng.spreadsheets.limits import Limits
from zhicheng.spreadsheets.sandbox import run_limited
from zhicheng.values.refusal import Refusal

LIMITS = Limits(file_bytes=LARGEST, cpu_seconds=10, answer_bytes=1024 * 1024)


def _(text: str) -> str:
    """Marks a text for the translation that pages make; here there is none."""
    return text


VERDICTS: Mapping[str, str] = {
    "": _("文件完整，由可信的签名证书签名，签名后没有任何改动。"),
    "kept": _(
        "文件与本系统签发时保存的原文件逐字节一致；签名不是本系统的验证程序能判断的，"
        "请用签章服务的验证工具查看。"
    ),
    "not_ours": _(
        "文件的签名完整，但本系统没有签发过这份文件，不能相信其中的内容。"
        "签名证书可能是同一机构发给别人的。"
    ),
    "changed": _("文件在签名之后被改动过，不能相信其中的内容。"),
    "damaged": _("文件已损坏或被改动，签名不能读取。"),
    "untrusted": _("文件签名后没有改动，但签名证书不是可信的签发机构的，不能证明由谁签发。"),
    "no_timestamp": _("文件签名后没有改动，但没有时间戳，不能证明何时签名。"),
    "unsigned": _("这个 PDF 没有电子签名，不是电子证书的原文件（例如打印后扫描的）。"),
    "not_a_pdf": _("这不是 PDF 文件。"),
}


def check(pdf: bytes, roots: Sequence[bytes]) -> Verdict:
    """The verdict on a file that somebody brought."""
    given = [root.hex() for root in roots]
    task = "zhicheng.electronic.signing.verifying:verify_file"
    try:
        told = run_limited(task, [pdf], LIMITS, roots=given)
    except Refusal:
        return Verdict("damaged", sha256=hashlib.sha256(pdf).hexdigest())
    moment = told["signed_at"]
    return Verdict(**{**told, "signed_at": datetime.fromisoformat(moment) if moment else None})
