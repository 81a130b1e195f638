"""chart → facts: what is known of each hip on one day, with origin, or why it is unknown."""
