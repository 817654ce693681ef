"""A certificate whose blank was lost goes on: on a spare, or it waits for a blank (N9).

It bears no seal any more and is in no public answer before it is sealed, embossed and issued anew.
"""

from collections.abc import Mapping, Sequence

from zhicheng.blanks.losses import Carried
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.spoilage import move_certificates


def carry_on(lost: Sequence[int], spares: Mapping[int, int]) -> Carried:
    """Puts the certificates that lay on ``lost`` blanks on their spares, or lets them wait."""
    numbers = {
        serial: number
        for serial, number in Certificate.objects.filter(blank_serial__in=list(lost))
        .order_by("blank_serial")
        .values_list("blank_serial", "number")
        if serial is not None
    }
    ids, digests = move_certificates(list(lost), dict(spares))
    return Carried(numbers, ids, digests)
