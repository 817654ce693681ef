"""Changed certificates are joined with what they were by a plan of each time.

The plan of a static statement is kept for as long as the connection, and made for the few rows of
its first call: a nested loop, which takes minutes for a register of thousands. Behind EXECUTE it is
planned for the rows that there are. What the function does stays the same, so a step back needs
nothing.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION documents_count_late_certificates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE $planned$
        UPDATE approvals_approvaldocument d SET issued_count = d.issued_count + m.number
        FROM (SELECT p.document_id, count(*) AS number
              FROM fresh JOIN past ON past.id = fresh.id AND past.state <> 'issued'
              JOIN approvals_approvedperson p ON p.id = fresh.approved_person_id
              WHERE fresh.medium = 'electronic' AND fresh.state = 'issued'
              GROUP BY p.document_id) AS m
        WHERE d.id = m.document_id $planned$;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("certificates", "0014_counted_by_certificates_alone")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
