"""Tags of the asks' templates."""
