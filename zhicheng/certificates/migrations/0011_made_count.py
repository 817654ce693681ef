"""Registers and online documents count their certificates: a list counts no millions.

And indexes by which certificates that are few of all are found.
"""

from typing import ClassVar

from django.db import migrations, models

# Certificates are never removed and never change their register or person: counts only grow.
FORWARD = """
CREATE FUNCTION registers_count_their_certificates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE registers_register r SET made_count = r.made_count + m.number
    FROM (SELECT register_id, count(*) AS number FROM made
          WHERE register_id IS NOT NULL GROUP BY register_id) AS m
    WHERE r.id = m.register_id;
    RETURN NULL;
END $$;
CREATE TRIGGER registers_count_their_certificates AFTER INSERT ON certificates_certificate
    REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION registers_count_their_certificates();

-- An electronic one is issued as it is made, or once its photo is there, and for good.
CREATE FUNCTION documents_count_their_certificates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE approvals_approvaldocument d SET issued_count = d.issued_count + m.number
    FROM (SELECT p.document_id, count(*) AS number
          FROM made JOIN approvals_approvedperson p ON p.id = made.approved_person_id
          WHERE made.medium = 'electronic' AND made.state = 'issued'
          GROUP BY p.document_id) AS m
    WHERE d.id = m.document_id;
    RETURN NULL;
END $$;
CREATE TRIGGER documents_count_their_certificates AFTER INSERT ON certificates_certificate
    REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION documents_count_their_certificates();

CREATE FUNCTION documents_count_late_certificates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE approvals_approvaldocument d SET issued_count = d.issued_count + m.number
    FROM (SELECT p.document_id, count(*) AS number
          FROM fresh JOIN past ON past.id = fresh.id AND past.state <> 'issued'
          JOIN approvals_approvedperson p ON p.id = fresh.approved_person_id
          WHERE fresh.medium = 'electronic' AND fresh.state = 'issued'
          GROUP BY p.document_id) AS m
    WHERE d.id = m.document_id;
    RETURN NULL;
END $$;
CREATE TRIGGER documents_count_late_certificates AFTER UPDATE ON certificates_certificate
    REFERENCING OLD TABLE AS past NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION documents_count_late_certificates();

UPDATE registers_register r SET made_count = m.number
FROM (SELECT register_id, count(*) AS number FROM certificates_certificate
      WHERE register_id IS NOT NULL GROUP BY register_id) AS m
WHERE r.id = m.register_id;
UPDATE approvals_approvaldocument d SET issued_count = m.number
FROM (SELECT p.document_id, count(*) AS number FROM certificates_certificate c
      JOIN approvals_approvedperson p ON p.id = c.approved_person_id
      WHERE c.medium = 'electronic' AND c.state = 'issued' GROUP BY p.document_id) AS m
WHERE d.id = m.document_id;
"""

BACKWARD = """
DROP TRIGGER documents_count_late_certificates ON certificates_certificate;
DROP FUNCTION documents_count_late_certificates();
DROP TRIGGER documents_count_their_certificates ON certificates_certificate;
DROP FUNCTION documents_count_their_certificates();
DROP TRIGGER registers_count_their_certificates ON certificates_certificate;
DROP FUNCTION registers_count_their_certificates();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("approvals", "0003_issued_count"),
        ("certificates", "0010_searched_by_beginning"),
        ("registers", "0009_made_count"),
    ]

    operations: ClassVar = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                condition=models.Q(("origin", "register"), _negated=True),
                fields=["origin", "id"],
                name="certificate_of_rarer_origin",
            ),
        ),
        *(
            migrations.AddIndex(
                model_name="certificate",
                index=models.Index(
                    condition=models.Q(("medium", "electronic")), fields=[field], name=name
                ),
            )
            for field, name in (
                ("work_unit", "electronic_by_work_unit"),
                ("issuing_unit", "electronic_by_issuing_unit"),
                ("approving_department", "electronic_by_department"),
            )
        ),
    ]
