"""The house kept in order: what imports alone cannot show."""
