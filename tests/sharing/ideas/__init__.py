"""Tests of challenges and project ideas."""
