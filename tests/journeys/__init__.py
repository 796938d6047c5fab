"""Whole paths of people through the demonstration, in a real browser."""
