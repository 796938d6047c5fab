"""Tests of the ecosystem."""
