"""Signed electronic certificates a second, by stages, on one core and on two.

    .venv/bin/python -m benchmarks.electronic [--full]

A certificate counts from its row to the signed file: credential and QR code, page (PDF/A-3 with its
data), signature PAdES B-LT (ECDSA P-256) with a time stamp of its own from the local test clock.
Each measuring process is bound to one core. The named peer is plain pyHanko on the same pages in
the same run (``sign_pdf``, a held signer, the same stamps, validation information embedded).
Then the whole of it with numbers, rows, encrypted files and audit on a PostgreSQL that flushes to
disk; with ``--full`` a batch of 10,000 and its memory.
"""

import io
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

COUNT, PEER, STORED, FULL = 600, 60, 1_000, 10_000
CHUNK = 50


def _start(folder: Path) -> None:
    os.environ["RAYON_NUM_THREADS"] = "1"
    from benchmarks.main_job import prepare

    prepare(folder)
    from django.conf import settings

    settings.HOME = folder


def _certificates(count: int) -> list[Any]:
    """Certificates in memory, as they would come from the table."""
    from zhicheng.certificates.models import Certificate
    from zhicheng.documents import samples
    from zhicheng.organizations.models import Organization
    from zhicheng.protection import protect
    from zhicheng.values.id_number import mask

    department = Organization.objects.get(name="市卫生健康委")
    made = []
    for index in range(count):
        number = samples.sample_id_number(index)
        specialty, qualification, _level = samples.TITLES["senior"][index % 4]
        made.append(
            Certificate(
                pk=index + 1,
                number=f"DZ2026{index:07d}",
                name=samples.NAMES[index % len(samples.NAMES)],
                sex="女",
                id_kind="resident",
                id_number_cipher=protect(number),
                id_number_masked=mask(number),
                work_unit=samples.UNITS[index % len(samples.UNITS)],
                specialty=specialty,
                qualification=qualification,
                level="senior_deputy",
                grade="senior",
                approval_date=date(2026, 3, 18),
                document_number=samples.DOCUMENT,
                issuing_unit=department,
                approving_department=department,
            )
        )
    return made


class _Timed:
    """Adds up the seconds of a function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.seconds, self.results = function, 0.0, []

    def __call__(self, *args: Any, **given: Any) -> Any:
        started = time.perf_counter()
        result = self.function(*args, **given)
        self.seconds += time.perf_counter() - started
        self.results.append(result)
        return result


def chain(folder: Path, core: int, count: int) -> dict[str, Any]:
    """One process on one core: seconds of all and of each stage."""
    os.sched_setaffinity(0, {core})
    _start(folder)
    from zhicheng.documents import qr
    from zhicheng.electronic import composing
    from zhicheng.electronic.sealing import seal

    by = seal()

    def go(certificates: list[Any]) -> None:
        for at in range(0, len(certificates), CHUNK):
            composing.compose(
                certificates[at : at + CHUNK],
                issued_on=date(2026, 4, 1),
                photos={},
                seal=by,
                address="https://zs.example.gov.cn/",
            )

    everybody = _certificates(count)
    go(everybody[:20])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    started = time.perf_counter()
    go(everybody)
    whole = time.perf_counter() - started
    # Once more with each stage timed, so that the timing doesn't count in the figure above.
    stages = {
        "credential": (composing, "sign_batch"),
        "QR code": (qr, "encode_for_certificate"),
        "page with QR code": (composing.page, "render"),
    }
    timed = {}
    for label, (module, name) in stages.items():
        timed[label] = _Timed(getattr(module, name))
        setattr(module, name, timed[label])
    signing = _Timed(by.sign)
    by.sign = signing  # type: ignore[method-assign]
    clock = _Timed(by._clock)
    by._clock = clock
    go(everybody)
    timed |= {"signature with stamp": signing, "time stamp alone": clock}
    (folder / f"pages-{core}.json").write_text(
        json.dumps([page.hex() for page in timed["page with QR code"].results[:PEER]])
    )
    size = sum(map(len, signing.results)) // count
    return {
        "seconds": whole,
        "stages": {label: each.seconds for label, each in timed.items()},
        "size": size,
    }


def peer(folder: Path, core: int) -> float:
    """Signatures a second of pyHanko's ``sign_pdf`` on the same pages."""
    os.sched_setaffinity(0, {core})
    _start(folder)
    import logging

    from asn1crypto import cms, x509
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers, timestamps
    from pyhanko_certvalidator import ValidationContext

    from zhicheng.electronic.sealing import test_folder
    from zhicheng.electronic.signing import authority
    from zhicheng.electronic.signing.timestamps import LocalClock

    logging.getLogger("pyhanko").setLevel(logging.ERROR)
    held = authority.load(test_folder())
    stamp = LocalClock(held.clock)

    class Stamper(timestamps.TimeStamper):
        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            return cms.ContentInfo.load(stamp(message_digest))

    signer = signers.SimpleSigner.load(
        test_folder() / f"{authority.SIGNER}.key", test_folder() / f"{authority.SIGNER}.pem"
    )
    pages = [bytes.fromhex(each) for each in json.loads((folder / "pages-0.json").read_text())]
    # Held over all signatures, as ours are: the stamper (which remembers how large a token is) and
    # what is known of the certificates.
    stamper = Stamper()
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(held.root)], crls=[held.crl], allow_fetching=False
    )

    def sign(page: bytes) -> None:
        signers.sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(page)),
            signers.PdfSignatureMetadata(
                field_name="Seal",
                md_algorithm="sha256",
                subfilter=fields.SigSeedSubFilter.PADES,
                embed_validation_info=True,
                validation_context=context,
            ),
            signer=signer,
            timestamper=stamper,
        )

    for page in pages[:5]:
        sign(page)
    started = time.perf_counter()
    for page in pages:
        sign(page)
    return len(pages) / (time.perf_counter() - started)


