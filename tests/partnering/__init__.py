"""From need to team."""
