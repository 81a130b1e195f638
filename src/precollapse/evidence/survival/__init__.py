"""Survival with censoring and competing risks, and pooled survival from published points."""
