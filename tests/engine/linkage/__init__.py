"""Who is who: names, candidates, scores, zones."""
