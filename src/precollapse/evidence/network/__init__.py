"""Treatments tied to each other by the studies that compared them."""
