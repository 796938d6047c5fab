"""Tests of engine/state_aid."""
