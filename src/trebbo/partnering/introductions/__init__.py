"""From an ask in plain words to an explained shortlist."""
