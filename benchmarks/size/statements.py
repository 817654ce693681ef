"""The statements that fill the tables; every value follows from the certificate's number n.

``bench_batch`` is what three hundred certificates have in common: document, unit, register.
Persons and certificates share their id: certificate n is approved person n, row n (on paper).
"""

BATCH = 300
DOCUMENT = 3  # batches
YEARS = 17  # 2010 to 2026

BATCHES = f"""
CREATE UNLOGGED TABLE bench_batch AS
WITH shape AS (
    SELECT b, b / {DOCUMENT} AS d, %(batches)s AS batches,
        date '2010-03-01' + (b / {DOCUMENT} * {DOCUMENT} * 6050::bigint / %(batches)s)::int AS day
    FROM generate_series(0, %(batches)s - 1) b
), departments AS (
    SELECT row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS of, id, name
    FROM organizations_organization WHERE is_approving_department
), units AS (
    SELECT row_number() OVER (ORDER BY u.id) - 1 AS n, count(*) OVER () AS of, u.id, u.name,
        u.supervisor_id, s.name AS supervisor
    FROM organizations_organization u JOIN organizations_organization s ON s.id = u.supervisor_id
), people AS (
    SELECT organization_id, min(id) FILTER (WHERE role = 'clerk') AS clerk,
        min(id) FILTER (WHERE role = 'officer') AS officer,
        min(id) FILTER (WHERE role = 'embosser') AS embosser
    FROM organizations_account GROUP BY 1
)
SELECT s.b, s.d, s.day, extract(year FROM s.day)::int AS year,
    CASE WHEN s.day >= '2019-01-01' AND s.d %% 2 = 0 THEN 'online' ELSE 'paper' END AS channel,
    CASE s.d %% 20 WHEN 3 THEN 'authorized' WHEN 7 THEN 'joint' ELSE 'committee' END AS mode,
    '渝职改〔' || extract(year FROM s.day) || '〕' || s.d + 1 || '号' AS document_number,
    dep.id AS department, dep.name AS department_name, u.id AS unit, u.name AS unit_name,
    u.supervisor_id AS issuing, u.supervisor, office.id AS office,
    ip.clerk, ip.officer, ip.embosser, dp.embosser AS dep_embosser, op.embosser AS office_embosser,
    op.officer AS office_officer, up.clerk AS unit_clerk,
    (s.d * 7 + 3) %% (SELECT max(series_no) + 1 FROM bench_title) AS series_no,
    CASE WHEN s.b >= s.batches - 2 - s.batches / 500 THEN 'draft'
        WHEN s.b >= s.batches - 4 - s.batches / 250 THEN 'accepted'
        WHEN s.b >= s.batches - 6 - s.batches / 170 THEN 'filled'
        WHEN s.b >= s.batches - 8 - s.batches / 130 THEN 'sealed'
        WHEN s.b >= s.batches - 10 - s.batches / 100 THEN 'embossed' ELSE 'issued' END AS stage
FROM shape s
JOIN departments dep ON dep.n = s.d * 5 %% dep.of
JOIN units u ON u.n = (s.b * 37::bigint + s.b / u.of) %% u.of
JOIN people ip ON ip.organization_id = u.supervisor_id
JOIN people dp ON dp.organization_id = dep.id
JOIN people up ON up.organization_id = u.id
CROSS JOIN (SELECT id FROM organizations_organization WHERE kind = 'municipal_office') office
JOIN people op ON op.organization_id = office.id
ORDER BY s.b;
UPDATE bench_batch SET channel = 'paper' WHERE stage NOT IN ('issued', 'accepted');
CREATE UNIQUE INDEX ON bench_batch (b);
ANALYZE bench_batch
"""

DOCUMENTS = """
INSERT INTO approvals_approvaldocument (id, number, approving_department_id, review_mode, channel,
    issued_on, people_count, scan_name, scan_type, scan_sha256, imported_at)
SELECT d + 1, min(document_number), min(department), min(mode), min(channel), min(day) + 14,
    count(*) * %(batch)s, '', '', '', min(day) + 15
FROM bench_batch GROUP BY d
"""

