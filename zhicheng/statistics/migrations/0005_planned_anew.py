"""Changed certificates are joined with what they were by a plan of each time.

The plan of a static statement is kept for as long as the connection, and made for the few rows of
its first call: a nested loop, which takes minutes for a register of thousands. Behind EXECUTE it is
planned for the rows that there are. What the function does stays the same, so a step back needs
nothing.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION statistics_note_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE $planned$
        INSERT INTO statistics_pending (kind, object_id)
        SELECT 'c', n.id FROM fresh n JOIN past o ON o.id = n.id
        WHERE n.state = 'issued' OR o.state = 'issued'
            OR (n.state = 'withdrawn') <> (o.state = 'withdrawn') $planned$;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("statistics", "0004_papers_and_rows")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
