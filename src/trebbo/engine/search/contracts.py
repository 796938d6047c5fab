"""What goes into the search engine and what comes out of it: frozen dataclasses only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from trebbo.engine.search.lexicon import Lexicon
    from trebbo.engine.search.places import Gazetteer

Language = Literal["it", "en", "any"]
Weight = Literal["A", "B", "C", "D"]
Freshness = Literal["confirmed", "due", "stale", "never"]
Meeting = Literal["direct", "synonym", "partial"]
PlaceKind = Literal["municipality", "technopole", "province"]

WEIGHTS: tuple[Weight, ...] = ("A", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class Point:
    """A place on earth in WGS 84 degrees, with the label a person would recognise."""

    latitude: float
    longitude: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One named stretch of a document.

    Weight A is for names and acronyms, B for competences, fields, equipment and services, C for
    descriptions and aims, D for context such as cluster, value chain, town and label of the kind.
    """

    name: str
    text: str
    language: Language = "any"
    weight: Weight = "C"


@dataclass(frozen=True, slots=True)
class Document:
    """One thing that can be found; `key` names it for the caller, e.g. "organisation:12".

    A document without audiences is found by nobody.
    """

    key: str
    title: str
    parts: tuple[Part, ...] = ()
    facets: frozenset[tuple[str, str]] = frozenset()
    audiences: frozenset[str] = frozenset()
    points: tuple[Point, ...] = ()
    confirmed_on: date | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place a question can name, by any of its names; the first one is shown.

    `facet` is the facet that documents inside it carry, e.g. ("province", "MO"); they then count
    as being at the place itself.
    """

    names: tuple[str, ...]
    latitude: float
    longitude: float
    kind: PlaceKind = "municipality"
    facet: tuple[str, str] | None = None

    @property
    def label(self) -> str:
        """The name to show."""
        return self.names[0] if self.names else ""


@dataclass(frozen=True, slots=True)
class Query:
    """A question. Values of one facet are alternatives, facets add up, audiences are any-of.

    `near` overrules a place named in the text; `radius_km` is a limit, not a preference. `only`
    limits the answer to documents of these keys, `without` leaves some out. Parts whose
    names begin with one of `unread` find and order as ever, but scores and reasons of the hits are
    those of the other parts alone: quick to read, and what a document is worth without them.
    """

    today: date
    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    audiences: frozenset[str] = frozenset({"public"})
    near: Place | None = None
    radius_km: float | None = None
    limit: int = 20
    offset: int = 0
    order: Literal["relevance", "title"] = "relevance"
    facet_counts: bool = True
    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConceptMatch:
    """A concept of the lexicon recognised in the question, with its label in both languages."""

    concept: str
    typed: str
    italian: str
    english: str


@dataclass(frozen=True, slots=True)
class Understanding:
    """The question as it was understood: what was looked for, what was left out."""

    words: tuple[str, ...] = ()
    concepts: tuple[ConceptMatch, ...] = ()
    place: Place | None = None
    radius_km: float | None = None
    dropped: tuple[str, ...] = ()
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class MatchReason:
    """A word or concept of the question met in one part of the document.

    `found` are the words as written there, `excerpt` a short stretch around the first of them,
    `share` the points it adds to the text score of the hit.
    """

    part: str
    asked: str
    found: tuple[str, ...]
    excerpt: str
    meeting: Meeting
    concept: ConceptMatch | None
    share: float


@dataclass(frozen=True, slots=True)
class DistanceReason:
    """How far the nearest point is (None: unknown) and the factor this puts on the score."""

    place: str
    point: str
    distance_km: float | None
    inside: bool
    factor: float


@dataclass(frozen=True, slots=True)
class FreshnessReason:
    """How fresh the document is on the day of the question, and the factor on the score."""

    state: Freshness
    confirmed_on: date | None
    factor: float


Reason = MatchReason | DistanceReason | FreshnessReason


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found. score = text_score x the factors among the reasons.

    Without words in the question, text_score is 1 and no MatchReason is given.
    """

    key: str
    title: str
    score: float
    text_score: float
    reasons: tuple[Reason, ...]
    distance_km: float | None
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits; `total` and `facets` count every match, not the page.

    Facet values are ordered by falling count, then by value.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: dict[str, tuple[tuple[str, int], ...]]
    understood: Understanding
    full_score: float = 0.0
    """The text score of a document that meets every group of the question in full."""


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What the doctor is told: is the index usable, how many documents, what to do if not."""

    state: Literal["ready", "missing", "outdated", "broken"]
    documents: int
    schema_version: int | None
    message: str


class SearchIndex(Protocol):
    """The one face of the search engine, whatever stores the index."""

    def replace_all(self, documents: Iterable[Document]) -> int:
        """Replace the whole index at once and return the number of documents.

        Readers see the old or the new index, never half of either. A key given twice keeps the
        last document. Raises IndexBusy while another writer is at work.
        """

    def put(self, documents: Iterable[Document]) -> int:
        """Add or replace documents by key and return how many. Raises as `replace_all`."""

    def remove(self, keys: Iterable[str]) -> None:
        """Take documents out; unknown keys are ignored. Raises as `replace_all`."""

    def search(self, query: Query, lexicon: "Lexicon", gazetteer: "Gazetteer") -> Results:
        """Answer a question. Raises IndexMissing or IndexBroken when there is nothing to read."""

    def count(self) -> int:
        """The number of documents of every audience."""

    def check(self) -> IndexStatus:
        """Whether the index can be used; never raises."""
