"""At the counter of the made-up city: a slip on its way, an agent with an authorisation (N8)."""

import io

from PIL import Image, ImageDraw

from zhicheng.certificates import actions, issuing, transfers
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.demo.city import City
from zhicheng.demo.clock import Course
from zhicheng.demo.people import people
from zhicheng.files.store import Prepared, prepare
from zhicheng.reference.models import Grade

TAKEN = 3


def tell_counter(city: City) -> Course:
    """Senior certificates on their way to the office's seal; three taken by their unit's clerk."""
    clerk = city.accounts["health.clerk"]
    office = city.accounts["office.officer"].organization
    yield city.days.ago(21, 10, 15)
    complete = Certificate.objects.filter(
        issuing_unit=clerk.organization, state=CertificateState.EMBOSSED
    ).exclude(register=None)
    first = complete.order_by("register_id", "position").first()
    assert first is not None
    agent = issuing.name_agent(
        actor=clerk,
        name="秦素问",
        id_number=next(people(4242)).id_number,
        relation="unit_clerk",
        authorisation=authorisation(),
        id_checked=True,
    )
    actions.issue(
        actor=clerk,
        register_id=first.register_id,
        certificate_ids=list(
            complete.filter(register=first.register_id)
            .order_by("position")
            .values_list("pk", flat=True)[:TAKEN]
        ),
        agent_id=agent.pk,
        id_checked=True,
    )
    yield city.days.ago(1, 16)
    sealed = Certificate.objects.filter(
        issuing_unit=clerk.organization,
        embosser=office,
        state=CertificateState.SEALED,
        grade=Grade.SENIOR,
    ).exclude(register=None)
    if sealed.exists():
        slip = transfers.make_slip(actor=clerk, embosser_id=office.pk, everything=True)
        transfers.send(actor=clerk, slip_id=slip.pk, carried_by="谭小雨")


def authorisation() -> Prepared:
    """A sheet that says that it is none."""
    sheet = Image.new("RGB", (620, 877), "white")
    drawing = ImageDraw.Draw(sheet)
    drawing.rectangle((40, 40, 580, 837), outline="black")
    drawing.text((200, 120), "AUTHORISATION (DEMONSTRATION)", fill="black")
    drawing.text((80, 200), "Nobody authorises anybody to anything by this sheet.", fill="black")
    content = io.BytesIO()
    sheet.save(content, "PNG")
    return prepare(content.getvalue(), "授权委托书（演示）.png")
