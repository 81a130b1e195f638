"""The case file: one patient typed by hand in YAML or JSON."""