REGISTERS = """
INSERT INTO registers_register (id, number, reporting_unit_id, endorser_id, issuing_unit_id, year,
    filler, telephone, state, version, row_count, error_count, warning_count, source_name,
    source_sha256, sheet_name, created_at, created_by_id, changed_at, submitted_at,
    submitted_by_id, endorsed_at, endorsed_by_id, accepted_at, accepted_by_id, returned_at,
    returned_by_id, return_reason)
SELECT b + 1, 'D' || year || lpad((b + 1)::text, 7, '0'), unit, issuing, issuing, year, '杜若谷',
    '', state, 3, %(batch)s, 0, b %% 5, '', '', '登记表', day + 20, unit_clerk, day + 40,
    CASE WHEN state <> 'draft' THEN day + 21 END, CASE WHEN state <> 'draft' THEN unit_clerk END,
    CASE WHEN state IN ('filed', 'accepted') THEN day + 25 END,
    CASE WHEN state IN ('filed', 'accepted') THEN officer END,
    CASE WHEN state = 'accepted' THEN day + 30 END,
    CASE WHEN state = 'accepted' THEN office_officer END,
    CASE WHEN state = 'returned' THEN day + 30 END,
    CASE WHEN state = 'returned' THEN office_officer END,
    CASE WHEN state = 'returned' THEN '第 3 行批准时间与核准文件不符' ELSE '' END
FROM (
    SELECT *, CASE WHEN stage <> 'draft' THEN 'accepted' WHEN b %% 4 = 0 THEN 'draft'
        WHEN b %% 4 = 1 THEN 'endorsing' WHEN b %% 4 = 2 THEN 'filed' ELSE 'returned' END AS state
    FROM bench_batch WHERE channel = 'paper') batch
"""

MADE = """
UPDATE registers_register r SET made_count = m.number
FROM (SELECT register_id, count(*) AS number FROM certificates_certificate
      WHERE register_id IS NOT NULL GROUP BY register_id) AS m
WHERE r.id = m.register_id;
UPDATE approvals_approvaldocument d SET issued_count = m.number
FROM (SELECT p.document_id, count(*) AS number FROM certificates_certificate c
      JOIN approvals_approvedperson p ON p.id = c.approved_person_id
      WHERE c.medium = 'electronic' AND c.state = 'issued' GROUP BY p.document_id) AS m
WHERE d.id = m.document_id;
INSERT INTO certificates_registerapprover (department_id, register_id)
SELECT DISTINCT approving_department_id, register_id FROM certificates_certificate
WHERE register_id IS NOT NULL
"""

# A person's ID number: one of the areas, one of 15,000 days of birth, the order of the two.
PERSON = """
CREATE OR REPLACE FUNCTION bench_hash(k bigint, salt bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT (((k * 1103515245 + salt * 12345) %% 2147483648) * 48271 + k / 7) %% 2147483647 $$;
CREATE UNLOGGED TABLE bench_area AS
    SELECT row_number() OVER (ORDER BY code) - 1 AS n, code, substr(code, 1, 1)::int * 7
        + substr(code, 2, 1)::int * 9 + substr(code, 3, 1)::int * 10 + substr(code, 4, 1)::int * 5
        + substr(code, 5, 1)::int * 8 + substr(code, 6, 1)::int * 4 AS weight
    FROM reference_region WHERE code <> '' AND valid_to IS NULL ORDER BY code LIMIT %(areas)s;
CREATE UNLOGGED TABLE bench_day AS
    SELECT n, t, substr(t, 1, 1)::int * 2 + substr(t, 2, 1)::int + substr(t, 3, 1)::int * 6
        + substr(t, 4, 1)::int * 3 + substr(t, 5, 1)::int * 7 + substr(t, 6, 1)::int * 9
        + substr(t, 7, 1)::int * 10 + substr(t, 8, 1)::int * 5 AS weight
    FROM (SELECT n, to_char(date '1955-01-01' + n, 'YYYYMMDD') AS t
        FROM generate_series(0, 14999) n) days;
ANALYZE bench_area; ANALYZE bench_day
"""

