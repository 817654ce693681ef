-- The spellings of a name: every combination of its characters' readings, eight at most.
-- Letters and figures stand for themselves, dots and spaces for nothing.
CREATE FUNCTION search_spellings(name text) RETURNS TABLE (initials text, spelled text)
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    heads text[] := ARRAY[''];
    whole text[] := ARRAY[''];
    sign text;
    found text[];
BEGIN
    FOREACH sign IN ARRAY string_to_array(lower(name), NULL) LOOP
        SELECT r.readings INTO found FROM search_reading r WHERE r.character = sign;
        IF found IS NULL THEN
            CONTINUE WHEN sign ~ '[[:space:][:punct:]]' OR sign = '·';
            found := ARRAY[sign];
        ELSIF cardinality(heads) * cardinality(found) > 8 THEN
            found := found[1:1];
        END IF;
        IF cardinality(found) = 1 AND cardinality(heads) = 1 THEN
            heads[1] := heads[1] || left(found[1], 1);
            whole[1] := whole[1] || found[1];
        ELSE
            SELECT array_agg(h || left(f, 1)), array_agg(w || f) INTO heads, whole
            FROM unnest(heads, whole) AS one (h, w) CROSS JOIN unnest(found) AS f;
        END IF;
    END LOOP;
    RETURN QUERY SELECT DISTINCT left(h, 100), w || ' ' || search_spellings.name
        FROM unnest(heads, whole) AS one (h, w);
END $$;

CREATE FUNCTION search_holders_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_holderkey (certificate_id, initials, spelled, issuing_unit_id,
        approving_department_id, reporting_unit_id, endorser_id)
    SELECT c.id, s.initials, s.spelled, c.issuing_unit_id, c.approving_department_id,
        r.reporting_unit_id, nullif(r.endorser_id, c.issuing_unit_id)
    FROM fresh c LEFT JOIN registers_register r ON r.id = c.register_id
    CROSS JOIN LATERAL search_spellings(c.name) s;
    RETURN NULL;
END $$;

CREATE TRIGGER holders_are_found_by_name AFTER INSERT ON certificates_certificate
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION search_holders_written();

-- All of them anew, each name spelled once.
CREATE FUNCTION search_holders_anew() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM search_holderkey;
    INSERT INTO search_holderkey (certificate_id, initials, spelled, issuing_unit_id,
        approving_department_id, reporting_unit_id, endorser_id)
    SELECT c.id, n.initials, n.spelled, c.issuing_unit_id, c.approving_department_id,
        r.reporting_unit_id, nullif(r.endorser_id, c.issuing_unit_id)
    FROM (SELECT d.name, s.* FROM (SELECT DISTINCT name FROM certificates_certificate) d
        CROSS JOIN LATERAL search_spellings(d.name) s) n
    JOIN certificates_certificate c ON c.name = n.name
    LEFT JOIN registers_register r ON r.id = c.register_id;
END $$;

CREATE FUNCTION search_unit_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM search_unitkey WHERE organization_id = NEW.id;
    INSERT INTO search_unitkey (organization_id, initials, spelled)
    SELECT NEW.id, s.initials, s.spelled
    FROM unnest(ARRAY[NEW.name, nullif(NEW.short_name, NEW.name)]) AS called
    CROSS JOIN LATERAL search_spellings(called) s WHERE called <> '';
    RETURN NULL;
END $$;

CREATE TRIGGER units_are_found_by_name AFTER INSERT OR UPDATE OF name, short_name
    ON organizations_organization FOR EACH ROW EXECUTE FUNCTION search_unit_written();

INSERT INTO search_unitkey (organization_id, initials, spelled)
SELECT o.id, s.initials, s.spelled
FROM organizations_organization o
CROSS JOIN LATERAL unnest(ARRAY[o.name, nullif(o.short_name, o.name)]) AS called
CROSS JOIN LATERAL search_spellings(called) s WHERE called <> '';

SELECT search_holders_anew();
