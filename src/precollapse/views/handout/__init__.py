"""The handout for patients: what it holds, as a page and as PDF."""
