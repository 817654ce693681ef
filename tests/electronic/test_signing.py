"""The signature: PAdES B-LT that a validator trusts, now and later; any changed byte is found."""

import asyncio
import io
import os
import random
import secrets
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.ades import simulate_future_ades_lta_validation
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from tests.electronic.sample import PLAIN, seal_of, signed
from zhicheng.documents.electronic_certificate import EMBEDDED_NAME, render, seal_box
from zhicheng.electronic.signing import authority, verifying
from zhicheng.electronic.signing.authority import TestAuthority
from zhicheng.electronic.signing.pades import PadesSeal
from zhicheng.electronic.signing.revision import Proof, ShapeError, add_signature
from zhicheng.electronic.signing.timestamps import LocalClock
from zhicheng.electronic.signing.verifying import verify


@pytest.fixture(scope="session")
def file(test_ca: TestAuthority) -> bytes:
    return signed(test_ca)


def the_signature(pdf: bytes) -> "PdfFileReader":
    return PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0]


def hole(pdf: bytes) -> tuple[int, int]:
    """Where the signature's own bytes begin and end: the one part that no signature can cover."""
    begin = pdf.rindex(b"/Contents<") + len(b"/Contents")
    return begin, pdf.index(b">", begin) + 1


def test_pyhanko_finds_it_intact_and_trusted_by_the_test_authority(
    file: bytes, test_ca: TestAuthority
) -> None:
    root = x509.Certificate.load(test_ca.root)
    context = ValidationContext(
        trust_roots=[root], crls=[test_ca.crl], allow_fetching=False, revocation_mode="require"
    )
    status = validate_pdf_signature(the_signature(file), context)
    assert status.bottom_line
    assert status.intact and status.valid and status.trusted
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    stamp = status.timestamp_validity
    assert stamp.intact and stamp.valid and stamp.trusted


def test_it_is_b_lt_by_what_is_in_the_file(file: bytes, test_ca: TestAuthority) -> None:
    signature = the_signature(file)
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    attributes = {each["type"].native for each in signature.signer_info["signed_attrs"]}
    assert {"content_type", "message_digest", "signing_certificate_v2"} <= attributes
    assert "signing_time" not in attributes  # PAdES: the dictionary's /M says it
    assert "/M" in signature.sig_object
    (token,) = extract_tst_data_iter(signature.signer_info, signed=False)
    assert token["encap_content_info"]["content_type"].native == "tst_info"
    store = signature.reader.root["/DSS"]
    assert {each.get_object().data for each in store["/CRLs"]} == {test_ca.crl}
    certificates = {each.get_object().data for each in store["/Certs"]}
    assert certificates == {
        test_ca.root,
        test_ca.signer.certificate,
        test_ca.clock.certificate,
    }


def test_it_holds_at_a_later_time(file: bytes, test_ca: TestAuthority) -> None:
    """Years later, without network, by the stamp and the proofs in the file.

    First as this product judges, at the time of the stamp; then by ETSI EN 319 102-1 as pyHanko
    simulates it for an archive that can prove that the file existed now (our audit chain holds its
    digest), when the signer's certificate and the revocation list have long expired.
    """
    assert verify(file, [test_ca.root]).level == "PAdES-B-LT"
    root = x509.Certificate.load(test_ca.root)
    signature = the_signature(file)
    (token,) = extract_tst_data_iter(signature.signer_info, signed=False)
    stamped = token["encap_content_info"]["content"].parsed["gen_time"].native
    # Without what the file carries, a later look at its own time finds no proof.
    bare = ValidationContext(
        trust_roots=[root],
        moment=stamped,
        allow_fetching=False,
        revocation_mode="require",
        crls=[],
    )
    assert not validate_pdf_signature(signature, bare).trusted
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build([root]),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
    )
    spec = PdfSignatureValidationSpec(
        SignatureValidationSpec(
            policy, RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY)
        )
    )
    after = test_ca.signer.parsed.not_valid_after_utc + timedelta(days=30)
    result = asyncio.run(simulate_future_ades_lta_validation(the_signature(file), spec, after))
    assert result.ades_subindic == AdESPassed.OK, result.failure_msg
    assert result.best_signature_time < test_ca.signer.parsed.not_valid_after_utc


PIECES = 10


