"""``verify-pdf`` and ``electronic-setup``: electronic certificates at the command line."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zhicheng.commands import CommandFault, Subparsers

if TYPE_CHECKING:
    from zhicheng.electronic.signing.verdict import Verdict


def add(commands: Subparsers) -> None:
    """Describe the commands."""
    verify = commands.add_parser(
        "verify-pdf",
        help="验证电子证书文件（PDF）",
        description="验证电子证书文件：是否由可信的签名证书签名、签名后是否被改动、是谁的证书；\n"
        "有数据库时还查询证书现在的状态。只相信指明的根证书，不联网。\n"
        "返回 0：签名有效（有数据库时，证书也有效）；1：不通过；2：文件或根证书不能读取。",
    )
    verify.add_argument("file", metavar="FILE", type=Path, help="PDF 文件")
    verify.add_argument(
        "--roots",
        metavar="PEM",
        type=Path,
        help="可信根证书；不指明时用系统设置中的，并查询证书现在的状态",
    )
    verify.add_argument("--json", action="store_true", help="以 JSON 输出")
    verify.set_defaults(run=run_verify)
    setup = commands.add_parser(
        "electronic-setup",
        help="检查电子证书的签章设置，或建立测试用签章",
        description="显示电子证书用哪个签名证书、有效期至何时；不能签名时返回 1 并说明原因。",
    )
    setup.add_argument(
        "--test-ca",
        action="store_true",
        help="在数据目录中建立测试用证书和时间戳（TEST，无法律效力）",
    )
    setup.set_defaults(run=run_setup)


def run_verify(given: argparse.Namespace) -> int:
    """Exit state 0 when everything holds, 1 when not."""
    from zhicheng.electronic.checking import check
    from zhicheng.electronic.signing.verdict import LARGEST

    try:
        with given.file.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        why = "不存在" if isinstance(error, FileNotFoundError) else error.strerror
        raise CommandFault(f"文件 {given.file} 不能读取：{why}") from None
    standing = None
    if given.roots:
        verdict = check(content, _roots(given.roots))
    else:
        from zhicheng.commands.environment import start_django

        start_django()
        from zhicheng.electronic.queries import on_record
        from zhicheng.electronic.sealing import trusted_roots
        from zhicheng.verification.electronic import standing_of

        verdict = on_record(check(content, trusted_roots()))
        standing = standing_of(verdict)
    told = _as_json(verdict, standing) if given.json else _as_text(verdict, standing)
    sys.stdout.write(told + "\n")
    return 0 if verdict.holds and standing in (None, "valid") else 1


def _roots(path: Path) -> list[bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise CommandFault(f"根证书 {path} 不能读取：{error.strerror}") from None
    except ValueError:
        raise CommandFault(f"根证书 {path} 不能使用：不是 PEM 格式的证书") from None
    return [each.public_bytes(Encoding.DER) for each in found]


def _as_json(verdict: "Verdict", standing: str | None) -> str:
    told: dict[str, Any] = {
        "valid": verdict.holds,
        "intact": verdict.is_intact,
        "reason": verdict.reason,
        "signer": verdict.signer,
        "signed_at": verdict.signed_at.isoformat() if verdict.signed_at else None,
        "level": verdict.level,
        "sha256": verdict.sha256,
        "certificate": verdict.data if verdict.holds else {},
    }
    if standing is not None:
        told["standing"] = str(standing)
    return json.dumps(told, ensure_ascii=False, indent=1)


def _as_text(verdict: "Verdict", standing: str | None) -> str:
    from zhicheng.electronic.checking import VERDICTS

    lines = [("通过：" if verdict.holds else "不通过：") + VERDICTS[verdict.reason]]
    if verdict.signer:
        lines.append(f"签名证书：{verdict.signer}")
    if verdict.signed_at:
        lines.append(f"签名时间：{verdict.signed_at.astimezone():%Y-%m-%d %H:%M:%S}")
    if verdict.level:
        lines.append(f"签名级别：{verdict.level}")
    if verdict.holds:
        shown = ("证照编号", "持证主体", "持证主体代码", "资格名称", "专业名称", "批准文号")
        lines += [f"{name}：{verdict.data[name]}" for name in shown if verdict.data.get(name)]
    if standing is not None:
        from zhicheng.verification.rules import STANDINGS, Standing

        lines.append(f"证书现在：{STANDINGS[Standing(standing)]}")
    return "\n".join(lines)


def run_setup(given: argparse.Namespace) -> int:
    """Exit state 0 when something signs, 1 with the reason when not."""
    from zhicheng.commands.environment import start_django

    start_django()
    from zhicheng.electronic.seal_state import seal_state
    from zhicheng.electronic.sealing import test_folder, uses_test_authority
    from zhicheng.electronic.signing import authority

    if given.test_ca:
        authority.make(test_folder())
        sys.stdout.write(f"测试用签章（TEST，无法律效力）在 {test_folder()}\n")
        if not uses_test_authority():
            sys.stdout.write("要使用它，请设置 ZHICHENG_SEAL_TEST_CA=1。\n")
    state = seal_state()
    if state.refusal is not None:
        sys.stdout.write(f"{state.refusal.message}{state.refusal.mend}\n")
        return 1
    sys.stdout.write(
        f"签名证书：{state.name}\n颁发者：{state.issuer}\n"
        f"有效期至：{state.valid_to:%Y-%m-%d}（还有 {state.days_left} 天）\n"
        f"签名级别：{state.level}\n指纹（SHA-256）：{state.fingerprint}\n"
    )
    return 0
