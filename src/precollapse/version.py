"""The version of the software; the version of the knowledge is computed from its files."""

__version__ = "0.1.0"
