"""facts → urgency, risk and cause; computed on tables, no clock, no randomness, no network."""
