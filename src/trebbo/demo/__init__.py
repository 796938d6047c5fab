"""The demonstration ecosystem: fact files and a builder that uses only actions."""
