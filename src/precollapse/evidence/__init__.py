"""Evidence synthesis: from study arms to pooled effects, survival and parameters, each equal to a reference.

Four rooms know nothing of hips and can be used alone: ``pairwise``, ``network``, ``survival`` and ``course``.
``table`` holds the study table, ``fitting`` what is estimated from it, ``fitted`` what the engine reads.
``docs/methods/evidence.md`` and ``docs/methods/evidence-statistics.md`` give the equations.

>>> from precollapse.evidence.pairwise.pool import pool
>>> round(pool([0.1, 0.3, 0.5], [0.04, 0.04, 0.04]).estimate, 3)
0.3
"""
