-- The three cohorts of README.md in SQL, with the same logic as the definitions in cohorts/*.json.
-- Needs the tables of an OMOP CDM 5.4 and codes.csv as the table phenotype_codes (README.md says how). Makes
-- temporary tables only; the last, phenotype_cohort, has the columns of the CDM's COHORT. For DuckDB and
-- PostgreSQL: a date plus a whole number is that many days later in both.

-- Concept sets: the codes, what is below them in the hierarchy where codes.csv says so, less the excluded ones.
CREATE TEMPORARY TABLE phenotype_codeset AS
WITH named AS (
    SELECT p.concept_set_id, p.excluded, p.descendants, c.concept_id
    FROM phenotype_codes AS p
    JOIN concept AS c
        ON c.vocabulary_id = p.vocabulary_id
        AND c.concept_code = p.concept_code
),
every_id AS (
    SELECT concept_set_id, excluded, concept_id FROM named
    UNION
    SELECT n.concept_set_id, n.excluded, a.descendant_concept_id
    FROM named AS n
    JOIN concept_ancestor AS a ON a.ancestor_concept_id = n.concept_id
    WHERE n.descendants
)
SELECT DISTINCT kept.concept_set_id, kept.concept_id
FROM every_id AS kept
LEFT JOIN every_id AS barred
    ON barred.concept_set_id = kept.concept_set_id
    AND barred.concept_id = kept.concept_id
    AND barred.excluded
WHERE NOT kept.excluded AND barred.concept_id IS NULL;

-- Events: one row per person and day of each kind, with the name of what happened.
-- 0 and 1: osteonecrosis, 2: Perthes disease, 3: hip MRI, 4: hip operation, 5 and 6: hip pain,
-- 7: systemic corticosteroid, 8 to 10: sickle cell disease, lupus, alcohol use disorder.
CREATE TEMPORARY TABLE phenotype_event AS
SELECT DISTINCT o.person_id, o.condition_start_date AS event_date,
    CASE
        WHEN s.concept_set_id = 0 THEN 'osteonecrosis'
        WHEN s.concept_set_id = 5 THEN 'hip pain'
        ELSE 'cause'
    END AS event_kind
FROM condition_occurrence AS o
JOIN phenotype_codeset AS s ON s.concept_id = o.condition_concept_id
WHERE s.concept_set_id IN (0, 5, 8, 9, 10)
UNION
-- The femoral head is often lost when a source code is mapped to a standard concept; so source codes count too.
SELECT o.person_id, o.condition_start_date,
    CASE s.concept_set_id WHEN 1 THEN 'osteonecrosis' WHEN 2 THEN 'Perthes disease' ELSE 'hip pain' END
FROM condition_occurrence AS o
JOIN phenotype_codeset AS s ON s.concept_id = o.condition_source_concept_id
WHERE s.concept_set_id IN (1, 2, 6)
UNION
SELECT o.person_id, o.procedure_date, CASE s.concept_set_id WHEN 3 THEN 'hip MRI' ELSE 'hip operation' END
FROM procedure_occurrence AS o
JOIN phenotype_codeset AS s ON s.concept_id = o.procedure_concept_id
WHERE s.concept_set_id IN (3, 4)
UNION
SELECT o.person_id, o.measurement_date, 'hip MRI'
FROM measurement AS o
JOIN phenotype_codeset AS s ON s.concept_id = o.measurement_concept_id
WHERE s.concept_set_id = 3
UNION
SELECT o.person_id, o.drug_exposure_start_date, 'corticosteroid'
FROM drug_exposure AS o
JOIN phenotype_codeset AS s ON s.concept_id = o.drug_concept_id
WHERE s.concept_set_id = 7;

-- 1. Incident: the first diagnosis ever, after a year of observation, and no Perthes disease up to then.
CREATE TEMPORARY TABLE phenotype_incident AS
SELECT d.person_id, d.index_date, p.observation_period_end_date AS end_date
FROM (
    SELECT person_id, min(event_date) AS index_date
    FROM phenotype_event
    WHERE event_kind = 'osteonecrosis'
    GROUP BY person_id
) AS d
JOIN observation_period AS p
    ON p.person_id = d.person_id
    AND d.index_date BETWEEN p.observation_period_start_date + 365 AND p.observation_period_end_date
WHERE NOT EXISTS (
    SELECT 1 FROM phenotype_event AS e
    WHERE e.person_id = d.person_id AND e.event_kind = 'Perthes disease' AND e.event_date <= d.index_date
);

-- 2. Specific: the incident cohort, supported by an MRI, an operation or the diagnosis on another day.
CREATE TEMPORARY TABLE phenotype_specific AS
SELECT i.person_id, i.index_date, i.end_date
FROM phenotype_incident AS i
WHERE EXISTS (
    SELECT 1 FROM phenotype_event AS e
    WHERE e.person_id = i.person_id
        AND (
            (e.event_kind = 'hip MRI' AND e.event_date BETWEEN i.index_date - 90 AND i.index_date + 365)
            OR (e.event_kind = 'hip operation' AND e.event_date BETWEEN i.index_date AND i.index_date + 365)
            OR (e.event_kind = 'osteonecrosis' AND e.event_date BETWEEN i.index_date + 1 AND i.index_date + 365)
        )
);

-- 3. To be screened: hip pain after a strong cause, no hip MRI in the year before, osteonecrosis not known.
CREATE TEMPORARY TABLE phenotype_screening AS
SELECT n.person_id, n.event_date AS index_date, p.observation_period_end_date AS end_date
FROM phenotype_event AS n
JOIN observation_period AS p
    ON p.person_id = n.person_id
    AND n.event_date BETWEEN p.observation_period_start_date + 365 AND p.observation_period_end_date
WHERE n.event_kind = 'hip pain'
    AND EXISTS (
        SELECT 1 FROM phenotype_event AS e
        WHERE e.person_id = n.person_id
            AND e.event_date <= n.event_date
            AND (e.event_kind = 'cause' OR (e.event_kind = 'corticosteroid' AND e.event_date >= n.event_date - 1095))
    )
    AND NOT EXISTS (
        SELECT 1 FROM phenotype_event AS e
        WHERE e.person_id = n.person_id
            AND e.event_date <= n.event_date
            AND (e.event_kind = 'osteonecrosis' OR (e.event_kind = 'hip MRI' AND e.event_date >= n.event_date - 365))
    );

-- Every cohort once per person. Of the third the first such day counts, and a person leaves it after a year,
-- with the first hip MRI, or with the diagnosis.
CREATE TEMPORARY TABLE phenotype_cohort AS
SELECT 1 AS cohort_definition_id, person_id AS subject_id, index_date AS cohort_start_date,
    end_date AS cohort_end_date
FROM phenotype_incident
UNION ALL
SELECT 2, person_id, index_date, end_date FROM phenotype_specific
UNION ALL
SELECT 3, f.person_id, f.index_date, least(f.end_date, f.index_date + 365, min(e.event_date))
FROM (
    SELECT s.person_id, s.index_date, s.end_date
    FROM phenotype_screening AS s
    JOIN (
        SELECT person_id, min(index_date) AS index_date FROM phenotype_screening GROUP BY person_id
    ) AS earliest
        ON earliest.person_id = s.person_id AND earliest.index_date = s.index_date
) AS f
LEFT JOIN phenotype_event AS e
    ON e.person_id = f.person_id
    AND e.event_kind IN ('hip MRI', 'osteonecrosis')
    AND e.event_date > f.index_date
GROUP BY f.person_id, f.index_date, f.end_date;