def stored(folder: Path, core: int, count: int) -> dict[str, float]:
    """The real action on a document of so many people, its process on one core."""
    os.sched_setaffinity(0, {core})
    _start(folder)
    from tests.support.city import announce
    from zhicheng.electronic.making import make_electronic
    from zhicheng.organizations.models import Account, Organization

    health = Organization.objects.get(name="市卫生健康委")
    officer = Account.objects.get(username="health.officer")
    town = SimpleNamespace(health=health)
    document = announce(town, count, channel="online", grades=("senior", "intermediate"))  # type: ignore[arg-type]
    started = time.perf_counter()
    made = make_electronic(actor=officer, document_id=document[0].document_id)
    seconds = time.perf_counter() - started
    assert made.issued == count
    return {
        "seconds": seconds,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _child(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.electronic", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _chains(folder: Path, cores: list[int]) -> list[dict[str, Any]]:
    """One process on each core, begun at the same moment."""
    children = [_child("chain", str(folder), str(core), str(COUNT)) for core in cores]
    for child in children:
        assert child.stdout is not None
        child.stdout.readline()
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    found: list[dict[str, Any]] = []
    for child in children:
        assert child.stdout is not None
        found.append(json.loads(child.stdout.readline()))
        child.wait()
    return found


def _result(*arguments: str) -> Any:
    child = _child(*arguments)
    output, _ = child.communicate()
    return json.loads(output.splitlines()[-1])


def run(folder: Path, *, full: bool) -> None:
    """All figures."""
    _start(folder)
    from django.utils import timezone

    from tests.support.city import found_city
    from zhicheng.electronic.sealing import seal
    from zhicheng.reference.loading import load_reference
    from zhicheng.registers.numbering.actions import set_rule

    load_reference()
    city = found_city()
    set_rule(
        actor=city.who("office", "officer"),
        unit=city.health,
        valid_from=timezone.localdate(),
        pattern="DZ{年}{流水7}",
    )
    seal()
    (alone,) = _chains(folder, [0])
    print(f"{COUNT} electronic certificates, {alone['size'] / 1024:.0f} KB each, one core")
    for label, seconds in alone["stages"].items():
        print(f"  {label:22} {1000 * seconds / COUNT:7.2f} ms")
    rate = COUNT / alone["seconds"]
    print(f"  {'all, from row to file':22} {1000 * alone['seconds'] / COUNT:7.2f} ms")
    print(f"one core: {rate:.0f} signed certificates/s (at least 60)")
    both = _chains(folder, [0, 1])
    together = 2 * COUNT / max(each["seconds"] for each in both)
    print(f"two cores: {together:.0f} signed certificates/s (at least 100)")
    plain = _result("peer", str(folder), "0")
    ours = COUNT / alone["stages"]["signature with stamp"]
    print(
        f"signing alone: {ours:.0f}/s; pyHanko sign_pdf on the same pages {plain:.0f}/s:"
        f" {ours / plain:.1f} times"
    )
    count = FULL if full else STORED
    kept = _result("stored", str(folder), "0", str(count))
    print(
        f"with database, {count} people: {count / kept['seconds']:.0f}/s,"
        f" {kept['megabytes']:.0f} MB at most (under 700)"
    )


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments and not arguments[0].startswith("--"):
        what, where, core, *rest = arguments
        numbers = [int(each) for each in rest]
        result = {"chain": chain, "peer": peer, "stored": stored}[what](
            Path(where), int(core), *numbers
        )
        print(json.dumps(result))
    else:
        place = Path(tempfile.mkdtemp(prefix="zhicheng-bench-"))
        try:
            run(place, full="--full" in arguments)
        finally:
            from django.db import connection

            from zhicheng import embedded

            connection.close()
            embedded.release(place)
            shutil.rmtree(place, ignore_errors=True)