PEOPLE = """
INSERT INTO approvals_approvedperson (id, document_id, name, sex, id_kind, id_number_cipher,
    id_number_index, id_number_masked, work_unit, qualification, specialty, series, level, grade,
    approval_date)
SELECT n + 1, b.d + 1, person.name, CASE order3 %% 2 WHEN 1 THEN '男' ELSE '女' END, 'resident',
    %(cipher)s, sha256(%(outer)s || sha256(%(inner)s || convert_to(idn, 'UTF8'))),
    left(idn, 3) || '***********' || right(idn, 4),
    CASE WHEN n %% 50 = 17 THEN b.unit_name || '分院' ELSE b.unit_name END,
    t.name, (%(specialties)s::text[])[1 + (n / 7 + b.d) %% %(specialty_count)s], t.series,
    t.level, t.grade, b.day - (b.d %% 20)
FROM (
    SELECT ordered.n, k, a.code || d.t || order3 || substr('10X98765432', 1 + (a.weight + d.weight
            + order3 / 100 * 8 + order3 / 10 %% 10 * 4 + order3 %% 10 * 2) %% 11, 1) AS idn, order3,
        (%(surnames)s::text[])[1 + bench_hash(k, 1) %% %(surname_count)s]
        || (%(given)s::text[])[1 + bench_hash(k, 2) %% %(given_count)s]
        || CASE WHEN bench_hash(k, 3) %% 10 < 3 THEN ''
            ELSE (%(given)s::text[])[1 + bench_hash(k, 4) / 13 %% %(given_count)s] END AS name
    FROM (
        SELECT n, k,
            (100 + bench_hash(k, 5) / 3 %% 2 + 2 * (k / (%(areas)s * 15000)))::int AS order3
        FROM (SELECT n, CASE WHEN n > 5000 AND n %% 50 = 9 THEN n / 3
                WHEN n > 5000 AND n %% 5 = 4 THEN n / 2 ELSE n END AS k
            FROM generate_series(%(first)s::bigint, %(last)s::bigint) n) chosen) ordered
    JOIN bench_area a ON a.n = k %% %(areas)s
    JOIN bench_day d ON d.n = k / %(areas)s %% 15000) person
JOIN bench_batch b ON b.b = n / %(batch)s
JOIN bench_title t ON t.series_no = b.series_no AND t.level_no = CASE
    WHEN bench_hash(n, 6) %% 100 < 5 THEN 0 WHEN bench_hash(n, 6) %% 100 < 22 THEN 1
    WHEN bench_hash(n, 6) %% 100 < 62 THEN 2 WHEN bench_hash(n, 6) %% 100 < 90 THEN 3 ELSE 4 END
ORDER BY n
"""

ROWS = """
INSERT INTO registers_registerrow (id, register_id, position, excel_row, certificate_number,
    work_unit, supervising_department, name, sex, id_kind, id_number_cipher, id_number_index,
    id_number_masked, specialty, qualification, approval_date_text, approval_date,
    document_number, id_number_from_number, approved_person_id, grade, accepted, version,
    changed_at)
SELECT p.id, b.b + 1, p.id - b.b * %(batch)s, p.id - b.b * %(batch)s + 4,
    b.year || lpad(p.id::text, 9, '0'), p.work_unit, b.supervisor, p.name, p.sex, p.id_kind,
    p.id_number_cipher, p.id_number_index, p.id_number_masked, p.specialty, p.qualification,
    '', p.approval_date, b.document_number, false, p.id, p.grade, b.stage <> 'draft', 1, b.day + 20
FROM approvals_approvedperson p JOIN bench_batch b ON b.b = (p.id - 1) / %(batch)s
WHERE b.channel = 'paper'
"""

