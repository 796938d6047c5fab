"""Reads official open-data files whole, checks them row by row and keeps them as tables."""
