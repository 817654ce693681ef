"""The scanned, stamped form as evidence, and the codes that stand on its pages (N4)."""

from collections.abc import Sequence

from zhicheng.audit.recording import recorded, retrying
from zhicheng.files import rules, store
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.permissions import Action
from zhicheng.registers.digest import PageCode, read_code
from zhicheng.registers.editing import account_id
from zhicheng.registers.models import PaperScan, Register, RegisterPrint
from zhicheng.registers.paper import genuine
from zhicheng.spreadsheets.limits import MEGABYTE, Limits
from zhicheng.spreadsheets.sandbox import run_limited
from zhicheng.values.refusal import Refusal

LIMITS = Limits(
    file_bytes=rules.LARGEST,
    memory_bytes=900 * MEGABYTE,
    address_bytes=2048 * MEGABYTE,
    cpu_seconds=60,
    wall_seconds=90.0,
)
FILES_AT_ONCE = 20


def codes_of(content: bytes) -> list[str]:
    """The texts of the codes on a scan or photograph.

    Raises Refusal for what is neither PDF nor JPEG nor PNG, is damaged, or is too large.
    """
    kind = rules.content_type(content)
    told = run_limited(
        "zhicheng.documents.scanned:codes_in_child", [content], LIMITS, content_type=kind
    )
    return [str(text) for text in told]


@retrying
def attach_scans(
    *, actor: Actor, register_id: int, files: Sequence[tuple[bytes, str]]
) -> list[PaperScan]:
    """Keeps scans given as (content, name) with the register; reads the codes on their pages.

    Raises NotPermitted, or Refusal for a file that may not come; then none of them is kept.
    """
    action = Action.PAPER_SCAN_ATTACH
    require(actor, action, Register.objects.defer("source").get(pk=register_id))
    if not 0 < len(files) <= FILES_AT_ONCE:
        raise Refusal(
            "scan.count",
            "请选择扫描件。" if not files else "一次上传的文件过多，没有保存。",
            clause="N4",
            found=f"{len(files)} 个文件",
            expected=f"1 至 {FILES_AT_ONCE} 个文件",
        )
    ready = [(store.prepare(content, name), _codes(content)) for content, name in files]
    with recorded(actor, action) as record:
        register = Register.objects.defer("source").get(pk=register_id)
        require(actor, action, register)
        scans = []
        for prepared, found in ready:
            own = [code for code in found if code.register == register.number and genuine(code)]
            scan = PaperScan.objects.create(
                register=register,
                file=store.store(prepared, account_id=account_id(actor)),
                pages=[[code.print_id, code.page, code.first, code.last] for code in own],
                foreign_codes=len(found) - len(own),
            )
            record(
                subject=register,
                data={
                    "number": register.number,
                    "scan": scan.pk,
                    "codes": len(own),
                    "foreign": scan.foreign_codes,
                    **store.told(scan.file),
                },
            )
            scans.append(scan)
    return scans


def _codes(content: bytes) -> list[PageCode]:
    """The codes of this product on the pages; a scan in which none can be read is kept too."""
    try:
        texts = codes_of(content)
    except Refusal:
        return []
    return [code for code in map(read_code, texts) if code is not None]


def open_scan(*, actor: Actor, scan_id: int) -> PaperScan:
    """The scan for whoever may see it: whole ID numbers stand on it, so the look is on record."""
    scan = (
        PaperScan.objects.select_related("file", "register")
        .defer("register__source", "file__content")
        .get(pk=scan_id)
    )
    require(actor, Action.PAPER_SCAN_VIEW, scan.register)
    with recorded(actor, Action.PAPER_SCAN_VIEW) as record:
        record(
            subject=scan.register,
            data={"number": scan.register.number, "scan": scan.pk, **store.told(scan.file)},
        )
    return scan


def prints_of_scans(scans: Sequence[PaperScan]) -> dict[int, RegisterPrint]:
    """The prints whose pages were read in these scans."""
    wanted = {page[0] for scan in scans for page in scan.pages}
    return RegisterPrint.objects.in_bulk(wanted)
