"""How a registration is shown, to its holder and to officers alike."""

from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.historic.models import Registration, RegistrationState


def facts(item: Registration) -> list[tuple[str, str]]:
    """What stands on the certificate; the ID number masked."""
    return [
        (_("证书编号"), item.certificate_number),
        (_("姓名"), item.name),
        (_("性别"), item.sex),
        (_("身份证号码"), item.id_number_masked),
        (_("工作单位"), item.work_unit),
        (_("专业名称"), item.specialty),
        (_("资格名称"), f"{item.qualification}（{item.get_level_display()}）"),
        (_("批准时间"), item.approval_date.isoformat()),
        (_("发证时间"), item.issued_on.isoformat() if item.issued_on else "—"),
        (_("批准文号"), item.document_number),
        (_("评委会"), item.committee or "—"),
        (_("核准部门"), item.department or "—"),
        (_("发证单位"), item.issuer or "—"),
        (_("核对单位"), item.unit.name),
        (_("联系电话"), item.telephone_masked),
    ]


def way(item: Registration) -> list[dict[str, str]]:
    """The stations as the steps component wants them."""
    at = {
        RegistrationState.ACCEPTED: 4,
        RegistrationState.CERTIFIED: 5,
        RegistrationState.CHECKED: 3,
        RegistrationState.SUBMITTED: 2,
    }.get(RegistrationState(item.state), 1)
    over = item.state in (RegistrationState.REFUSED, RegistrationState.WITHDRAWN)
    moments = [
        item.created_at,
        item.submitted_at if at > 1 else None,
        item.checked_at if at > 2 else None,
        item.accepted_at if at > 3 else None,
        item.certificate.issued_at if item.certificate else None,
    ]
    labels = (_("填写"), _("提交"), _("单位核对"), _("市职改办审核"), _("生成电子证书"))
    steps = []
    for place, (label, moment) in enumerate(zip(labels, moments, strict=True)):
        state = "done" if moment and place < at else "now" if place == at and not over else "todo"
        if place == 1 and at == 1 and not over:
            state = "now"
        note = timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""
        steps.append({"label": label, "state": state, "note": note})
    return steps
