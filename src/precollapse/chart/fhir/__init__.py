"""Reader of FHIR R4 records."""
