"""Hands the evidence to the engine and brings its answers back."""
