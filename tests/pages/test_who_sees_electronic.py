"""Electronic certificates and their files are for those whom they concern (invariant 9, 10)."""

import pytest
from django.test import Client

from tests.pages.addresses import OF_ONLINE, ONLINE_STEPS
from tests.pages.things import electronic
from tests.support.city import City
from tests.support.pages import logged_in
from zhicheng.certificates.models import Certificate
from zhicheng.protection import reveal

pytestmark = pytest.mark.django_db


def test_electronic_certificates_are_for_those_whom_they_concern(city: City) -> None:
    names = electronic(city)
    numbers = [reveal(bytes(item.id_number_cipher)) for item in Certificate.objects.all()]
    for account in city.accounts.values():
        client = logged_in(account)
        for path in OF_ONLINE:
            answer = client.get(path.format(**names), follow=True)
            assert answer.status_code in (200, 403, 404), (path, account)
            text = answer.content.decode()
            assert not [number for number in numbers if number in text], path
    for who in (("district", "clerk"), ("enterprise", "officer"), ("industry", "embosser")):
        client = logged_in(city.who(*who))
        for path in OF_ONLINE:
            assert client.get(path.format(**names)).status_code == 404, (path, who)
        for path in ONLINE_STEPS:
            assert client.post(path.format(**names)).status_code in (403, 404), (path, who)
    administrator = logged_in(city.who("office", "administrator"))
    auditor = logged_in(city.who("office", "auditor"))
    for path in OF_ONLINE:
        assert administrator.get(path.format(**names)).status_code in (403, 404), path
        assert auditor.get(path.format(**names), follow=True).status_code == 200, path
    for path in ONLINE_STEPS:
        assert auditor.post(path.format(**names)).status_code == 403, path
        answer = Client().post(path.format(**names))
        assert answer.headers["Location"].startswith("/login/?next="), path
