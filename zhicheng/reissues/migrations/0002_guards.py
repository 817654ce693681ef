"""What the database watches over reissues (N10-N14; invariants 3-7).

- Blanks, spoiled blanks, exchanges and certificates of a reissue belong to an application on file.
- An application goes along its lifecycle, keeps its data once submitted, and stays for ever.
- Opinions come in the form's order and never change; papers change only before submission.
- A blank comes into a reissue's hands only with complete papers and opinions.
- The new certificate says what the application says; the application is done when it is issued.
- A certificate is reported lost exactly as long as its application says so.
"""

from typing import ClassVar

from django.db import migrations, models

FORWARD = """
ALTER TABLE blanks_custody ADD CONSTRAINT custody_is_of_a_known_reissue
    FOREIGN KEY (reissue) REFERENCES reissues_reissue (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE blanks_spoilage ADD CONSTRAINT spoilage_is_of_a_known_reissue
    FOREIGN KEY (reissue) REFERENCES reissues_reissue (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE blanks_exchange ADD CONSTRAINT exchange_is_of_a_known_reissue
    FOREIGN KEY (reissue) REFERENCES reissues_reissue (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE certificates_certificate ADD CONSTRAINT certificate_is_of_a_known_reissue
    FOREIGN KEY (reissue) REFERENCES reissues_reissue (id) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION reissue_raise(name text, told text, tab text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', told
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = name, TABLE = tab;
END $$;

-- The first thing that an application lacks before it may have a blank; null: nothing (N11).
CREATE FUNCTION reissue_lacks(r reissues_reissue) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
    WHEN NOT r.required::text[] @> ARRAY['applicant', 'approving'] THEN 'path'
    WHEN EXISTS (
        SELECT 1 FROM unnest(r.required::text[]) AS wanted (level) WHERE NOT EXISTS (
            SELECT 1 FROM reissues_opinion o
            WHERE o.reissue_id = r.id AND o.level = wanted.level AND o.decision = 'agree'
              AND o.content_digest = r.content_digest)) THEN 'opinions'
    WHEN r.signed_on IS NULL OR r.copies < 2 THEN 'signed form in duplicate'
    WHEN NOT EXISTS (
        SELECT 1 FROM reissues_evidence e WHERE e.reissue_id = r.id
          AND e.kind = 'review_form' AND e.removed_at IS NULL) THEN 'review form'
    WHEN r.kind = 'replacement' AND (r.newspaper_name = '' OR r.newspaper_date IS NULL
        OR NOT EXISTS (
            SELECT 1 FROM reissues_evidence e WHERE e.reissue_id = r.id
              AND e.kind = 'newspaper' AND e.removed_at IS NULL)) THEN 'newspaper'
    WHEN r.kind = 'renewal' AND NOT r.damaged AND NOT EXISTS (
        SELECT 1 FROM reissues_correctedfield c
        WHERE c.reissue_id = r.id AND c.removed_at IS NULL) THEN 'corrections'
    WHEN EXISTS (
        SELECT 1 FROM reissues_correctedfield c
        WHERE c.reissue_id = r.id AND c.removed_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM reissues_evidence e
            WHERE e.correction_id = c.id AND e.removed_at IS NULL)) THEN 'proof'
    WHEN r.kind = 'renewal' AND NOT EXISTS (
        SELECT 1 FROM reissues_handedin h WHERE h.reissue_id = r.id) THEN 'old certificate'
    WHEN r.match = 'unmatched' THEN 'match'
    WHEN r.approving_department_id IS NULL THEN 'approving department'
    END $$;

CREATE FUNCTION reissue_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving CONSTANT text[] := ARRAY[
        'state', 'approved_person_id', 'match', 'match_note', 'approving_department_id',
        'new_number', 'path', 'required', 'signed_on', 'copies', 'submitted_at', 'accepted_at',
        'accepted_by_id', 'lost_at', 'returned_reason', 'granted_at', 'collected_at',
        'collected_by', 'done_at', 'ended_at', 'outcome', 'outcome_reason', 'waiting_since'];
    lacks text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM reissue_raise('reissue_is_never_removed',
            'application ' || OLD.receipt_number || ' is never removed', TG_TABLE_NAME);
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            PERFORM reissue_raise('reissue_goes_step_by_step',
                'an application begins as a draft', TG_TABLE_NAME);
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state IN ('done', 'refused', 'ended') THEN
        PERFORM reissue_raise('finished_reissue_stays',
            'application ' || OLD.receipt_number || ' is finished', TG_TABLE_NAME);
    END IF;
    IF (OLD.id, OLD.receipt_number, OLD.kind, OLD.created_at)
       IS DISTINCT FROM (NEW.id, NEW.receipt_number, NEW.kind, NEW.created_at) THEN
        PERFORM reissue_raise('receipt_number_stays',
            'application ' || OLD.receipt_number || ' keeps number and kind', TG_TABLE_NAME);
    END IF;
    IF OLD.submitted_at IS NOT NULL
       AND (OLD.old_number, OLD.id_number_index, OLD.certificate_id)
           IS DISTINCT FROM (NEW.old_number, NEW.id_number_index, NEW.certificate_id) THEN
        PERFORM reissue_raise('submitted_reissue_keeps_its_certificate',
            'application ' || OLD.receipt_number || ' is about another certificate',
            TG_TABLE_NAME);
    END IF;
    IF OLD.state NOT IN ('draft', 'returned')
       AND to_jsonb(NEW) - moving IS DISTINCT FROM to_jsonb(OLD) - moving THEN
        PERFORM reissue_raise('submitted_application_keeps_its_data',
            'application ' || OLD.receipt_number || ' was submitted', TG_TABLE_NAME);
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'applied'), ('returned', 'applied'), ('applied', 'opinions'),
        ('opinions', 'granted'), ('granted', 'collected'), ('collected', 'making'),
        ('making', 'done'),
        ('applied', 'returned'), ('opinions', 'returned'), ('granted', 'returned'),
        ('applied', 'refused'), ('returned', 'refused'), ('opinions', 'refused'),
        ('granted', 'refused'),
        ('draft', 'ended'), ('applied', 'ended'), ('returned', 'ended'), ('opinions', 'ended'),
        ('granted', 'ended'), ('collected', 'ended'), ('making', 'ended'),
        ('collected', 'closing'), ('making', 'closing'), ('closing', 'ended'))
    THEN
        PERFORM reissue_raise('reissue_goes_step_by_step',
            'application ' || OLD.receipt_number || ' may not go from ' || OLD.state || ' to '
            || NEW.state, TG_TABLE_NAME);
    END IF;
    IF OLD.required IS DISTINCT FROM NEW.required
       AND NOT (OLD.state = 'applied' AND NEW.state = 'opinions') THEN
        PERFORM reissue_raise('path_of_opinions_stays',
            'the path is derived at the acceptance', TG_TABLE_NAME);
    END IF;
    IF OLD.new_number IS DISTINCT FROM NEW.new_number
       AND OLD.state NOT IN ('opinions', 'granted', 'collected') THEN
        PERFORM reissue_raise('new_number_stays',
            'application ' || OLD.receipt_number || ' keeps the new number', TG_TABLE_NAME);
    END IF;
    IF OLD.state <> NEW.state AND NEW.state IN ('granted', 'collected', 'making', 'done') THEN
        lacks := reissue_lacks(NEW);
        IF lacks IN ('path', 'opinions') THEN
            PERFORM reissue_raise('granted_only_with_all_opinions',
                'application ' || OLD.receipt_number || ' lacks ' || lacks, TG_TABLE_NAME);
        ELSIF lacks IS NOT NULL AND NEW.state <> 'granted' THEN
            PERFORM reissue_raise('no_blank_without_complete_papers',
                'application ' || OLD.receipt_number || ' lacks ' || lacks, TG_TABLE_NAME);
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER reissue_guard BEFORE INSERT OR UPDATE OR DELETE ON reissues_reissue
    FOR EACH ROW EXECUTE FUNCTION reissue_guard();

CREATE FUNCTION reissue_opinion_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r reissues_reissue;
    place integer;
BEGIN
    SELECT * INTO r FROM reissues_reissue WHERE id = NEW.reissue_id;
    place := array_position(r.required::text[], NEW.level::text);
    IF r.state <> 'opinions' OR place IS NULL OR NEW.content_digest <> r.content_digest
       OR EXISTS (
        SELECT 1 FROM unnest((r.required::text[])[:place - 1]) AS wanted (level)
        WHERE NOT EXISTS (
            SELECT 1 FROM reissues_opinion o
            WHERE o.reissue_id = r.id AND o.level = wanted.level AND o.decision = 'agree'
              AND o.content_digest = r.content_digest))
    THEN
        PERFORM reissue_raise('opinions_come_in_the_forms_order',
            'it is not the turn of ' || NEW.level || ' in ' || r.receipt_number, TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER opinions_come_in_the_forms_order BEFORE INSERT ON reissues_opinion
    FOR EACH ROW EXECUTE FUNCTION reissue_opinion_guard();
CREATE TRIGGER opinion_is_never_changed BEFORE UPDATE OR DELETE ON reissues_opinion
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Corrections and papers: added and struck out before submission; papers still come until a blank
-- is handed out.
CREATE FUNCTION reissue_papers_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    state text;
    good boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM reissue_raise(TG_NAME, 'papers of an application are never removed', TG_TABLE_NAME);
    END IF;
    SELECT r.state INTO state FROM reissues_reissue r WHERE r.id = NEW.reissue_id;
    good := state IN ('draft', 'returned');
    IF TG_OP = 'INSERT' THEN
        good := NEW.removed_at IS NULL
            AND (good OR TG_TABLE_NAME = 'reissues_evidence'
                 AND state IN ('applied', 'opinions', 'granted'));
    ELSE
        good := good AND OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL
            AND to_jsonb(OLD) - 'removed_at' = to_jsonb(NEW) - 'removed_at';
    END IF;
    IF NOT good THEN
        PERFORM reissue_raise(TG_NAME, 'the application was submitted', TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER corrections_change_only_before_submission
    BEFORE INSERT OR UPDATE OR DELETE ON reissues_correctedfield
    FOR EACH ROW EXECUTE FUNCTION reissue_papers_guard();
CREATE TRIGGER evidence_changes_only_before_submission
    BEFORE INSERT OR UPDATE OR DELETE ON reissues_evidence
    FOR EACH ROW EXECUTE FUNCTION reissue_papers_guard();

CREATE FUNCTION reissue_proof_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM reissues_correctedfield c
                   WHERE c.id = NEW.correction_id AND c.reissue_id = NEW.reissue_id) THEN
        PERFORM reissue_raise('proof_is_of_the_same_application',
            'a proof belongs to a corrected field of its application', TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER proof_is_of_the_same_application BEFORE INSERT ON reissues_evidence
    FOR EACH ROW WHEN (NEW.correction_id IS NOT NULL) EXECUTE FUNCTION reissue_proof_guard();

CREATE FUNCTION reissue_handed_in_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r reissues_reissue;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT * INTO r FROM reissues_reissue WHERE id = NEW.reissue_id;
        IF NEW.number <> r.old_number OR NEW.fate <> 'held' OR NOT (
            r.kind = 'renewal' AND r.state IN ('applied', 'returned', 'opinions', 'granted')
            OR r.state = 'done') THEN
            PERFORM reissue_raise('handed_in_certificate_is_the_old_one',
                'certificate ' || NEW.number || ' is not taken in by ' || r.receipt_number,
                TG_TABLE_NAME);
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.fate <> 'held' OR NEW.fate = 'held'
       OR to_jsonb(OLD) - ARRAY['fate', 'fate_note', 'fate_on', 'fate_by_id', 'witness']
          IS DISTINCT FROM
          to_jsonb(NEW) - ARRAY['fate', 'fate_note', 'fate_on', 'fate_by_id', 'witness'] THEN
        PERFORM reissue_raise('handed_in_certificate_changes_only_by_its_fate',
            'of a certificate that was handed in only its fate is written, once', TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER handed_in_certificate_changes_only_by_its_fate
    BEFORE INSERT OR UPDATE OR DELETE ON reissues_handedin
    FOR EACH ROW EXECUTE FUNCTION reissue_handed_in_guard();

CREATE TRIGGER void_sighting_is_never_changed BEFORE UPDATE OR DELETE ON reissues_voidsighting
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- N11: runs after the ledger's own trigger, under the lock of both accounts.
CREATE FUNCTION reissue_movement_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    came blanks_custody;
    r reissues_reissue;
    lacks text;
BEGIN
    SELECT * INTO came FROM blanks_custody c WHERE c.id = NEW.target_id;
    IF came.reissue IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT * INTO r FROM reissues_reissue WHERE id = came.reissue;
    IF r.id IS NULL OR came.organization_id <> r.unit_id OR came.grade <> r.grade THEN
        PERFORM reissue_raise('reissues_blank_is_its_units',
            'the blank of a reissue is its unit''s, of its grade', TG_TABLE_NAME);
    END IF;
    IF came.state IN ('unit', 'filling') THEN
        lacks := reissue_lacks(r);
        IF lacks IS NOT NULL OR r.state NOT IN ('granted', 'collected', 'making') THEN
            PERFORM reissue_raise('no_blank_without_complete_papers',
                'application ' || r.receipt_number || ' (' || r.state || ') lacks '
                || coalesce(lacks, 'nothing, but is not to have a blank'), TG_TABLE_NAME);
        END IF;
    ELSIF came.state = 'on_certificate' AND r.state <> 'done' THEN
        PERFORM reissue_raise('issued_reissue_is_finished',
            'application ' || r.receipt_number || ' is not finished', TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER reissue_holds_a_blank_with_complete_papers AFTER INSERT ON blanks_movement
    FOR EACH ROW EXECUTE FUNCTION reissue_movement_guard();

-- Invariant 7 for reissues: the certificate says what the application says.
CREATE FUNCTION reissued_certificate_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r reissues_reissue;
    correct jsonb;
    number_ reissues_correctedfield;
BEGIN
    SELECT * INTO r FROM reissues_reissue WHERE id = NEW.reissue;
    SELECT coalesce(jsonb_object_agg(c.field, c.new_text), '{}') INTO correct
        FROM reissues_correctedfield c
        WHERE c.reissue_id = r.id AND c.removed_at IS NULL AND c.field <> 'id_number';
    SELECT * INTO number_ FROM reissues_correctedfield c
        WHERE c.reissue_id = r.id AND c.removed_at IS NULL AND c.field = 'id_number';
    IF r.id IS NULL OR r.state NOT IN ('collected', 'making') OR
       (NEW.number, NEW.replaces_id, NEW.approved_person_id, NEW.issuing_unit_id,
        NEW.approving_department_id, NEW.grade, NEW.level,
        NEW.name, NEW.sex, NEW.work_unit, NEW.specialty, NEW.qualification,
        NEW.approval_date, NEW.document_number,
        NEW.id_kind, NEW.id_number_index, NEW.id_number_cipher, NEW.id_number_masked)
       IS DISTINCT FROM
       (r.new_number, r.certificate_id, r.approved_person_id, r.unit_id,
        r.approving_department_id, r.grade, r.level,
        coalesce(correct->>'name', r.name), coalesce(correct->>'sex', r.sex),
        coalesce(correct->>'work_unit', r.work_unit),
        coalesce(correct->>'specialty', r.specialty),
        coalesce(correct->>'qualification', r.qualification),
        coalesce((correct->>'approval_date')::date, r.approval_date),
        coalesce(correct->>'document_number', r.document_number),
        coalesce(number_.new_kind, r.id_kind), coalesce(number_.new_index, r.id_number_index),
        coalesce(number_.new_cipher, r.id_number_cipher),
        coalesce(number_.new_text, r.id_number_masked))
    THEN
        PERFORM reissue_raise('reissued_certificate_equals_its_application',
            'certificate ' || NEW.number || ' differs from its application', TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER reissued_certificate_equals_its_application
    BEFORE INSERT ON certificates_certificate
    FOR EACH ROW WHEN (NEW.origin = 'reissue') EXECUTE FUNCTION reissued_certificate_guard();

-- What application and certificate say of each other, checked at the end of the transaction.
CREATE FUNCTION reissue_and_certificate(of_reissue bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r reissues_reissue;
    made certificates_certificate;
    old certificates_certificate;
BEGIN
    SELECT * INTO r FROM reissues_reissue WHERE id = of_reissue;
    SELECT * INTO made FROM certificates_certificate c WHERE c.reissue = r.id;
    SELECT * INTO old FROM certificates_certificate c WHERE c.id = r.certificate_id;
    IF (r.state = 'done') <> (made.id IS NOT NULL AND made.state = 'issued') THEN
        PERFORM reissue_raise('issued_reissue_is_finished',
            'application ' || r.receipt_number || ' is done when its certificate is issued',
            'reissues_reissue');
    END IF;
    IF r.state IN ('closing', 'refused', 'ended')
       AND made.id IS NOT NULL AND made.state <> 'withdrawn' THEN
        PERFORM reissue_raise('ended_reissue_withdraws_its_certificate',
            'application ' || r.receipt_number || ' ended and left a certificate',
            'reissues_reissue');
    END IF;
    IF old.id IS NOT NULL AND old.voided_at IS NULL AND r.lost_at IS NOT NULL
       AND old.lost_at IS NULL THEN
        PERFORM reissue_raise('lost_certificate_has_its_application',
            'application ' || r.receipt_number || ' reports a loss that its certificate lacks',
            'reissues_reissue');
    END IF;
END $$;

CREATE FUNCTION reissue_agrees_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'reissues_reissue' THEN
        PERFORM reissue_and_certificate(NEW.id);
        RETURN NULL;
    END IF;
    IF NEW.reissue IS NOT NULL THEN
        PERFORM reissue_and_certificate(NEW.reissue);
    END IF;
    IF EXISTS (SELECT 1 FROM certificates_certificate c
               WHERE c.id = NEW.id AND c.lost_at IS NOT NULL AND c.voided_at IS NULL)
       AND NOT EXISTS (
        SELECT 1 FROM reissues_reissue r
        WHERE r.certificate_id = NEW.id AND r.lost_at IS NOT NULL AND r.state NOT IN (
            'closing', 'refused', 'ended', 'done')) THEN
        PERFORM reissue_raise('lost_certificate_has_its_application',
            'certificate ' || NEW.number || ' is lost by no application', TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER reissue_agrees_with_its_certificate
    AFTER INSERT OR UPDATE ON reissues_reissue
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION reissue_agrees_guard();
CREATE CONSTRAINT TRIGGER certificate_agrees_with_its_reissue
    AFTER INSERT OR UPDATE ON certificates_certificate
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.reissue IS NOT NULL OR NEW.lost_at IS NOT NULL)
    EXECUTE FUNCTION reissue_agrees_guard();
"""

