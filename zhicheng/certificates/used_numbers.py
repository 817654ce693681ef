"""Tells the numbering which certificate numbers certificates bear."""

from collections.abc import Collection, Mapping

from zhicheng.certificates.models import Certificate


def numbers_on_certificates(numbers: Collection[str]) -> Mapping[str, str]:
    """The numbers that a certificate bears, with its register."""
    found = Certificate.objects.filter(number__in=list(numbers))
    return {
        number: f"登记表{register}的证书" if register else "已有的证书"
        for number, register in found.values_list("number", "register__number")
    }
