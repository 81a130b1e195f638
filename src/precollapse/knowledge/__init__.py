"""The knowledge: typed loader, checks and search over the YAML files of ``knowledge/``."""