# Each seventieth issued on paper before 2025 was replaced or renewed since; some are lost, revoked.
CERTIFICATES = """
INSERT INTO certificates_certificate (id, medium, origin, number, register_id, row_id, position,
    approved_person_id, state, blank_serial, name, sex, id_kind, id_number_cipher, id_number_index,
    id_number_masked, work_unit, specialty, qualification, grade, level, approval_date,
    document_number, issuing_unit_id, approving_department_id, embosser_id, filled_at,
    filled_by_id, official_seal_at, official_seal_by_id, official_seal_unit_id, embossed_at,
    embossed_by_id, embossed_unit_id, issued_at, issued_by_id, recipient, recipient_relation,
    lost_at, voided_at, void_reason)
SELECT p.id, CASE WHEN paper THEN 'paper' ELSE 'electronic' END,
    CASE WHEN paper THEN 'register' ELSE 'online' END,
    b.year || lpad(p.id::text, 9, '0'), CASE WHEN paper THEN b.b + 1 END,
    CASE WHEN paper THEN p.id END, p.id - b.b * %(batch)s, p.id, b.stage,
    CASE WHEN paper THEN p.id END, p.name, p.sex, p.id_kind, p.id_number_cipher,
    p.id_number_index, p.id_number_masked, p.work_unit, p.specialty, p.qualification, p.grade,
    p.level, p.approval_date, b.document_number, b.issuing, b.department,
    CASE p.grade WHEN 'senior' THEN b.office ELSE b.department END,
    CASE WHEN paper THEN b.day + 40 END, CASE WHEN paper THEN b.clerk END,
    CASE WHEN sealed THEN b.day + 42 END, CASE WHEN sealed THEN b.officer END,
    CASE WHEN sealed THEN b.issuing END, CASE WHEN embossed THEN b.day + 45 + (p.id %% 9)::int END,
    CASE WHEN embossed THEN CASE p.grade WHEN 'senior' THEN office_embosser ELSE dep_embosser END
        END,
    CASE WHEN embossed THEN CASE p.grade WHEN 'senior' THEN b.office ELSE b.department END END,
    CASE WHEN b.stage = 'issued' THEN b.day + 60 + (p.id %% 30)::int END,
    CASE WHEN b.stage = 'issued' AND paper THEN b.clerk END,
    CASE WHEN b.stage = 'issued' AND paper THEN p.name ELSE '' END,
    CASE WHEN b.stage = 'issued' AND paper THEN 'holder' ELSE '' END,
    CASE WHEN b.stage = 'issued' AND p.id %% 1000 = 7 THEN b.day + 300 END,
    CASE WHEN r.id IS NOT NULL THEN b.day + 400
        WHEN b.stage = 'issued' AND p.id %% 2000 = 11 THEN b.day + 500 END,
    CASE WHEN r.kind = 'renewal' THEN 'renewed' WHEN r.kind = 'replacement' THEN 'replaced'
        WHEN b.stage = 'issued' AND p.id %% 2000 = 11 THEN 'revoked' ELSE '' END
FROM (SELECT *, channel = 'paper' AS paper,
        channel = 'paper' AND stage IN ('sealed', 'embossed', 'issued') AS sealed,
        channel = 'paper' AND stage IN ('embossed', 'issued') AS embossed FROM bench_batch) b
JOIN approvals_approvedperson p ON b.b = (p.id - 1) / %(batch)s
LEFT JOIN bench_reissue r ON r.old = p.id
WHERE b.stage NOT IN ('draft', 'accepted')
"""

REISSUES = """
CREATE UNLOGGED TABLE bench_reissue AS
    SELECT row_number() OVER (ORDER BY p.id) AS id, p.id AS old,
        CASE WHEN p.id %% 3 = 0 THEN 'renewal' ELSE 'replacement' END AS kind, b.b
    FROM approvals_approvedperson p JOIN bench_batch b ON b.b = (p.id - 1) / %(batch)s
    WHERE p.id %% 70 = 3 AND p.id %% 2000 <> 11 AND b.channel = 'paper' AND b.stage = 'issued'
        AND b.day < '2025-01-01';
CREATE UNIQUE INDEX ON bench_reissue (old); ANALYZE bench_reissue
"""