@pytest.mark.parametrize("part", range(PIECES))
def test_any_changed_byte_is_found(file: bytes, test_ca: TestAuthority, part: int) -> None:
    """Every run takes other ones."""
    _change_some(file, test_ca, part, 2, secrets.randbits(32))


@pytest.mark.long
@pytest.mark.parametrize("part", range(PIECES))
def test_any_changed_byte_is_found_many_times(
    file: bytes, test_ca: TestAuthority, part: int
) -> None:
    """5,000 in ten pieces of less than a minute's work each."""
    _change_some(file, test_ca, part, 500, int(os.environ.get("SEED", "7")) + part)


def _change_some(file: bytes, ca: TestAuthority, part: int, count: int, seed: int) -> None:
    """Changes so many bytes of that piece of the file, one at a time."""
    begin, end = hole(file)
    page, added = range(len(render(PLAIN))), range(len(render(PLAIN)), len(file))
    covered = [at for at in added if not begin <= at < end]
    # Most of the file are pages and fonts; what the signature added gets four pieces of its own.
    places = page[part::6] if part < 6 else covered[part - 6 :: 4]
    chance = random.Random(seed)  # noqa: S311
    for _time in range(count):
        at, other = chance.choice(places), chance.randint(1, 255)
        changed = bytearray(file)
        changed[at] ^= other
        verdict = verify(bytes(changed), [ca.root])
        told = f"seed {seed}: byte {at} xor {other}: {verdict.reason}"
        assert verdict.reason in {"changed", "damaged", "unsigned", "not_a_pdf"}, told
        assert not verdict.is_intact


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_signature_never_looks_like_another(
    file: bytes, test_ca: TestAuthority, data: st.DataObject
) -> None:
    """Within the signature itself a change breaks it, or is but padding: never another signer."""
    begin, end = hole(file)
    at = data.draw(st.integers(begin + 1, end - 2))
    changed = bytearray(file)
    changed[at : at + 1] = data.draw(st.sampled_from([b"0", b"7", b"f"]))
    verdict = verify(bytes(changed), [test_ca.root])
    assert verdict.reason or verdict.fingerprint == test_ca.signer.fingerprint


def test_something_appended_is_found(file: bytes, test_ca: TestAuthority) -> None:
    for tail in (b"\n", b"x", b"\n%%EOF\n", file[-600:]):
        assert not verify(file + tail, [test_ca.root]).is_intact


