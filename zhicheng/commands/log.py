"""``zhicheng log``: the transparency log proved, without trust in the server or from within."""

import argparse
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zhicheng.commands import CommandFault, Subparsers

if TYPE_CHECKING:
    from zhicheng.credentials.rules import PublicKey

TIMEOUT = 20  # seconds
MOST_BYTES = 1_000_000


def add(commands: Subparsers) -> None:
    """Describe the commands."""
    log = commands.add_parser("log", help="公开日志")
    kinds = log.add_subparsers(
        title="命令", metavar="命令", dest="log_command", required=True, parser_class=type(log)
    )
    verify = kinds.add_parser(
        "verify",
        help="核对证明文件（不需要数据库和网络，不信任服务器）",
        description="核对证书的日志证明：检查点由公布的密钥签名，记录确在日志之中。\n"
        "返回 0：成立；1：不成立，并说明原因；2：文件不能使用。",
    )
    verify.add_argument("file", metavar="FILE", type=Path, help="证明文件（.json）")
    _keys(verify)
    verify.add_argument("--json", action="store_true", help="以 JSON 输出")
    verify.set_defaults(run=run_verify)

    watch = kinds.add_parser(
        "watch",
        help="监督日志只增不改：与上次看到的检查点比较",
        description="读取网站的最新检查点，验证签名，并验证它由上次看到的检查点增加而来。\n"
        "上次的检查点记在 --state 文件中；首次运行只作记录。可定时运行。\n"
        "返回 0：一致；1：日志被改动、倒退或分叉；2：不能读取。",
    )
    watch.add_argument("address", metavar="URL", help="网站地址，如 https://zs.example.gov.cn")
    _keys(watch)
    watch.add_argument(
        "--state", metavar="FILE", type=Path, required=True, help="记录上次检查点的文件"
    )
    watch.set_defaults(run=run_watch)

    check = kinds.add_parser(
        "check",
        help="核对数据库中的整个日志",
        description="重算全部记录、节点和检查点，并与证书库逐本核对；有问题的逐项指出，返回 1。",
    )
    check.add_argument("--json", action="store_true", help="以 JSON 输出")
    check.set_defaults(run=run_check)


def _keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keys",
        metavar="FILE",
        type=Path,
        required=True,
        help="公布的密钥清单（/.well-known/zhicheng-keys.json）",
    )


def _published(file: Path) -> "list[PublicKey]":
    from zhicheng.credentials import rules

    try:
        return list(rules.parse_keys(file.read_text("utf-8")))
    except OSError as error:
        raise CommandFault(f"密钥清单 {file} 不能读取：{error.strerror}") from None
    except ValueError as error:
        what = error if isinstance(error, rules.KeysError) else "不是 UTF-8 文本"
        raise CommandFault(f"密钥清单 {file} 不能使用：{what}") from None


def run_verify(given: argparse.Namespace) -> int:
    """Exit state 0 when the evidence holds, 1 with the reason when not."""
    from zhicheng.transparency import evidence
    from zhicheng.transparency.statement import KINDS, Kind

    keys = _published(given.keys)
    try:
        text = given.file.read_text("utf-8")
    except OSError as error:
        raise CommandFault(f"证明文件 {given.file} 不能读取：{error.strerror}") from None
    except ValueError:
        raise CommandFault(f"证明文件 {given.file} 不是 UTF-8 文本") from None
    told: dict[str, Any]
    try:
        proved = evidence.verify(text, keys)
    except evidence.EvidenceError as error:
        told = {"valid": False, "reason": str(error)}
        lines = [f"证明不成立：{error}"]
    else:
        head = proved.head
        told = {
            "valid": True,
            "origin": head.origin,
            "size": head.size,
            "signed_at": head.at.isoformat(),
            "statements": list(proved.statements),
        }
        lines = [f"证明成立：{head.origin} 共 {head.size} 条，签于 {head.at.isoformat()}"]
        lines += [
            f"  {item['at']} {KINDS[Kind(item['kind'])]} {item['number']} {item['name']}"
            f" {item['qualification']}"
            for item in proved.statements
        ]
    sys.stdout.write(json.dumps(told, ensure_ascii=False) if given.json else "\n".join(lines))
    sys.stdout.write("\n")
    return 0 if told["valid"] else 1


def run_watch(given: argparse.Namespace) -> int:
    """Exit state 1 when the log was changed, went back or forked since the last look."""
    from zhicheng.transparency import checkpoint
    from zhicheng.values import merkle

    keys = _published(given.keys)
    place = given.address.rstrip("/")
    note = _fetch(f"{place}/log/checkpoint")
    try:
        new = checkpoint.verify(note, keys)
        if given.state.exists():
            old = checkpoint.verify(given.state.read_text("utf-8"), keys)
            if old.origin != new.origin:
                raise merkle.ProofError(f"日志的名称由 {old.origin} 变为 {new.origin}")
            proof: list[bytes] = []
            if 0 < old.size < new.size:
                answer = _fetch(f"{place}/log/consistency?first={old.size}&second={new.size}")
                proof = [bytes.fromhex(item) for item in json.loads(answer)["proof"]]
            merkle.verify_consistency(old.size, new.size, proof, old.root, new.root)
            grown = f"，由 {old.size} 条增加而来"
        else:
            grown = "，首次记录"
    except (checkpoint.CheckpointError, merkle.ProofError) as error:
        sys.stdout.write(f"日志不一致：{error}\n")
        return 1
    except (ValueError, KeyError, TypeError):
        raise CommandFault(f"{place} 的回答不能使用") from None
    aside = given.state.with_name(given.state.name + ".new")
    aside.write_text(note, "utf-8")
    aside.replace(given.state)
    sys.stdout.write(f"日志一致：{new.origin} 共 {new.size} 条{grown}\n")
    return 0


def _fetch(address: str) -> str:
    if not address.startswith(("https://", "http://")):
        raise CommandFault(f"{address} 不是网址")
    try:
        # Only http addresses come this far.
        with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:  # noqa: S310
            found: bytes = answer.read(MOST_BYTES)
    except (urllib.error.URLError, OSError) as error:
        raise CommandFault(f"{address} 不能读取：{getattr(error, 'reason', error)}") from None
    return found.decode("utf-8", "replace")


def run_check(given: argparse.Namespace) -> int:
    """Exit state 1 and what doesn't hold."""
    from zhicheng.commands.environment import start_django

    start_django()
    from zhicheng.commands.proofs import tell
    from zhicheng.transparency.checking import check

    report = check().as_dict()
    good = f"公开日志完好：记录 {report['entries']} 条，检查点 {report['heads']} 个"
    return tell(report, as_json=given.json, good=good, bad="公开日志有问题")
