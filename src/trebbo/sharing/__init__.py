"""What members put on the table."""
