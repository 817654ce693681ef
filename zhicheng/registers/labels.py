"""What each finding is called on the page; the codes are the same in the command line and API."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FINDING_LABELS: Mapping[str, str | Promise] = {
    "required": _("必填项为空"),
    "id_number.malformed": _("身份证号码格式不对"),
    "id_number.checksum": _("身份证号码校验码不符"),
    "id_number.birth_date": _("身份证号码中的出生日期不对"),
    "id_number.precision_lost": _("身份证号码后几位已丢失"),
    "sex.malformed": _("性别填写不规范"),
    "sex.mismatch_id_number": _("性别与身份证号码不符"),
    "name.malformed": _("姓名填写不规范"),
    "date.malformed": _("批准时间无法识别"),
    "document_number.malformed": _("批准文号格式不对"),
    "certificate_number.malformed": _("证书编号不合编号规则"),
    "certificate_number.duplicate": _("证书编号在本表重复"),
    "certificate_number.taken": _("证书编号已被使用"),
    "person.duplicate": _("同一人重复填报"),
    "person.already_certified": _("该资格已经办理过证书"),
    "qualification.unknown": _("资格名称不在目录中"),
    "approval.unknown": _("没有这份核准文件"),
    "approval.person_not_listed": _("核准文件中没有此人"),
    "approval.name_differs": _("姓名与核准文件不一致"),
    "approval.qualification_differs": _("资格名称与核准文件不一致"),
    "approval.specialty_differs": _("专业名称与评审表不一致"),
    "approval.date_differs": _("批准时间与核准文件不一致"),
    "approval.self_issued": _("自主评审，不发统一证书"),
    "approval.online": _("线上评审，由系统生成证书"),
    "approval.person_missing": _("核准文件列有、登记表没有"),
    "work_unit.differs": _("工作单位与核准文件不一致"),
    "tidied.width": _("全角改为半角"),
    "tidied.spaces": _("删除多余空格"),
    "tidied.name_dot": _("统一姓名间隔号"),
    "tidied.brackets": _("规范括号"),
    "tidied.date": _("统一日期写法"),
    "tidied.case": _("末位改为大写 X"),
    "tidied.merged": _("取自合并单元格"),
    "tidied.hidden_row": _("隐藏行已一并读取"),
}


def finding_label(code: str) -> str:
    """The finding's name; the code itself for one that has none yet."""
    return str(FINDING_LABELS.get(code, code))
