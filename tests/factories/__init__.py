"""Factories: rows for tests, valid unless a test says otherwise."""
