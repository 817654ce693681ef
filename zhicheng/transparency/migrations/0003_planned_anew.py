"""Changed certificates are joined with what they were by a plan of each time.

The plan of a static statement is kept for as long as the connection, and made for the few rows of
its first call: a nested loop, which takes minutes for a register of thousands. Behind EXECUTE it is
planned for the rows that there are. What the function does stays the same, so a step back needs
nothing.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION log_of_changed_certificates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE $planned$
        INSERT INTO transparency_pendingentry (certificate_id, kind, at)
            SELECT c.id, k.kind, k.at
            FROM now_rows c JOIN old_rows o ON o.id = c.id
            CROSS JOIN LATERAL (VALUES
                (1, 'issued', c.issued_at, c.state = 'issued' AND o.state <> 'issued'),
                (2, 'lost', c.lost_at, c.lost_at IS NOT NULL AND o.lost_at IS NULL),
                (3, 'found', now(), c.lost_at IS NULL AND o.lost_at IS NOT NULL),
                (4, 'voided', c.voided_at, c.voided_at IS NOT NULL AND o.voided_at IS NULL)
            ) AS k (place, kind, at, happened)
            WHERE k.happened ORDER BY c.id, k.place $planned$;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("transparency", "0002_written_by_the_certificates")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