def test_truncated_and_unsigned_files_are_told_apart(file: bytes, test_ca: TestAuthority) -> None:
    assert verify(render(PLAIN), [test_ca.root]).reason == "unsigned"
    assert verify(b"GIF89a", [test_ca.root]).reason == "not_a_pdf"
    assert verify(b"", [test_ca.root]).reason == "not_a_pdf"
    for length in (10, 5_000, len(file) // 2, len(file) - 5):
        assert not verify(file[:length], [test_ca.root]).is_intact


def test_another_authoritys_signature_is_not_trusted(
    file: bytes, test_ca: TestAuthority, tmp_path: Path
) -> None:
    """The same names, other keys: what somebody would make who wants to pass for us."""
    authority.make(tmp_path / "other")
    other = authority.load(tmp_path / "other")
    verdict = verify(signed(other), [test_ca.root])
    assert verdict.reason == "untrusted" and verdict.is_intact
    assert verify(file, [other.root]).reason == "untrusted"
    assert verify(file, []).reason == "untrusted"


def test_without_a_stamp_it_is_not_enough(test_ca: TestAuthority) -> None:
    signatures = seal_of(test_ca)._signatures
    pdf = add_signature(
        render(PLAIN),
        place=_place(),
        proof=Proof(crls=(test_ca.crl,), certificates=(test_ca.root,)),
        moment=datetime.now(UTC),
        room=4000,
        sign=lambda digest: signatures.detached(digest, None),
    )
    assert verify(pdf, [test_ca.root]).reason == "no_timestamp"


def _place():  # type: ignore[no-untyped-def]
    from zhicheng.electronic.signing.revision import Field

    return Field(seal_box(), "重庆市", "签发电子职称证书")


def test_without_proof_of_no_revocation_it_is_not_trusted(test_ca: TestAuthority) -> None:
    seal = PadesSeal(test_ca.signer, LocalClock(test_ca.clock), Proof)
    pdf = seal.sign(render(PLAIN), box=seal_box(), issuer="重庆市")
    assert verify(pdf, [test_ca.root]).reason == "untrusted"


def test_only_files_of_our_own_shape_are_signed(file: bytes, test_ca: TestAuthority) -> None:
    seal = seal_of(test_ca)
    for other in (b"%PDF-1.4 nothing", file, render(PLAIN)[:-200]):
        with pytest.raises(ShapeError):
            seal.sign(other, box=seal_box(), issuer="重庆市")


def test_the_unsigned_file_stands_at_the_beginning_of_the_signed_one(
    file: bytes,
) -> None:
    assert file.startswith(render(PLAIN))


def test_embedded_data_are_read_back(file: bytes, test_ca: TestAuthority) -> None:
    assert verifying.EMBEDDED_NAME == EMBEDDED_NAME
    verdict = verify(file, [test_ca.root])
    assert verdict.data["证照编号"] == PLAIN.number
    assert verdict.signer == authority.NAMES[authority.SIGNER]
    assert verdict.signed_at is not None
    assert abs(verdict.signed_at - datetime.now(UTC)) < timedelta(hours=1)


def test_openssl_agrees(file: bytes, test_ca: TestAuthority, tmp_path: Path) -> None:
    """A second validator that shares no code with us or with pyHanko."""
    from cryptography import x509 as certificates
    from cryptography.hazmat.primitives.serialization import Encoding

    begin, end = hole(file)
    cms = bytes.fromhex(file[begin + 1 : end - 1].decode())
    length = 4 + int.from_bytes(cms[2:4], "big")
    assert cms[:2] == b"\x30\x82"
    (tmp_path / "sig.der").write_bytes(cms[:length])
    (tmp_path / "content").write_bytes(file[:begin] + file[end:])
    root = certificates.load_der_x509_certificate(test_ca.root)
    (tmp_path / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "sig.der"]
    command += [
        "-content",
        "content",
        "-CAfile",
        "root.pem",
        "-purpose",
        "any",
        "-out",
        "/dev/null",
    ]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def test_a_token_that_has_grown_finds_its_room(test_ca: TestAuthority) -> None:
    seal = seal_of(test_ca)
    seal.sign(render(PLAIN), box=seal_box(), issuer="重庆市")
    seal._room = seal._room * 3 // 4
    pdf = seal.sign(render(PLAIN), box=seal_box(), issuer="重庆市")
    assert verify(pdf, [test_ca.root]).reason == ""


def test_the_clock_sets_the_time(test_ca: TestAuthority) -> None:
    moment = datetime(2026, 11, 26, 1, 2, 3, tzinfo=UTC)
    ca = test_ca
    proof = Proof((ca.root, ca.signer.certificate, ca.clock.certificate), (ca.crl,))
    seal = PadesSeal(ca.signer, LocalClock(ca.clock, lambda: moment), lambda: proof)
    pdf = seal.sign(render(PLAIN), box=seal_box(), issuer="重庆市")
    (token,) = extract_tst_data_iter(the_signature(pdf).signer_info, signed=False)
    assert token["encap_content_info"]["content"].parsed["gen_time"].native == moment


def test_keys_of_the_test_authority_say_so_and_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / authority.FOLDER
    authority.make(folder)
    before = _contents(folder)
    authority.make(folder)
    assert _contents(folder) == before, "what is there stays"
    for path in folder.iterdir():
        assert path.name.startswith("TEST-")
        assert path.stat().st_mode & 0o777 == 0o600
    held = authority.load(folder)
    for identity in (held.signer, held.clock):
        assert "TEST" in identity.name and "演示" in identity.name and identity.is_test


def _contents(folder: Path) -> Iterator[bytes] | dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_list_of_revoked_certificates_is_kept_fresh(tmp_path: Path) -> None:
    folder = tmp_path / authority.FOLDER
    authority.make(folder)
    now = datetime.now(UTC)
    first = authority.load(folder, now=now).crl
    assert authority.load(folder, now=now + timedelta(days=3)).crl == first
    later = authority.load(folder, now=now + timedelta(days=20)).crl
    assert later != first
    assert authority.load(folder, now=now + timedelta(days=21)).crl == later
