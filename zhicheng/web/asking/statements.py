"""The statements by which questions are counted, each for all that are sent together."""

from functools import cache

from zhicheng.database.asked import relation

INSERT = """
INSERT INTO verification_askingcount (key, began, slot, questions, misses)
SELECT w.key, to_timestamp(w.began), w.slot, w.questions, w.misses
FROM unnest(%(keys)s::text::bytea[], %(begun)s::text::bigint[], %(slots)s::text::smallint[],
            %(questions)s::text::int[], %(misses)s::text::int[])
    AS w (key, began, slot, questions, misses)
ORDER BY w.key, w.began, w.slot
ON CONFLICT (key, began, slot) DO UPDATE
    SET questions = verification_askingcount.questions + EXCLUDED.questions,
        misses = verification_askingcount.misses + EXCLUDED.misses
RETURNING key, extract(epoch FROM began)::bigint AS began, slot, questions, misses
"""
# What was counted, the hour before of each address, and the other slots of the overall count.
_COUNTS = """
SELECT key, began, slot, questions, misses FROM counted
UNION ALL
SELECT key, extract(epoch FROM began)::bigint, slot, questions, misses
FROM verification_askingcount
WHERE key = ANY(%(hours)s::text::bytea[]) AND began = to_timestamp(%(before)s::bigint)
UNION ALL
SELECT key, extract(epoch FROM began)::bigint, slot, questions, misses
FROM verification_askingcount
WHERE key = %(all)s AND began = to_timestamp(%(minute)s::bigint) AND slot <> %(slot)s::smallint
"""
COUNT = f"WITH counted AS ({INSERT}) {_COUNTS}"
_TOLD = (
    "SELECT string_agg(concat_ws(' ', encode(key, 'hex'), began, slot, questions, misses), ',')"
    " FROM counts"
)


@cache
def count_and_ask(text: str, columns: tuple[tuple[str, str], ...]) -> str:
    """Both in one: place of the question, counts (in the first's rows), whether found, the rows.

    Every question has a row in any case.
    """
    return (
        f"WITH asked AS ({relation(dict(columns))}), counted AS ({INSERT}), counts AS ({_COUNTS})"
        f" SELECT asked.n, CASE WHEN asked.n = 0 THEN ({_TOLD}) END, beside.*"
        f" FROM asked LEFT JOIN LATERAL (SELECT true, f.* FROM ({text}) AS f) AS beside ON true"
    )


@cache
def count_and_write(texts: tuple[str, ...], columns: tuple[tuple[str, str], ...]) -> str:
    """How questions ended, and what is written of each."""
    written = ", ".join(f"written_{place} AS ({text})" for place, text in enumerate(texts))
    return f"WITH asked AS ({relation(dict(columns))}), {written} {INSERT}"
