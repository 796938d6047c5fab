"""Tests of ecosystem/organisations."""
