"""What a viewer can read of the evidence."""
