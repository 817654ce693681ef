"""A kept file is evidence: nobody changes or deletes it."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER stored_file_is_never_changed BEFORE UPDATE OR DELETE ON files_storedfile
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
BACKWARD = "DROP TRIGGER stored_file_is_never_changed ON files_storedfile;"


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial"), ("audit", "0002_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