BACKWARD = """
DROP TRIGGER certificate_agrees_with_its_reissue ON certificates_certificate;
DROP TRIGGER reissue_agrees_with_its_certificate ON reissues_reissue;
DROP FUNCTION reissue_agrees_guard();
DROP FUNCTION reissue_and_certificate(bigint);
DROP TRIGGER reissued_certificate_equals_its_application ON certificates_certificate;
DROP FUNCTION reissued_certificate_guard();
DROP TRIGGER reissue_holds_a_blank_with_complete_papers ON blanks_movement;
DROP FUNCTION reissue_movement_guard();
DROP TRIGGER void_sighting_is_never_changed ON reissues_voidsighting;
DROP TRIGGER handed_in_certificate_changes_only_by_its_fate ON reissues_handedin;
DROP FUNCTION reissue_handed_in_guard();
DROP TRIGGER proof_is_of_the_same_application ON reissues_evidence;
DROP FUNCTION reissue_proof_guard();
DROP TRIGGER evidence_changes_only_before_submission ON reissues_evidence;
DROP TRIGGER corrections_change_only_before_submission ON reissues_correctedfield;
DROP FUNCTION reissue_papers_guard();
DROP TRIGGER opinion_is_never_changed ON reissues_opinion;
DROP TRIGGER opinions_come_in_the_forms_order ON reissues_opinion;
DROP FUNCTION reissue_opinion_guard();
DROP TRIGGER reissue_guard ON reissues_reissue;
DROP FUNCTION reissue_guard();
DROP FUNCTION reissue_lacks(reissues_reissue);
DROP FUNCTION reissue_raise(text, text, text);
ALTER TABLE certificates_certificate DROP CONSTRAINT certificate_is_of_a_known_reissue;
ALTER TABLE blanks_exchange DROP CONSTRAINT exchange_is_of_a_known_reissue;
ALTER TABLE blanks_spoilage DROP CONSTRAINT spoilage_is_of_a_known_reissue;
ALTER TABLE blanks_custody DROP CONSTRAINT custody_is_of_a_known_reissue;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("reissues", "0001_applications"),
        ("blanks", "0009_reissues"),
        ("certificates", "0004_guards"),
    ]
    operations: ClassVar = [
        migrations.AddConstraint(
            model_name="reissue",
            constraint=models.CheckConstraint(
                condition=models.Q(lost_at=None)
                | ~models.Q(state__in=["closing", "refused", "ended"]),
                name="ended_reissue_lifts_the_loss",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
