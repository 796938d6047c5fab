"""Kinds, fields, sectors and places, in Italian and English, with their sources."""
