"""How often one address may ask, and holders about one certificate.

Counted in PostgreSQL, the same for every web process. Every public page counts here; the table
stands with the public query (``QuestionCount``).
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from zhicheng.protection import blind_index
from zhicheng.values.refusal import Refusal

PER_MINUTE = 30
PER_HOUR = 20  # holder's questions about one certificate


class TooOften(Refusal):
    """An address asked too often; a minute later it may again."""

    status = 429


def count_question(request: HttpRequest) -> None:
    """Counts a question of this address; raises TooOften beyond the limit.

    Addresses are kept as keyed digests and forgotten after an hour.
    """
    header = getattr(settings, "ZHICHENG_ADDRESS_HEADER", "REMOTE_ADDR")
    address = request.META.get(header, "").split(",")[0].strip()
    minute = timezone.now().replace(second=0, microsecond=0)
    questions = _counted(f"address {address}", minute)
    if questions == 1:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM verification_questioncount WHERE minute < %s",
                [minute - timedelta(hours=1)],
            )
    limit = getattr(settings, "ZHICHENG_QUESTIONS_PER_MINUTE", PER_MINUTE)
    if questions > limit:
        raise TooOften(
            "query.too_often",
            "查询过于频繁，请一分钟后再试。",
            found=f"本分钟已查询 {questions} 次",
            expected=f"每分钟不超过 {limit} 次",
        )


def count_holder(number: str) -> None:
    """Counts a holder's question about a certificate number; raises TooOften beyond the limit.

    Whoever knows name, number and the masked ID number from a photo could try what is masked
    (some thousand possibilities), from many addresses at once. Counted whether or not there is
    such a certificate.
    """
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    questions = _counted(f"certificate {number.strip()}", hour)
    limit = getattr(settings, "ZHICHENG_HOLDER_QUESTIONS_PER_HOUR", PER_HOUR)
    if questions > limit:
        raise TooOften(
            "query.holder_too_often",
            "这个证书编号核对的次数过多，请一小时后再试。",
            found=f"本小时已核对 {questions} 次",
            expected=f"每个证书编号每小时不超过 {limit} 次",
        )


def _counted(key: str, moment: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO verification_questioncount (address, minute, questions)
            VALUES (%s, %s, 1)
            ON CONFLICT (address, minute) DO UPDATE
                SET questions = verification_questioncount.questions + 1
            RETURNING questions
            """,
            [blind_index(key), moment],
        )
        (questions,) = cursor.fetchone()
    return int(questions)
