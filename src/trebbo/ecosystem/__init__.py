"""Who there is, and in which words."""
