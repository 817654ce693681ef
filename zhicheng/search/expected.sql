-- People who wait for their certificate: rows of registers and people of approval documents by
-- name, rows by their number too. Whoever has a certificate is found by it, so few are in here.

-- The keys as they have to be. A plain query, which PostgreSQL takes into the one that asks for
-- some rows of it (so it may be neither volatile nor strict).
CREATE FUNCTION search_rows_expected() RETURNS TABLE (row_id bigint, initials text, spelled text,
    number text, issuing_unit_id bigint, reporting_unit_id bigint, endorser_id bigint)
LANGUAGE sql STABLE AS $$
    SELECT w.id, s.initials, s.spelled, w.certificate_number::text, r.issuing_unit_id,
        nullif(r.reporting_unit_id, r.issuing_unit_id), nullif(r.endorser_id, r.issuing_unit_id)
    FROM registers_registerrow w JOIN registers_register r ON r.id = w.register_id
    CROSS JOIN LATERAL search_spellings(w.name) s
    WHERE (w.name <> '' OR w.certificate_number <> '')
        AND NOT EXISTS (SELECT FROM certificates_certificate c WHERE c.row_id = w.id);
$$;

CREATE FUNCTION search_row_keys(rows bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO search_rowkey (row_id, initials, spelled, number, issuing_unit_id,
        reporting_unit_id, endorser_id)
    SELECT * FROM search_rows_expected() k WHERE k.row_id = ANY(rows);
$$;

CREATE FUNCTION search_rows_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_row_keys(ARRAY(SELECT id FROM fresh));
    RETURN NULL;
END $$;
CREATE TRIGGER rows_are_found_by_name AFTER INSERT ON registers_registerrow
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION search_rows_written();

CREATE FUNCTION search_rows_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    -- Planned anew each time: a kept plan that was made for one row is quadratic for thousands.
    EXECUTE 'SELECT array_agg(fresh.id) FROM fresh JOIN past ON past.id = fresh.id
        WHERE (fresh.name, fresh.certificate_number) <> (past.name, past.certificate_number)'
        INTO changed;
    IF cardinality(changed) > 0 THEN
        DELETE FROM search_rowkey WHERE row_id = ANY(changed);
        PERFORM search_row_keys(changed);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rows_are_found_by_new_name AFTER UPDATE ON registers_registerrow
    REFERENCING OLD TABLE AS past NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION search_rows_changed();

CREATE FUNCTION search_rows_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM search_rowkey WHERE row_id = ANY(ARRAY(SELECT id FROM past));
    RETURN NULL;
END $$;
CREATE TRIGGER rows_are_found_no_more AFTER DELETE ON registers_registerrow
    REFERENCING OLD TABLE AS past FOR EACH STATEMENT EXECUTE FUNCTION search_rows_gone();

CREATE FUNCTION search_register_goes_elsewhere() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE search_rowkey SET issuing_unit_id = NEW.issuing_unit_id,
        reporting_unit_id = nullif(NEW.reporting_unit_id, NEW.issuing_unit_id),
        endorser_id = nullif(NEW.endorser_id, NEW.issuing_unit_id)
    WHERE row_id = ANY(ARRAY(SELECT id FROM registers_registerrow WHERE register_id = NEW.id));
    RETURN NULL;
END $$;
CREATE TRIGGER rows_are_found_by_new_units
    AFTER UPDATE OF reporting_unit_id, endorser_id, issuing_unit_id ON registers_register
    FOR EACH ROW WHEN ((OLD.reporting_unit_id, OLD.endorser_id, OLD.issuing_unit_id)
        IS DISTINCT FROM (NEW.reporting_unit_id, NEW.endorser_id, NEW.issuing_unit_id))
    EXECUTE FUNCTION search_register_goes_elsewhere();

CREATE FUNCTION search_people_expected() RETURNS TABLE (person_id bigint, initials text,
    spelled text, approving_department_id bigint)
LANGUAGE sql STABLE AS $$
    SELECT p.id, s.initials, s.spelled, d.approving_department_id
    FROM approvals_approvedperson p JOIN approvals_approvaldocument d ON d.id = p.document_id
    CROSS JOIN LATERAL search_spellings(p.name) s
    WHERE NOT EXISTS (SELECT FROM certificates_certificate c WHERE c.approved_person_id = p.id);
$$;

CREATE FUNCTION search_person_keys(people bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO search_personkey (person_id, initials, spelled, approving_department_id)
    SELECT * FROM search_people_expected() k WHERE k.person_id = ANY(people);
$$;

CREATE FUNCTION search_people_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_person_keys(ARRAY(SELECT id FROM fresh));
    RETURN NULL;
END $$;
CREATE TRIGGER people_are_found_by_name AFTER INSERT ON approvals_approvedperson
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION search_people_written();

CREATE FUNCTION search_people_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    -- Planned anew each time, as for rows.
    EXECUTE 'SELECT array_agg(fresh.id) FROM fresh JOIN past ON past.id = fresh.id
        WHERE fresh.name <> past.name' INTO changed;
    IF cardinality(changed) > 0 THEN
        DELETE FROM search_personkey WHERE person_id = ANY(changed);
        PERFORM search_person_keys(changed);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER people_are_found_by_new_name AFTER UPDATE ON approvals_approvedperson
    REFERENCING OLD TABLE AS past NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION search_people_changed();

CREATE FUNCTION search_people_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM search_personkey WHERE person_id = ANY(ARRAY(SELECT id FROM past));
    RETURN NULL;
END $$;
CREATE TRIGGER people_are_found_no_more AFTER DELETE ON approvals_approvedperson
    REFERENCING OLD TABLE AS past FOR EACH STATEMENT EXECUTE FUNCTION search_people_gone();

CREATE FUNCTION search_document_goes_elsewhere() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE search_personkey SET approving_department_id = NEW.approving_department_id
    WHERE person_id = ANY(ARRAY(
        SELECT id FROM approvals_approvedperson WHERE document_id = NEW.id));
    RETURN NULL;
END $$;
CREATE TRIGGER people_are_found_by_new_department
    AFTER UPDATE OF approving_department_id ON approvals_approvaldocument
    FOR EACH ROW WHEN (OLD.approving_department_id IS DISTINCT FROM NEW.approving_department_id)
    EXECUTE FUNCTION search_document_goes_elsewhere();

-- From then on the certificate is found, by whoever could see the row or the document.
CREATE FUNCTION search_expected_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM search_rowkey WHERE row_id = ANY(ARRAY(SELECT row_id FROM fresh));
    DELETE FROM search_personkey
        WHERE person_id = ANY(ARRAY(SELECT approved_person_id FROM fresh));
    RETURN NULL;
END $$;
CREATE TRIGGER expected_ones_came AFTER INSERT ON certificates_certificate
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION search_expected_came();

-- All of them anew. Whoever writes a row, a person or a certificate writes or removes its keys, so
-- the lock lets those end that have begun and keeps the others' triggers waiting, which then see
-- what is written here. Tables of theirs aren't locked: they are written in many orders.
CREATE FUNCTION search_expected_anew() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE search_rowkey, search_personkey IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM search_rowkey;
    DELETE FROM search_personkey;
    INSERT INTO search_rowkey (row_id, initials, spelled, number, issuing_unit_id,
        reporting_unit_id, endorser_id)
    SELECT * FROM search_rows_expected();
    INSERT INTO search_personkey (person_id, initials, spelled, approving_department_id)
    SELECT * FROM search_people_expected();
END $$;

SELECT search_expected_anew();
