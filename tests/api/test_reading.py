from collections.abc import Callable

from django.test import Client

from tests.support.city import City, accepted_register, carry, deliver


def test_first(city: City, caller: Callable[..., Client]) -> None:
    register = accepted_register(city, 3)
    deliver(city, 20)
    carry(city, register, "issued")
    client = caller()
    for path in ("key","reference/levels","reference/series","reference/grades","reference/regions","reference/qualifications","certificates/changes","revocations","revocations/jws","revocations/cose","certificates/export","certificates/export?format=parquet","certificates/export?format=ndjson.gz","certificates/export?id_numbers=whole", "nowhere/x","registers"):
        answer = client.get(f"/api/v1/{path}")
        print(path, answer.status_code, dict(answer.headers).get("RateLimit"))
        body = answer.getvalue() if answer.streaming else answer.content
        print(body[:900])
    n = register.certificates.first().number
    print(client.get(f"/api/v1/certificates/{n}").content.decode())
    print(client.get(f"/api/v1/certificates/{n}?id_numbers=whole").content.decode())
    print(client.post(f"/api/v1/certificates/{n}").content.decode())
    print(client.get("/api/v1/openapi.json").content.decode()[:3000])
    assert 0