APPLICATIONS = """
INSERT INTO reissues_reissue (id, receipt_number, kind, source, state, certificate_id,
    approved_person_id, match, match_note, unit_id, work_unit_organization_id,
    approving_department_id, name, sex, birth_month, id_kind, id_number_cipher, id_number_index,
    id_number_masked, telephone_cipher, telephone_masked, old_number, new_number, work_unit,
    specialty, qualification, level, grade, approval_date, document_number, reason, damaged,
    newspaper_name, newspaper_date, newspaper_page, content_digest, path, required, signed_on,
    copies, created_at, submitted_at, accepted_at, lost_at, returned_reason, collected_by, done_at,
    outcome, outcome_reason, waiting_since)
SELECT r.id, 'B' || b.year + 1 || lpad(r.id::text, 8, '0'), r.kind, 'certificate',
    CASE WHEN done THEN 'done' ELSE 'opinions' END, c.id,
    c.approved_person_id, 'matched', '', b.issuing, b.unit, b.department, c.name, c.sex,
    '1980-01', c.id_kind, c.id_number_cipher, c.id_number_index, c.id_number_masked, %(cipher)s,
    '138****0000', c.number, CASE WHEN done THEN b.year + 1 || 'H' || lpad(r.id::text, 9, '0') END,
    c.work_unit, c.specialty, c.qualification, c.level, c.grade, c.approval_date,
    c.document_number, '', false, CASE r.kind WHEN 'replacement' THEN '山城日报' ELSE '' END,
    CASE r.kind WHEN 'replacement' THEN b.day + 350 END, '', sha256(r.id::text::bytea), '[]',
    array['applicant', 'work_unit', 'department', 'approving'], b.day + 351, 2, b.day + 350,
    b.day + 352, b.day + 353, CASE r.kind WHEN 'replacement' THEN b.day + 353 END, '', '',
    CASE WHEN done THEN b.day + 400 END, '', '', b.day + 400
FROM (SELECT *, true AS done FROM bench_reissue
    UNION ALL SELECT (SELECT max(id) FROM bench_reissue) + row_number() OVER (), n,
        'replacement', (n - 1) / %(batch)s, false
    FROM generate_series(7, %(count)s, 1000) n) r
JOIN bench_batch b ON b.b = r.b
JOIN certificates_certificate c ON c.id = r.old AND c.medium = 'paper'
    AND (done OR c.voided_at IS NULL)
"""

SUCCESSORS = """
INSERT INTO certificates_certificate (id, medium, origin, number, position, approved_person_id,
    reissue, replaces_id, state, blank_serial, name, sex, id_kind, id_number_cipher,
    id_number_index, id_number_masked, work_unit, specialty, qualification, grade, level,
    approval_date, document_number, issuing_unit_id, approving_department_id, embosser_id,
    filled_at, filled_by_id, official_seal_at, official_seal_by_id, official_seal_unit_id,
    embossed_at, embossed_by_id, embossed_unit_id, issued_at, issued_by_id, recipient,
    recipient_relation)
SELECT %(count)s + r.id, 'paper', 'reissue', a.new_number, 1, c.approved_person_id, r.id, c.id,
    'issued', %(count)s + r.id,
    CASE r.kind WHEN 'renewal' THEN left(c.name, 1) || '宸' || right(c.name, 1) ELSE c.name END,
    c.sex, c.id_kind, c.id_number_cipher, c.id_number_index, c.id_number_masked, c.work_unit,
    CASE WHEN r.kind = 'renewal' AND r.id %% 2 = 0 THEN '工程管理' ELSE c.specialty END,
    c.qualification, c.grade, c.level, c.approval_date, c.document_number, c.issuing_unit_id,
    c.approving_department_id, c.embosser_id, c.voided_at - interval '5 days', c.filled_by_id,
    c.voided_at - interval '4 days', c.official_seal_by_id, c.official_seal_unit_id,
    c.voided_at - interval '2 days', c.embossed_by_id, c.embossed_unit_id, c.voided_at,
    c.issued_by_id, c.name, 'holder'
FROM bench_reissue r JOIN certificates_certificate c ON c.id = r.old
JOIN reissues_reissue a ON a.id = r.id
"""

