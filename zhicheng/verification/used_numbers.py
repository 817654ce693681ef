"""Tells the numbering which certificate numbers old ledgers hold."""

from collections.abc import Collection, Mapping

from zhicheng.verification.models import LegacyRecord


def numbers_in_old_ledgers(numbers: Collection[str]) -> Mapping[str, str]:
    """The numbers of legacy records, with the ledger that they come from."""
    found = LegacyRecord.objects.filter(certificate_number__in=list(numbers))
    return {
        number: f"历史证书（{origin}）"
        for number, origin in found.values_list("certificate_number", "origin")
    }
