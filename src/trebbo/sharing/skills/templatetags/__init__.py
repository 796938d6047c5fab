"""Template tags of the skills."""