CORRECTIONS = """
INSERT INTO reissues_correctedfield (reissue_id, field, old_text, new_text, new_kind, entered_at)
SELECT r.id, 'name', o.name, n.name, '', o.voided_at
FROM bench_reissue r JOIN certificates_certificate o ON o.id = r.old
JOIN certificates_certificate n ON n.reissue = r.id WHERE r.kind = 'renewal'
"""

FILLINGS = """
INSERT INTO certificates_filling (id, certificate_id, serial, filled_at)
SELECT id, id, blank_serial, filled_at FROM certificates_certificate
WHERE blank_serial IS NOT NULL
"""

ISSUES = """
INSERT INTO certificates_issuerecord (id, certificate_id, recipient, relation, id_checked,
    issued_at, issued_by_id)
SELECT id, id, recipient, 'holder', true, issued_at, issued_by_id FROM certificates_certificate
WHERE state = 'issued' AND medium = 'paper'
"""

CUSTODIES = """
INSERT INTO blanks_custody (id, organization_id, state, grade, register_id, balance, changed_at)
SELECT b + 1, issuing, CASE stage WHEN 'issued' THEN 'on_certificate' ELSE 'filling' END,
    'intermediate', b + 1, %(batch)s, day + 60
FROM bench_batch WHERE channel = 'paper' AND stage NOT IN ('draft', 'accepted');
INSERT INTO blanks_holding (id, serials, custody_id)
SELECT id, int8range((id - 1) * %(batch)s + 1, id * %(batch)s + 1), id FROM blanks_custody;
INSERT INTO blanks_custody (id, organization_id, state, grade, balance)
SELECT %(batches)s + 1, id, 'printer', 'intermediate', 0
FROM organizations_organization WHERE kind = 'municipal_office';
INSERT INTO blanks_movement (serials, reason, note, moved_at, moved_by_id, source_id, target_id)
SELECT int8range(b * %(batch)s + 1, (b + 1) * %(batch)s + 1), 'issue', '', day + 60, clerk,
    %(batches)s + 1, b + 1 FROM bench_batch WHERE channel = 'paper' AND stage = 'issued'
"""

SPOILAGE = """
INSERT INTO blanks_spoilage (serial, grade, certificate_number, reason, note, replaced_by,
    needs_blank, spoiled_at, register_id, spoiled_by_id)
SELECT %(count)s * 2 + c.id, c.grade, c.number, 'misprint', '', c.blank_serial, false, c.filled_at,
    c.register_id, c.filled_by_id
FROM certificates_certificate c WHERE c.id %% 97 = 5 AND c.register_id IS NOT NULL
"""

# Of the newest accepted registers some wait for their blanks, some for the receipt; of a twentieth
# of the complete ones three spare blanks were never given back.
ALLOTMENTS = """
INSERT INTO blanks_custody (id, organization_id, state, grade, register_id, balance, changed_at)
SELECT %(batches)s + 2 + b, issuing, 'spare', 'intermediate', b + 1, 3, day + 60
FROM bench_batch WHERE channel = 'paper' AND stage = 'issued' AND b %% 60 < 3;
INSERT INTO blanks_holding (id, serials, custody_id)
SELECT %(batches)s + 2 + b, int8range(%(count)s * 4 + b * 10, %(count)s * 4 + b * 10 + 3),
    %(batches)s + 2 + b
FROM bench_batch WHERE channel = 'paper' AND stage = 'issued' AND b %% 60 < 3;
INSERT INTO blanks_allotment (register_id, grade, people, spares, rate, state, row_serials,
    spare_serials, carried_serials, missing_serials, damaged_serials, allotted_at, allotted_by_id,
    handed_over_at, handed_over_by_id, collected_by, received_at, received_by_id)
SELECT g.register_id, g.grade, g.people, (g.people + 19) / 20, 0.05, g.state,
    jsonb_build_array(lpad(g.first::text, 8, '0') || '–' || lpad(g.last::text, 8, '0')),
    '[]', '[]', '[]', '[]', g.day + 32, g.office_officer,
    CASE WHEN g.state <> 'allotted' THEN g.day + 35 END,
    CASE WHEN g.state <> 'allotted' THEN g.office_officer END,
    CASE WHEN g.state <> 'allotted' THEN '经办人' ELSE '' END,
    CASE WHEN g.state = 'received' THEN g.day + 36 END,
    CASE WHEN g.state = 'received' THEN g.clerk END
FROM (
    SELECT w.register_id, w.grade, count(*) AS people, min(w.id) AS first, max(w.id) AS last,
        b.day, b.office_officer, b.clerk, CASE WHEN b.stage <> 'accepted' THEN 'received'
            ELSE (array['allotted', 'handed_over', 'received'])[b.b %% 4] END AS state
    FROM registers_registerrow w JOIN bench_batch b ON b.b = w.register_id - 1
    WHERE w.accepted GROUP BY 1, 2, b.b, b.day, b.office_officer, b.clerk, b.stage
) g WHERE g.state IS NOT NULL
"""

