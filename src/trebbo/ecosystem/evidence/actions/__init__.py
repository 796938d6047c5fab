"""What a person can do with the evidence."""
