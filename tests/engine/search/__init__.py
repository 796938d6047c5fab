"""Tests of the search engine, run on every index where they apply."""
