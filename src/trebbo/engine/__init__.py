"""The engine: algorithms that know no Django and nothing else of the product."""
