"""record → chart: readers for FHIR R4, OMOP CDM 5.4 and hand-typed case files."""
