"""What was looked into stays: entries are never changed, a closed inquiry neither, nothing goes."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION inquiry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'records of the inspector are never deleted'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_TABLE_NAME = 'anomalies_inquiry' THEN
        IF OLD.outcome <> '' OR (NEW.id, NEW.number, NEW.subject, NEW.opened_at, NEW.opened_by_id)
            IS DISTINCT FROM (OLD.id, OLD.number, OLD.subject, OLD.opened_at, OLD.opened_by_id)
        THEN
            RAISE EXCEPTION 'an inquiry is only ever closed, once'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
        END IF;
    ELSIF TG_TABLE_NAME = 'anomalies_anomaly' THEN
        IF (NEW.id, NEW.kind, NEW.key, NEW.first_found_at)
            IS DISTINCT FROM (OLD.id, OLD.kind, OLD.key, OLD.first_found_at)
            OR OLD.inquiry_id IS NOT NULL AND NEW.inquiry_id IS DISTINCT FROM OLD.inquiry_id
        THEN
            RAISE EXCEPTION 'an anomaly stays what it is, and in its inquiry'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
        END IF;
    ELSE
        RAISE EXCEPTION 'an entry of an inquiry is never changed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER inquiry_is_only_ever_closed BEFORE UPDATE OR DELETE ON anomalies_inquiry
    FOR EACH ROW EXECUTE FUNCTION inquiry_guard();
CREATE TRIGGER inquiry_entry_is_never_changed BEFORE UPDATE OR DELETE ON anomalies_inquiryentry
    FOR EACH ROW EXECUTE FUNCTION inquiry_guard();
CREATE TRIGGER anomaly_stays_in_its_inquiry BEFORE UPDATE OR DELETE ON anomalies_anomaly
    FOR EACH ROW EXECUTE FUNCTION inquiry_guard();
"""
BACKWARD = """
DROP TRIGGER anomaly_stays_in_its_inquiry ON anomalies_anomaly;
DROP TRIGGER inquiry_entry_is_never_changed ON anomalies_inquiryentry;
DROP TRIGGER inquiry_is_only_ever_closed ON anomalies_inquiry;
DROP FUNCTION inquiry_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("anomalies", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
