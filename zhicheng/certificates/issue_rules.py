"""What holds of agents who take certificates for others: name, ID number, authorisation (N8)."""

from datetime import date

from zhicheng.values import id_number
from zhicheng.values.refusal import Refusal

_PROBLEMS = {
    id_number.MALFORMED: "号码的位数或字符不对",
    id_number.CHECKSUM: "校验码不符，号码有误",
    id_number.BIRTH_DATE: "号码中的出生日期不存在",
}


def agents_id_number(text: str, today: date) -> tuple[str, str]:
    """(number, kind of document) as it is kept; raises Refusal that never repeats the number."""
    number, _codes = id_number.tidy(text)
    kind = id_number.kind_of(number)
    fault = ""
    if not number:
        fault = "未填写"
    elif kind is None:
        fault = _PROBLEMS[id_number.MALFORMED]
    elif len(number) == id_number.LENGTH:
        found = id_number.problems(number, today)
        fault = _PROBLEMS.get(found[0], "号码有误") if found else ""
    if fault or kind is None:
        raise Refusal(
            "issue.agent_id_number",
            "代领人的身份证号码不能使用。",
            clause="N8",
            found=fault,
            expected="18 位居民身份证号码，或居住证、护照号码",
            mend="请对照代领人出示的证件重新填写。",
        )
    return number, kind


def require_agent(*, name: str, relation: str, relation_text: str, checked: bool) -> None:
    """Everything that must be said of an agent but the number and the file."""
    lacking = []
    if not name.strip():
        lacking.append("姓名")
    if not relation:
        lacking.append("与持证人关系")
    if relation == "other" and not relation_text.strip():
        lacking.append("关系说明")
    if not checked:
        lacking.append("核对身份证")
    if lacking:
        raise Refusal(
            "issue.agent_incomplete",
            "代领人的登记不完整，没有保存。",
            clause="N8",
            found=f"缺：{'、'.join(lacking)}",
            expected="姓名、身份证号码、与持证人关系、授权材料，并核对代领人身份证",
            mend="请补全后再登记。",
        )
