"""Tests of people and what they hold."""
