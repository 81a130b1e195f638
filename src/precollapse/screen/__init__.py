"""Screening of many patients: who should have an image now, and why."""
