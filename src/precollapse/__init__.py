"""Osteonecrosis of the hip, found, staged and forecast before the femoral head collapses."""

from precollapse.version import __version__

__all__ = ["__version__"]
