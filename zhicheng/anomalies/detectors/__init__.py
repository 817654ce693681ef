"""Each detector: one question to the database over the whole city, giving what is unusual.

A detector takes the thresholds and the moment, and writes nothing. Its statements don't grow
with what it finds.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from zhicheng.anomalies.detectors import accounts, certificates, logins, numbers, papers, spoiling
from zhicheng.anomalies.rules import Found, Thresholds

Detector = Callable[[Thresholds, datetime], list[Found]]

DETECTORS: Sequence[Detector] = (
    certificates.persons_with_many,
    numbers.numbers_out_of_line,
    papers.same_recipients,
    papers.changed_approvals,
    spoiling.spoilage,
    accounts.unmasking,
    accounts.exports,
    logins.odd_hours,
    logins.failed_logins,
    logins.many_names,
)
