"""assessment → something a person reads: terminal text, a page, JSON. Views conclude nothing themselves."""
