"""Every constant of the ranking in one place, each with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How questions are read and documents ranked; the defaults are meant to be kept.

    Changing `weights`, `repeat_cap` or `document_bytes` needs a rebuild of the index.
    """

    # A word's frequency counts this often by the weight of its part (BM25F). Powers of two, because
    # BM25 saturates: a name then scores about twice as much as context, never ten times.
    weights: tuple[int, int, int, int] = (8, 4, 2, 1)
    # Saying a word more often than this in one part adds nothing: no gain from stuffing.
    repeat_cap: int = 3
    # Distinct terms kept of one document, in bytes; below the limit of a PostgreSQL tsvector.
    document_bytes: int = 600_000
    # A translation or synonym says the same, a little less surely than the words asked for.
    synonym_factor: float = 0.8
    # One word out of an asked phrase is a hint, not an answer.
    partial_factor: float = 0.35
    # Words and concepts looked for in one question; more are cut and reported.
    max_groups: int = 64
    # Ways to meet one of them; a concept with more synonyms than that is not a concept.
    max_alternatives: int = 24
    # A question is read up to here, whatever the caller lets through.
    max_characters: int = 10_000
    # One word in this many has to be met, so that a long sentence does not match everything.
    words_per_required: int = 3
    # Distance halves the preference after some 28 km: the next town counts, the region still shows.
    decay_km: float = 40.0
    # What is left of the score however far (or unknown) the place is: distance is a preference.
    distance_floor: float = 0.25
    # A limit beyond this is no limit in a region; it also bounds the work.
    max_radius_km: float = 500.0
    # Circles searched on their own, so that what is near is found among very many matches.
    rings_km: tuple[float, ...] = (12.0, 50.0)
    # Best matches looked at before distance and freshness reorder them, and the second try.
    candidates: int = 100
    more_candidates: int = 400
    # Days after the due date until a document is stale: half a year of grace.
    grace_days: int = 180
    # Freshness orders near equals; it never hides a good answer.
    due_factor: float = 0.98
    stale_factor: float = 0.93
    never_factor: float = 0.93
    # Characters of context around a match.
    excerpt_characters: int = 120


DEFAULTS = Settings()
