"""What an account may be, and how its organisation may stand to an object."""

from collections.abc import Mapping
from enum import Enum, StrEnum


class Role(StrEnum):
    """What an account may be. One account has one role in one organisation."""

    CLERK = "clerk"
    OFFICER = "officer"
    EMBOSSER = "embosser"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


ROLE_LABELS: Mapping[Role, str] = {
    Role.CLERK: "经办人",
    Role.OFFICER: "负责人",
    Role.EMBOSSER: "钢印员",
    Role.AUDITOR: "审计员",
    Role.ADMINISTRATOR: "系统管理员",
}


class Relation(Enum):
    """How an organisation stands to an object."""

    REPORTING = "reporting"  # 填报单位: filed the register
    SUPERVISING = "supervising"  # 主管部门: endorses it
    ISSUING = "issuing"  # 发放单位: collects the blanks, fills in, seals, issues
    APPROVING = "approving"  # 资格核准部门
    EMBOSSING = "embossing"  # whoever embosses this certificate (N8)
    MUNICIPAL = "municipal"  # 市职改办, whatever the object
    EMPLOYING = "employing"  # 用人单位: whoever employs people may verify their certificates
    ANY = "any"  # no relation asked for
