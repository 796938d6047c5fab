"""Map pages and their data."""