# Of a fiftieth of the registers everybody has a photo, of another one every second person.
# With the indexes: they count what stands in other registers as well.
PHOTOS = """
INSERT INTO files_storedfile (id, token, name, content_type, size, sha256, kept_sha256, content,
    stored_at, stored_by_id)
SELECT w.id, gen_random_uuid(), 'photo.jpg', 'image/jpeg', 4,
    encode(sha256(w.id::text::bytea), 'hex'),
    encode(sha256(w.id::text::bytea), 'hex'), '\\x00000000', b.day + 21, b.unit_clerk
FROM registers_registerrow w JOIN bench_batch b ON b.b = w.register_id - 1
WHERE b.b %% 50 = 7 OR b.b %% 50 = 9 AND w.id %% 2 = 0;
INSERT INTO photos_photo (id, id_number_index, id_number_masked, name, file_id, register_id,
    uploaded_at, uploaded_by_id, removal_reason)
SELECT w.id, w.id_number_index, w.id_number_masked, w.name, w.id, w.register_id, f.stored_at,
    f.stored_by_id, ''
FROM files_storedfile f JOIN registers_registerrow w ON w.id = f.id;
ANALYZE photos_photo;
SELECT registers_count_photos_of(array_agg(DISTINCT w.register_id))
FROM photos_photo p JOIN registers_registerrow w ON w.id_number_index = p.id_number_index
"""

LEGACY = """
INSERT INTO verification_legacyrecord (certificate_number, name, id_number_cipher,
    id_number_index, id_number_masked, specialty, qualification, approval_date, document_number,
    origin, imported_at)
SELECT 'L' || lpad(n::text, 9, '0'), p.name, p.id_number_cipher, p.id_number_index,
    p.id_number_masked, p.specialty, '助理级', date '1995-06-01' + (n %% 5000)::int,
    '渝职改发〔' || 1995 + n %% 14 || '〕' || n %% 300 || '号', '旧台账', '2020-01-01'
FROM generate_series(1, %(count)s / 20) n
JOIN approvals_approvedperson p ON p.id = n * 19
"""

EVENTS = """
INSERT INTO audit_auditevent (sequence, occurred_at, tag, actor_id, actor_name, organization_id,
    subject_type, subject_id, data, row_type, row_ids, row_digests, key_id, previous, digest)
SELECT n, timestamptz '2010-03-01' + n * (interval '6000 days' / %(events)s),
    (array['register:accept', 'certificate:fill', 'certificate:seal', 'certificate:emboss',
        'certificate:issue', 'list:export', 'register:submit'])[1 + n %% 7],
    a.id, a.display_name, a.organization_id, 'register', 1 + n %% %(batches)s, '{}', '', '{}', '',
    'a1', sha256((n - 1)::text::bytea), sha256(n::text::bytea)
FROM generate_series(1, %(events)s) n
JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS of, *
    FROM organizations_account) a ON a.place = n %% a.of
"""
