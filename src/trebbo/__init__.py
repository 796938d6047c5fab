"""Trebbo: the open system that runs a regional innovation cluster and its network."""
