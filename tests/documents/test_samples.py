"""The samples that are looked at before a release can be made."""

from pathlib import Path

from zhicheng.documents.samples import sample_id_number, write_samples


def test_every_document_has_a_sample(tmp_path: Path) -> None:
    files = write_samples(tmp_path / "out")
    assert {file.stem.split("-")[0] for file in files} == {
        "register",
        "certificate",
        "handover",
        "exchange",
        "destruction",
        "reissue",
        "transfer",
        "signature",
        "verification",
    }
    assert all(file.read_bytes().startswith(b"%PDF-") for file in files)


def test_sample_people_have_distinct_valid_numbers() -> None:
    numbers = [sample_id_number(index) for index in range(300)]
    assert len(set(numbers)) == 300
    weights = [2 ** (17 - place) % 11 for place in range(18)]
    for number in numbers:
        digits = [10 if sign == "X" else int(sign) for sign in number]
        assert sum(d * w for d, w in zip(digits, weights, strict=True)) % 11 == 1
