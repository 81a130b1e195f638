"""The course of an illness over time from the printed proportions of many cohorts."""
