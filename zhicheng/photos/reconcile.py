"""Whether registers count their people with a photo as the rule says: everything counted anew."""

from django.db import connection

_MISCOUNTED = """
WITH live AS (
    SELECT DISTINCT id_number_index, register_id FROM photos_photo WHERE removed_at IS NULL
), vouched AS (
    SELECT DISTINCT l.id_number_index FROM live l JOIN registers_registerrow v
        ON v.id_number_index = l.id_number_index AND v.register_id = l.register_id AND v.accepted
), shown AS (
    SELECT w.register_id FROM registers_registerrow w
    JOIN vouched USING (id_number_index) WHERE w.accepted
    UNION ALL
    SELECT w.register_id FROM registers_registerrow w
    JOIN live USING (id_number_index, register_id) WHERE NOT w.accepted
)
SELECT r.number, r.photo_count, coalesce(h.n, 0) FROM registers_register r
LEFT JOIN (SELECT register_id, count(*) AS n FROM shown GROUP BY 1) h ON h.register_id = r.id
WHERE r.photo_count <> coalesce(h.n, 0) ORDER BY r.id LIMIT %s
"""


def miscounted(most: int) -> list[tuple[str, int, int]]:
    """Registers that say a wrong number of people with a photo: number, said, counted."""
    with connection.cursor() as cursor:
        cursor.execute(_MISCOUNTED, [most])
        return cursor.fetchall()
