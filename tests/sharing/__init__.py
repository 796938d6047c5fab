"""Tests of what members share: skills and ideas."""
