"""How far an approval document's certificates are, over the wire (N15-N17)."""

from enum import StrEnum

from ninja import Field, Schema

from zhicheng.api.words import marked as _


class Way(StrEnum):
    """How the people of a document get their certificates."""

    ELECTRONIC = "electronic"
    PAPER = "paper"
    OWN = "own"


class HindranceOut(Schema):
    """Why somebody (or, without a name, everybody) has no certificate yet."""

    name: str | None = Field(examples=["张伟"])
    rule: str = Field(examples=["name.no_glyph"])
    message: str = Field(examples=["姓名中有字库没有的字。"])
    mend: str = Field(examples=["请核对姓名。"])


class ApprovalOut(Schema):
    """An approval document and how far its electronic certificates are."""

    document_number: str = Field(examples=["渝职改〔2026〕8号"])
    department: str = Field(description=_("核准部门"), examples=["市卫生健康委"])
    way: Way = Field(
        description=_(
            "electronic：线上，系统生成；paper：线下，登记表；own：自主评审，单位自行发放"
        )
    )
    people: int = Field(description=_("人数"), examples=[12])
    issued: int = Field(description=_("已签发电子证书"), examples=[11])
    waiting_photo: int = Field(description=_("待补照片"), examples=[1])
    left: int = Field(description=_("还没有电子证书"), examples=[0])
    hindrances: list[HindranceOut]
