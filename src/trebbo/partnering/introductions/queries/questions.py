"""Questions as an address says them and as the engine takes them; answers page by page."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.policies import belongs_to_network
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal
from trebbo.kernel.text import SEARCH_LIMIT, one_line
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.choices import OUTSIDE_FACETS, Facet
from trebbo.partnering.introductions.queries.facets import FacetGroup

PAGE_SIZE = 20
MOST_PAGES_RANKED = 50
"""Nobody reads further down a ranking; by title one may leaf to the end."""
MOST_CHOSEN = 20
Outside = Literal["", "also", "only"]
OUTSIDE_IN_ADDRESS: Mapping[str, Outside] = {"1": "also", "only": "only"}


class QuestionRefused(Refusal):
    """The question is too long to be a question."""


class AnswerUnavailable(Refusal):
    """There is no index to answer from."""

    status = 503


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks: words, what to narrow by, and which page of the answer.

    `outside` asks for bodies outside the network too ("also"), or for them alone ("only").
    """

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    page: int = 1
    order: Literal["relevance", "title"] = "relevance"
    outside: Outside = ""

    @classmethod
    def from_address(cls, parameters: QueryDict, *, browse: bool = False) -> Self:
        """The question in an address; what makes no sense there is left out, not an error.

        `browse` orders by name when no words are given.
        """
        text = one_line(parameters.get("q", ""))
        page = parameters.get("page", "1")
        outside: Outside = OUTSIDE_IN_ADDRESS.get(parameters.get("outside", ""), "")
        chosen = {
            facet.value: tuple(dict.fromkeys(filter(None, parameters.getlist(facet.value))))
            for facet in Facet
            if facet is not Facet.COUNTRY or outside == "only"
        }
        return cls(
            text=text,
            filters={name: values[:MOST_CHOSEN] for name, values in chosen.items() if values},
            page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
            order="title" if browse and not text else "relevance",
            outside="" if browse else outside,
        )

    def address(self, *, without: tuple[str, str] | None = None, words: bool = True) -> str:
        """The question as the query of an address, on its first page.

        Without one (facet, value), or without the words and where they are looked for.
        """
        pairs = [("q", self.text)] if self.text and words else []
        if self.outside and words:
            pairs.append(("outside", "1" if self.outside == "also" else "only"))
        pairs += [
            (name, value)
            for name, values in self.filters.items()
            for value in values
            if (name, value) != without
        ]
        return urlencode(pairs)

    @property
    def outside_address(self) -> str:
        """The same words among bodies outside the network alone."""
        kept = {name: values for name, values in self.filters.items() if name in OUTSIDE_FACETS}
        return replace(self, outside="only", filters=kept).address()

    @property
    def both_address(self) -> str:
        """The same words in the network, and outside it below."""
        kept = {name: values for name, values in self.filters.items() if name != Facet.COUNTRY}
        return replace(self, outside="also", filters=kept).address()

    @property
    def filters_address(self) -> str:
        """The filters alone, as the query of an address."""
        return self.address(words=False)


@dataclass(frozen=True, slots=True)
class Chip:
    """One value that narrows the answer, and the address of the answer without it."""

    facet: str
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Paged:
    """An answer on one page; `total` counts everybody who fits, `pages` those shown."""

    question: Question
    total: int
    pages: int
    groups: tuple[FacetGroup, ...]
    understood: gateway.Understanding

    @property
    def chips(self) -> tuple[Chip, ...]:
        """What narrows the answer, each to be taken away."""
        return tuple(
            Chip(group.label, value.label, self.question.address(without=(group.name, value.value)))
            for group in self.groups
            for value in group.chosen
        )

    @property
    def previous(self) -> int:
        """The page before this one."""
        return self.question.page - 1

    @property
    def next(self) -> int:
        """The page after this one."""
        return self.question.page + 1

    @property
    def first_rank(self) -> int:
        """The place of the first one of this page in the whole answer."""
        return (self.question.page - 1) * PAGE_SIZE + 1

    @property
    def cut(self) -> bool:
        """Whether more fit than can be leafed through."""
        return self.total > self.pages * PAGE_SIZE


def pages_of(question: Question, total: int) -> int:
    """How many pages of an answer of `total` are shown."""
    pages = max(1, -(-total // PAGE_SIZE))
    return pages if question.order == "title" else min(pages, MOST_PAGES_RANKED)


def unavailable() -> AnswerUnavailable:
    """The refusal where there is no index to read."""
    return AnswerUnavailable(_("The search index is being prepared. Try again in a minute."))


def engine_query(question: Question, viewer: Viewer) -> gateway.Query:
    """The question as the engine takes it; refuses a text of more than SEARCH_LIMIT characters."""
    if len(question.text) > SEARCH_LIMIT:
        raise QuestionRefused(
            _(
                "The question has %(length)s characters; the limit is %(limit)s. "
                "Keep the words that matter most."
            )
            % {"length": len(question.text), "limit": SEARCH_LIMIT}
        )
    audiences = {Visibility.PUBLIC.value}
    if belongs_to_network(viewer):
        audiences.add(Visibility.NETWORK.value)
    return gateway.Query(
        today=viewer.today,
        text=question.text,
        filters={name: tuple(values) for name, values in question.filters.items() if values},
        audiences=frozenset(audiences),
        limit=PAGE_SIZE,
        offset=(max(1, question.page) - 1) * PAGE_SIZE,
        order=question.order,
    )
