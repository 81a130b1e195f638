"""Plots of the evidence as SVG and as lines of text: drawn by hand, so that nothing has to be installed."""
