-- Finds the OMOP concept id of every code of codes.csv in the vocabulary of this database.
-- First load codes.csv as the table phenotype_codes (README.md says how). A row without concept_id is a code
-- that this vocabulary does not hold. For DuckDB and PostgreSQL.
SELECT
    p.concept_set_id,
    p.concept_set,
    p.vocabulary_id,
    p.concept_code,
    c.concept_id,
    c.concept_name,
    c.standard_concept,
    c.domain_id
FROM phenotype_codes AS p
LEFT JOIN concept AS c
    ON c.vocabulary_id = p.vocabulary_id
    AND c.concept_code = p.concept_code
ORDER BY p.concept_set_id, p.vocabulary_id, p.concept_code;
