"""Changed certificates are joined with what they were by a plan of each time.

The plan of a static statement is kept for as long as the connection, and made for the few rows of
its first call: a nested loop, which takes minutes for a register of thousands. Behind EXECUTE it is
planned for the rows that there are. What the function does stays the same, so a step back needs
nothing.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION api_note_changed_certificates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE $planned$
        INSERT INTO api_pendingchange (certificate_id, kind, happened_at)
        SELECT n.id, k.kind, clock_timestamp()
        FROM fresh n JOIN past o ON o.id = n.id
            CROSS JOIN LATERAL (
                VALUES (1, 'issued'), (2, 'lost'), (3, 'found'), (4, 'void')) k (place, kind)
        WHERE n.state = 'issued' AND CASE k.kind
            WHEN 'issued' THEN o.state <> 'issued'
            WHEN 'lost' THEN n.lost_at IS NOT NULL AND n.lost_at IS DISTINCT FROM o.lost_at
            WHEN 'found' THEN n.lost_at IS NULL AND o.lost_at IS NOT NULL
            ELSE (n.voided_at, n.void_reason) IS DISTINCT FROM (o.voided_at, o.void_reason)
                AND n.voided_at IS NOT NULL END
        ORDER BY n.id, k.place $planned$;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("api", "0002_feed")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
