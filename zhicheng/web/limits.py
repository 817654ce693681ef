"""How often one address may ask: counted in PostgreSQL, the same for every web process.

Every public page counts here; the table stands with the public query (``QuestionCount``).
"""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from zhicheng.protection import blind_index
from zhicheng.values.refusal import Refusal

PER_MINUTE = 30


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
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO verification_questioncount (address, minute, questions)
            VALUES (%s, %s, 1)
            ON CONFLICT (address, minute) DO UPDATE
                SET questions = verification_questioncount.questions + 1
            RETURNING questions
            """,
            [blind_index(f"address {address}"), minute],
        )
        (questions,) = cursor.fetchone()
        if questions == 1:
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
