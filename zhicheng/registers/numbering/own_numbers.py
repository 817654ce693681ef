"""Holds a unit's own certificate numbers against the rules that may have made them; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from zhicheng.registers.numbering.rules import OF_APPROVAL, Place, Rule


@dataclass(frozen=True)
class Numbering:
    """What a register's own numbers are held against: ``rules``, today's first.

    ``region`` is the code of the reporting unit's region.
    """

    rules: Sequence[Rule]
    register_year: int = 0
    region: str = ""

    def fault(self, number: str, *, grade: str, approved_in: int) -> str:
        """What is wrong with the number; empty when one of the rules could have made it.

        ``grade`` and ``approved_in`` (a year) are what the row is about, empty and 0 where that
        isn't certain. Told by the rule whose form the number has, else by today's.
        """
        told = ""
        for rule in self.rules:
            of_approval = rule.year_source == OF_APPROVAL
            year = approved_in if of_approval else self.register_year
            said = rule.fault(number, Place(grade, year, self.region))
            if not said:
                return ""
            if not told or rule.expression.fullmatch(number):
                told = said
        return told
