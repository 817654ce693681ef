"""``verify-credential``: a certificate's QR code checked with no database and no network."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zhicheng.commands import CommandFault, Subparsers

if TYPE_CHECKING:
    from zhicheng.credentials.rules import Verdict


def add(commands: Subparsers) -> None:
    """Describe the command."""
    verify = commands.add_parser(
        "verify-credential",
        help="核验证书二维码的内容（不需要数据库和网络）",
        description="核验证书二维码的内容：是否由公布的密钥签名、是否被改动。不需要数据库和网络；\n"
        "证书现在是否仍然有效，须联网查询。\n"
        "返回 0：真实；1：不通过，并说明原因；2：密钥清单不能使用（标准错误输出一行原因）。",
    )
    verify.add_argument(
        "text", metavar="TEXT", help="扫描所得的文字（网址或数字）；- 表示从标准输入读取"
    )
    verify.add_argument(
        "--keys",
        metavar="FILE",
        type=Path,
        required=True,
        help="公布的密钥清单（/.well-known/zhicheng-keys.json）",
    )
    verify.add_argument("--json", action="store_true", help="以 JSON 输出")
    verify.set_defaults(run=run_verify)


def run_verify(given: argparse.Namespace) -> int:
    """Exit state 0 when it holds, 1 with the reason when not."""
    from zhicheng.credentials import rules

    try:
        keys = rules.parse_keys(given.keys.read_text("utf-8"))
    except OSError as error:
        why = "不存在" if isinstance(error, FileNotFoundError) else error.strerror
        raise CommandFault(f"密钥清单 {given.keys} 不能读取：{why}") from None
    except ValueError as error:
        what = error if isinstance(error, rules.KeysError) else "不是 UTF-8 文本"
        raise CommandFault(f"密钥清单 {given.keys} 不能使用：{what}") from None
    text = sys.stdin.read(rules.MAX_TEXT + 1) if given.text == "-" else given.text
    verdict = rules.verify(text, keys)
    told = _as_json(verdict) if given.json else _as_text(verdict)
    sys.stdout.write(told + "\n")
    return 0 if verdict.valid else 1


def _message(verdict: "Verdict") -> str:
    from zhicheng.credentials.rules import CAUTION, REASONS

    if verdict.reason is not None:
        return REASONS[verdict.reason]
    return CAUTION if verdict.caution else ""


def _claims(verdict: "Verdict") -> dict[str, str]:
    from zhicheng.credentials.rules import LABELS

    if verdict.claims is None:
        return {}
    found = {name: getattr(verdict.claims, name) for name in LABELS}
    from zhicheng.values.serials import format_serial

    return {
        name: value.isoformat()
        if isinstance(value, date)
        else format_serial(value)
        if isinstance(value, int)
        else value
        for name, value in found.items()
        if value is not None
    }


def _as_json(verdict: "Verdict") -> str:
    told: dict[str, Any] = {
        "valid": verdict.valid,
        "reason": verdict.reason.value if verdict.reason else None,
        "message": _message(verdict),
        "caution": verdict.caution,
        "key": verdict.key_id.hex(),
        "claims": _claims(verdict) or None,
    }
    return json.dumps(told, ensure_ascii=False)


def _as_text(verdict: "Verdict") -> str:
    from zhicheng.credentials.rules import LABELS

    lines = ["核验通过：由公布的密钥签名，内容未被改动。" if verdict.valid else "核验不通过。"]
    lines += [message] if (message := _message(verdict)) else []
    lines += [f"  {LABELS[name]}：{value}" for name, value in _claims(verdict).items()]
    if verdict.key_id:
        lines.append(f"  签名密钥：{verdict.key_id.hex()}")
    if verdict.valid:
        lines.append("证书现在是否仍然有效，请联网查询。")
    return "\n".join(lines)
