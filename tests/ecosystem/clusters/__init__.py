"""Tests of networks, clusters and value chains."""
