"""Challenges and project ideas: circles, terms, answers, discussion, scorecards, readiness."""
