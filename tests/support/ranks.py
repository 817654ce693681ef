"""Whether two samples come from the same distribution: rank tests in a few lines."""

import math
from collections.abc import Sequence
from itertools import groupby


def common_language(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """(effect, p) of Mann-Whitney: how often one of ``first`` is larger, ties half; 0.5 is even.

    The normal approximation with the correction for ties, two-sided; for hundreds of values.
    """
    pooled = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    ranks, ties, place = 0.0, 0.0, 0
    for _value, group in groupby(pooled, key=lambda item: item[0]):
        members = list(group)
        size = len(members)
        ranks += sum(which == 0 for _value, which in members) * (place + (size + 1) / 2)
        ties += size**3 - size
        place += size
    m, n = len(first), len(second)
    larger = ranks - m * (m + 1) / 2
    total = m + n
    variance = m * n / 12 * (total + 1 - ties / (total * (total - 1)))
    z = (larger - m * n / 2) / math.sqrt(variance) if variance else 0.0
    return larger / (m * n), math.erfc(abs(z) / math.sqrt(2))


def kolmogorov_smirnov(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """(distance, p) of the two samples' distributions; the asymptotic p."""
    m, n = len(first), len(second)
    pooled = sorted([(value, 1 / m) for value in first] + [(value, -1 / n) for value in second])
    distance, difference = 0.0, 0.0
    for _value, group in groupby(pooled, key=lambda item: item[0]):
        difference += sum(step for _value, step in group)
        distance = max(distance, abs(difference))
    scaled = (math.sqrt(m * n / (m + n)) + 0.12) * distance
    terms = (2 * (-1) ** (k - 1) * math.exp(-2 * k * k * scaled * scaled) for k in range(1, 101))
    return distance, min(1.0, max(0.0, sum(terms))) if scaled > 0.2 else 1.0
