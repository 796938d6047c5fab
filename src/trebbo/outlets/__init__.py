"""Ways out of the house: an outlet owns no facts of the domain."""
