"""Candidates and links are those of an obvious comparison of all with all."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.linkage.examples import LINKER
from trebbo.engine.linkage import Entity, Match, Name, Zone
from trebbo.engine.linkage.blocking import ANYWHERE, OF_A_COUNTRY, RULES, Blocks
from trebbo.engine.linkage.linker import FLOOR, MOST_LIKELY, are_one, can_share
from trebbo.engine.linkage.model import rival_level
from trebbo.engine.linkage.prepared import Prepared, prepare

RARITY = LINKER.model.rarity
WORDS = ["Università", "Bologna", "Modena", "Gambarelli", "Biomedical", "Pergola", "S.r.l.", "2"]


def bodies(prefix: str) -> st.SearchStrategy[list[Entity]]:
    """A few bodies out of few words, so that many have something in common."""
    name = st.lists(st.sampled_from(WORDS), min_size=0, max_size=4).map(" ".join)
    one = st.builds(
        lambda names, country, town, web, vat: (names, country, town, web, vat),
        st.lists(name, max_size=2),
        st.sampled_from(["IT", "IT", "FR", ""]),
        st.sampled_from(["", "Bologna", "Modena"]),
        st.sampled_from(["", "", "unibo.it", "pergola.it"]),
        st.sampled_from(["", "", "02345670361", "09876540368"]),
    )
    return st.lists(one, max_size=5).map(
        lambda rows: [
            Entity(
                key=f"{prefix}{place}",
                names=tuple(map(Name, names)),
                country=country,
                town=town,
                domains=frozenset({web} - {""}),
                identifiers=frozenset({("vat", vat)} if vat else set()),
            )
            for place, (names, country, town, web, vat) in enumerate(rows)
        ]
    )


def share_a_key(one: Prepared, other: Prepared) -> bool:
    """Whether any rule brings two bodies together; an unknown country may be any."""
    for rule in RULES.values():
        for mine in rule(one, RARITY):
            for theirs in rule(other, RARITY):
                if mine[0] in OF_A_COUNTRY and not (mine[1] and theirs[1]):
                    mine_, theirs_ = (mine[0], *mine[2:]), (theirs[0], *theirs[2:])
                else:
                    mine_, theirs_ = mine, theirs
                if mine_ == theirs_:
                    return True
    return False


@given(bodies("l"), bodies("r"))
@settings(deadline=None, max_examples=150)
def test_candidates_are_all_that_share_a_key(left: list[Entity], right: list[Entity]) -> None:
    held = [prepare(entity) for entity in left]
    blocks = Blocks(held, RARITY)
    for entity in right:
        other = prepare(entity)
        wanted = [place for place, mine in enumerate(held) if share_a_key(mine, other)]
        assert blocks.candidates(other) == wanted
        assert blocks.may_have(entity) or not wanted


def all_with_all(left: list[Entity], right: list[Entity]) -> list[Match]:
    """The linker written the obvious way."""
    lefts, rights = [prepare(e) for e in left], [prepare(e) for e in right]
    pairs = {
        (one.key, other.key): LINKER.compared(one, other)
        for one in lefts
        for other in rights
        if share_a_key(one, other)
    }
    pairs = {keys: pair for keys, pair in pairs.items() if pair.base > FLOOR}
    for pair in pairs.values():
        against = [
            p.base
            for p in pairs.values()
            if p.left is pair.left and p is not pair and not are_one(pair.right, p.right)
        ]
        claims = [
            p.base
            for p in pairs.values()
            if p.right is pair.right and p is not pair and not can_share(pair.left, p.left)
        ]
        pair.rival = rival_level(pair.base - max(against) if against else None)
        pair.claim = rival_level(pair.base - max(claims) if claims else None)
    found: list[Match] = []
    for one in lefts:
        mine = [LINKER.judge(pair) for pair in pairs.values() if pair.left is one]
        ranked = sorted((m for m in mine if m), key=lambda m: (-m.probability, m.right))
        likely = [m for m in ranked if m.zone is Zone.LIKELY][:MOST_LIKELY]
        found += [m for m in ranked if m.zone is Zone.CERTAIN or m in likely]
    return found


@given(bodies("l"), bodies("r"))
@settings(deadline=None, max_examples=150)
def test_links_are_those_of_comparing_all_with_all(left: list[Entity], right: list[Entity]) -> None:
    assert list(LINKER.link(left, right)) == all_with_all(left, right)
    assert list(LINKER.link(iter(left), iter(right))) == all_with_all(left, right)


def test_a_key_that_too_many_share_is_left_out() -> None:
    same = [prepare(Entity(str(n), (Name("Gambarelli Pergola"),), country="IT")) for n in range(4)]
    assert Blocks(same, RARITY, largest=4).candidates(same[0]) == [0, 1, 2, 3]
    assert Blocks(same, RARITY, largest=3).candidates(same[0]) == []
    assert ANYWHERE not in {key[1] for key in Blocks(same, RARITY).keys(same[0])}
