"""Mechanics that know no area: who acts, rules, refusals, pages, audit, charts, links, text."""
