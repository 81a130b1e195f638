"""Evidence synthesis: from study arms to pooled effects and survival, each equal to its published reference.

A small library that knows nothing of hips: effect sizes, pairwise random effects, sparse events, network
meta-analysis, survival. ``docs/methods/evidence.md`` gives the equations.
"""
