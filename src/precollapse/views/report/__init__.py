"""Papers for clinicians: two pages on a case, and a referral letter."""
