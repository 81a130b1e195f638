"""Every run of the tests tries the same examples: a failure is met again by whoever looks for it."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.load_profile("reproducible")
