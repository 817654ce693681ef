"""The words in which the table's parts are written."""

from collections.abc import Mapping

from zhicheng.organizations.permissions.action import Action
from zhicheng.organizations.permissions.roles import Relation, Role

Grant = tuple[Role, Relation]
Table = Mapping[Action, frozenset[Grant]]
Labels = Mapping[Action, str]

CLERK, OFFICER, EMBOSSER, AUDITOR, ADMINISTRATOR = (
    Role.CLERK,
    Role.OFFICER,
    Role.EMBOSSER,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
REPORTING, SUPERVISING, ISSUING = Relation.REPORTING, Relation.SUPERVISING, Relation.ISSUING
APPROVING, EMBOSSING, MUNICIPAL, ANY, EMPLOYING = (
    Relation.APPROVING,
    Relation.EMBOSSING,
    Relation.MUNICIPAL,
    Relation.ANY,
    Relation.EMPLOYING,
)
# Whoever prepares and whoever answers for it; with them who embosses; and everybody.
DESK = (CLERK, OFFICER)
WORKERS = (*DESK, EMBOSSER)
ALL = (*WORKERS, AUDITOR, ADMINISTRATOR)


def grants(*given: Grant) -> frozenset[Grant]:
    """To these roles in these relations."""
    return frozenset(given)


def each(roles: tuple[Role, ...], *relations: Relation) -> frozenset[Grant]:
    """To each of the roles in each of the relations."""
    return frozenset((role, relation) for role in roles for relation in relations)


AUDITORS = grants((AUDITOR, ANY))
READ_BUSINESS = each(WORKERS, REPORTING, SUPERVISING, ISSUING, APPROVING, MUNICIPAL) | AUDITORS
OFFICE = each(DESK, MUNICIPAL)
OFFICE_OFFICER = grants((OFFICER, MUNICIPAL))
UNIT_CLERK = grants((CLERK, REPORTING))
ADMIN = grants((ADMINISTRATOR, ANY))
