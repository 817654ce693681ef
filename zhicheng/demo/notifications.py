"""What the demo's people were told: from the city's own audit chain, the older part read."""

from django.db import connection

from zhicheng.notifications.making import make

UNREAD = 4  # for each account


def tell_notifications() -> None:
    """Makes them as the worker does, and reads all but the newest few of each account."""
    make()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE notifications_notification SET read_at = now() WHERE id IN (
                SELECT id FROM (
                    SELECT id, row_number() OVER (PARTITION BY account_id ORDER BY id DESC) AS place
                    FROM notifications_notification) AS told
                WHERE place > %s)
            """,
            [UNREAD],
        )
