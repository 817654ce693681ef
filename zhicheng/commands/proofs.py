"""``reconcile`` and ``audit verify``: the two proofs over the whole database."""

import argparse
import json
import sys
from typing import Any

from zhicheng.commands import Subparsers


def add(commands: Subparsers) -> None:
    """Describe the commands."""
    text = "核对全部空白证书与证书：每本有且只有一处保管，数量与流转一致，编号不重复，领用不超人数"
    reconcile = commands.add_parser("reconcile", help="证书对账", description=text)
    reconcile.add_argument("--json", action="store_true", help="以 JSON 输出")
    reconcile.set_defaults(run=run_reconcile)

    audit = commands.add_parser("audit", help="审计记录")
    kinds = audit.add_subparsers(
        title="命令", metavar="命令", dest="audit_command", required=True, parser_class=type(audit)
    )
    verify = kinds.add_parser(
        "verify",
        help="验证审计链未被改动",
        description="验证审计链：任何事件或证书记录在系统之外被修改、删除、调换，都会指出。",
    )
    verify.add_argument("--json", action="store_true", help="以 JSON 输出")
    verify.set_defaults(run=run_verify)


def run_reconcile(given: argparse.Namespace) -> int:
    """Exit state 1 and the offending serials where a proof fails."""
    from zhicheng.commands.environment import start_django

    start_django()
    from zhicheng.certificates.reconcile import reconcile

    return tell(reconcile().as_dict(), as_json=given.json, good="对账通过", bad="对账发现问题")


def run_verify(given: argparse.Namespace) -> int:
    """Exit state 1 and the events or rows that were changed."""
    from zhicheng.commands.environment import start_django

    start_django()
    from zhicheng.audit.verify import verify

    report = verify().as_dict()
    good = (
        f"审计链完好：事件 {report['events']} 条，证书 {report['rows']} 本，末端 {report['head']}"
    )
    return tell(report, as_json=given.json, good=good, bad="审计链被改动")


def tell(report: dict[str, Any], *, as_json: bool, good: str, bad: str) -> int:
    """Writes a proof's report; gives the exit state."""
    if as_json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False, default=str) + "\n")
    elif report["passed"]:
        sys.stdout.write(good + "\n")
    else:
        beyond = " 以上" if report.get("more") else ""
        lines = [f"{bad}（{len(report['faults'])} 处{beyond}）："]
        lines += [f"  {fault['message']} [{fault['kind']}]" for fault in report["faults"]]
        sys.stdout.write("\n".join(lines) + "\n")
    return 0 if report["passed"] else 1
