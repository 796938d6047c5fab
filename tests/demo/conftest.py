"""Each test has an index of its own."""

from tests.searching import search_folder

__all__ = ["search_folder"]
