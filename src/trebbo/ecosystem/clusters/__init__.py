"""Networks, clusters, value chains with their history, memberships and specialisations."""
