"""Makes invented cohorts in which osteonecrosis of the hip is planted, with the truth beside the records.

Every life runs through modules in Synthea's generic format, which tietai-synthea (PyPI) executes; the modules
are our own.
"""
