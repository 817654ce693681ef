"""Other systems in the demo: the city's query system with a key, and who is told of events."""

from datetime import timedelta

from django.utils import timezone

from zhicheng.api.actions import create_key, rotate_key
from zhicheng.api.rules import Event, Scope
from zhicheng.api.webhooks import subscribe
from zhicheng.demo.city import City
from zhicheng.demo.clock import Course
from zhicheng.notifications import messengers
from zhicheng.notifications.kinds import Group
from zhicheng.notifications.models_messengers import Style


def tell_interfaces(city: City) -> Course:
    """A key whose text nobody has, an older one of the same system, a subscription and a robot.

    The demo sends nothing to anybody: the addresses are of a reserved name that no one answers to,
    so what is sent there shows how failures look.
    """
    officer = city.accounts["office.officer"]
    yield city.days.ago(60, 10)
    now = timezone.now()
    first = create_key(
        actor=officer,
        organization=officer.organization,
        name="市职称证书查询系统",
        scopes=[
            Scope.CERTIFICATES_READ.value,
            Scope.ID_NUMBERS_READ.value,
            Scope.REVOCATIONS_READ.value,
            Scope.REFERENCE_READ.value,
        ],
        purpose="公众凭姓名和身份证号码查询证书时核对身份",
        expires_at=now + timedelta(days=180),
    )
    yield city.days.ago(2, 11)
    rotate_key(actor=officer, key_id=first.key.pk, overlap=timedelta(days=7))
    create_key(
        actor=officer,
        organization=officer.organization,
        name="职称评审系统",
        scopes=[Scope.APPROVALS_WRITE.value, Scope.REFERENCE_READ.value],
        expires_at=now + timedelta(days=365),
    )
    subscribe(
        actor=officer,
        organization=officer.organization,
        url="https://query.zhicheng.invalid/hooks/certificates",
        events=[Event.LOST.value, Event.FOUND.value, Event.VOID.value],
    )
    yield city.days.ago(1, 9, 15)
    messengers.connect(
        actor=officer,
        organization=officer.organization,
        name="职改办工作群",
        style=Style.WECOM,
        url="https://messenger.zhicheng.invalid/robots/office",
        groups=[Group.REGISTER.value, Group.ALARM.value],
    )
