"""OMOP CDM 5.4 tables → chart: columns in, columns out; one meaning per distinct code, never per row."""
