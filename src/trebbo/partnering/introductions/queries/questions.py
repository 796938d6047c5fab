"""Questions as an address says them and as the engine takes them; answers page by page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from trebbo.ecosystem.organisations.choices import Visibility
from trebbo.ecosystem.organisations.policies import belongs_to_network
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import Refusal
from trebbo.kernel.text import SEARCH_LIMIT, one_line
from trebbo.partnering.introductions import gateway
from trebbo.partnering.introductions.choices import LONGEST_NEED, OUTSIDE_FACETS, Facet
from trebbo.partnering.introductions.queries.facets import FacetGroup

PAGE_SIZE = 20
EXPLAINED = 10
"""Bodies on a page of an answer, each with all of its reasons; a directory lists PAGE_SIZE."""
MOST_PAGES_RANKED = 50
"""Nobody reads further down a ranking; by title one may leaf to the end."""
MOST_CHOSEN = 20
MOST_KM = 500
MOST_LIKED = 10
TELLING_WORDS = 40
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
    The other wishes: `asker` is the slug of the profile that asks; `km` a distance from it; `new`
    leaves out whom it ever worked with; `equipment` are words of equipment to have; `like` and
    `unlike` are profiles to find more of, and to leave out. `browse` looks through the directory,
    where nobody is ranked by evidence nor left out. A page shows `page_size` bodies.
    """

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    page: int = 1
    order: Literal["relevance", "title"] = "relevance"
    outside: Outside = ""
    asker: str = ""
    km: int = 0
    new: bool = False
    equipment: str = ""
    like: tuple[int, ...] = ()
    unlike: tuple[int, ...] = ()
    browse: bool = False
    page_size: int = EXPLAINED

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
            browse=browse,
            page_size=PAGE_SIZE if browse else EXPLAINED,
            **({} if browse else _wishes(parameters)),
        )

    def address(self, *, without: tuple[str, str] | None = None, words: bool = True) -> str:
        """The question as the query of an address, on its first page.

        Without one (facet, value), or without the words and where they are looked for.
        """
        pairs = [("q", self.text)] if self.text and words else []
        if self.outside and words:
            pairs.append(("outside", "1" if self.outside == "also" else "only"))
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        pairs += self.extras
        return urlencode([pair for pair in pairs if pair != without])

    @property
    def extras(self) -> list[tuple[str, str]]:
        """The wishes beside the filters, as in an address."""
        pairs = [("as", self.asker)] if self.asker else []
        pairs += [("km", str(self.km))] if self.km else []
        pairs += [("new", "1")] if self.new else []
        pairs += [("equipment", self.equipment)] if self.equipment else []
        pairs += [("like", str(pk)) for pk in self.like]
        return pairs + [("not", str(pk)) for pk in self.unlike]

    def without(self, name: str, value: str) -> "Question":
        """The question without one filter or wish, on its first page."""
        return Question.from_address(QueryDict(self.address(without=(name, value))))

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
        return self.filter_chips

    @property
    def filter_chips(self) -> tuple[Chip, ...]:
        """The chosen values of facets."""
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
        return (self.question.page - 1) * self.question.page_size + 1

    @property
    def cut(self) -> bool:
        """Whether more fit than can be leafed through."""
        return self.total > self.pages * self.question.page_size


def _wishes(parameters: QueryDict) -> dict[str, Any]:
    """What an address wishes beside words and filters; what makes no sense is left out."""
    km = parameters.get("km", "")
    return {
        "asker": parameters.get("as", "")[:120],
        "km": min(int(km), MOST_KM) if km.isascii() and km.isdigit() and len(km) < 6 else 0,
        "new": parameters.get("new", "") == "1",
        "equipment": one_line(parameters.get("equipment", ""))[:SEARCH_LIMIT],
        "like": _numbers(parameters.getlist("like")),
        "unlike": _numbers(parameters.getlist("not")),
    }


def _numbers(values: Iterable[str]) -> tuple[int, ...]:
    known = (int(one) for one in values if one.isascii() and one.isdigit() and len(one) < 12)
    return tuple(dict.fromkeys(known))[:MOST_LIKED]


def pages_of(question: Question, total: int) -> int:
    """How many pages of an answer of `total` are shown."""
    pages = max(1, -(-total // question.page_size))
    return pages if question.order == "title" else min(pages, MOST_PAGES_RANKED)


def unavailable() -> AnswerUnavailable:
    """The refusal where there is no index to read."""
    return AnswerUnavailable(_("The search index is being prepared. Try again in a minute."))


def words_to_find(text: str) -> str:
    """The text itself, or of a long one the words that it says most often."""
    return text if len(text) <= SEARCH_LIMIT else gateway.telling_words(text, TELLING_WORDS)


def engine_query(question: Question, viewer: Viewer) -> gateway.Query:
    """The question as the engine takes it; refuses a text of more than LONGEST_NEED characters.

    Of a long text the most telling words are looked for; who browses has no need of one.
    """
    limit = SEARCH_LIMIT if question.browse else LONGEST_NEED
    if len(question.text) > limit:
        raise QuestionRefused(
            _(
                "The question has %(length)s characters; the limit is %(limit)s. "
                "Keep the words that matter most."
            )
            % {"length": len(question.text), "limit": limit}
        )
    audiences = {Visibility.PUBLIC.value}
    if belongs_to_network(viewer):
        audiences.add(Visibility.NETWORK.value)
    return gateway.Query(
        today=viewer.today,
        text=words_to_find(question.text),
        filters={name: tuple(values) for name, values in question.filters.items() if values},
        audiences=frozenset(audiences),
        limit=question.page_size,
        offset=(max(1, question.page) - 1) * question.page_size,
        order=question.order,
    )
