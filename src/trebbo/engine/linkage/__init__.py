"""Says who is who: bodies of one register linked to those of another, with reasons."""
