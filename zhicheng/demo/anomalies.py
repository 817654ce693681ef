"""What the made-up city's discipline inspector looks at (N18)."""

from zhicheng.anomalies import actions
from zhicheng.anomalies.models import Anomaly, AnomalyKind
from zhicheng.audit.recording import recorded
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.certificates.unmasking import show_id_number
from zhicheng.demo.city import City
from zhicheng.demo.clock import Course
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.sessions import FAILED, LOGIN, LOGOUT, Stranger

LOOKS = 34
TRIES = 12
NIGHTS = (16, 11, 9, 6)  # working days ago


def tell_anomalies(city: City) -> Course:
    """Somebody looks at many ID numbers, tries passwords, comes at night; one is under inquiry."""
    clerk, auditor = city.accounts["health.clerk"], city.accounts["auditor"]
    ago = city.days.ago
    night = city.accounts["industry.clerk"]
    for day in NIGHTS:
        yield ago(day, 23, 12)
        with recorded(night, LOGIN) as record:
            record(subject=night)
        yield ago(day, 23, 47)
        with recorded(night, LOGOUT) as record:
            record(subject=night)
    yield ago(5, 17, 25)
    mine = Certificate.objects.filter(
        issuing_unit=clerk.organization, state=CertificateState.ISSUED
    ).order_by("pk")
    for certificate in mine[:LOOKS]:
        show_id_number(actor=clerk, certificate=certificate, purpose="inquiry")
    for _time in range(max(0, LOOKS - mine.count())):
        show_id_number(actor=clerk, certificate=mine[0], purpose="inquiry")
    yield ago(3, 22, 40)
    for _time in range(TRIES):
        with recorded(Stranger("health.officer"), FAILED) as record:
            record()
    yield ago(1, 18)
    actions.look(actor=CONSOLE)
    looked = Anomaly.objects.filter(kind=AnomalyKind.UNMASKING).first()
    if looked is not None:
        inquiry = actions.open_inquiry(
            actor=auditor, anomaly_ids=[looked.pk], subject="市卫生健康委经办账号集中查看身份证号码"
        )
        yield ago(0, 9)
        actions.add_inquiry_entry(
            actor=auditor,
            inquiry_id=inquiry.pk,
            text="已向该单位发函，请说明集中查看的事由，并调阅当日发放记录。",
        )
