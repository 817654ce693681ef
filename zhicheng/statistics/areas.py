"""Whose figures an account may see: the whole city, or its organisation's own area (invariant 9).

Each organisation has one area and no second: two that overlap could be subtracted from each other,
and the difference is a small group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import PERMISSIONS, Action, Relation, Role
from zhicheng.statistics.definitions import DIMENSIONS, Dimension, Measure

_ALWAYS = (
    Dimension.YEAR,
    Dimension.SERIES,
    Dimension.LEVEL,
    Dimension.MODE,
    Dimension.CHANNEL,
    Dimension.SEX,
    Dimension.AGE,
)
# Outside the office no dimension beside one that it follows from (grade from level, qualification
# and series, district and unit): the finer and the coarser table together would tell small groups.
_BESIDE: Mapping[Dimension, tuple[Dimension, ...]] = {
    Dimension.REGION: (Dimension.UNIT,),
    Dimension.ISSUER: (Dimension.UNIT,),
    Dimension.DEPARTMENT: (Dimension.ISSUER,),
    Dimension.UNIT: (),
}
OUTSIDE_MEASURES = (Measure.PASSED, Measure.ISSUED, Measure.REISSUED)


@dataclass(frozen=True)
class Area:
    """A part of the figures: all of them, or those with one code in one dimension.

    ``exact`` is whether small groups are shown.
    """

    organization: Organization
    dimension: Dimension | None
    code: int
    exact: bool

    def parties(self) -> Mapping[Relation, set[int]]:
        """The organisation stands to its own area as to its own work."""
        mine = {self.organization.pk}
        return {Relation.REPORTING: mine, Relation.ISSUING: mine, Relation.APPROVING: mine}

    @property
    def where(self) -> dict[Dimension, int]:
        """What every count is narrowed to."""
        return {} if self.dimension is None else {self.dimension: self.code}

    @property
    def dimensions(self) -> Sequence[Dimension]:
        """By what may be counted."""
        if self.exact or self.dimension is None:
            return [item for item in Dimension if item in DIMENSIONS]
        allowed = (*_ALWAYS, *_BESIDE[self.dimension])
        return [item for item in Dimension if item in allowed]

    @property
    def measures(self) -> Sequence[Measure]:
        """What may be counted."""
        return list(Measure) if self.exact else list(OUTSIDE_MEASURES)


def area_of(account: Account) -> Area:
    """The account's one area."""
    organization = account.organization
    grants = PERMISSIONS[Action.STATISTICS_VIEW]
    if organization.is_municipal_office or (Role(account.role), Relation.ANY) in grants:
        return Area(organization, None, 0, exact=True)
    if organization.kind == Kind.DISTRICT_OFFICE and organization.region_id:
        return Area(organization, Dimension.REGION, organization.region_id, exact=False)
    if organization.is_approving_department and organization.kind == Kind.MUNICIPAL_DEPARTMENT:
        return Area(organization, Dimension.DEPARTMENT, organization.pk, exact=False)
    if organization.has_authority:
        return Area(organization, Dimension.ISSUER, organization.pk, exact=False)
    return Area(organization, Dimension.UNIT, organization.pk, exact=False)
