"""A made-up world of bodies and works in four clear topics, and random small evidence."""

from datetime import date, timedelta
from functools import cache
from random import Random

from hypothesis import strategies as st

from trebbo.engine.matching import Body, Evidence, Member, Need, Work
from trebbo.engine.matching.contracts import Language
from trebbo.engine.matching.ranking import LearnedRanking
from trebbo.engine.matching.terms import terms_of
from trebbo.engine.matching.training import Recipe, train
from trebbo.engine.search.lexicon import Concept, Lexicon

FIRST_DAY = date(2021, 1, 4)
TODAY = date(2024, 1, 8)
HELD_OUT_FROM = date(2023, 7, 3)
MODENA, BOLOGNA, PARIS = (44.6458, 10.9257), (44.4938, 11.3387), (48.8566, 2.3522)
PLACES = (
    ("IT", "ITH54", *MODENA),
    ("IT", "ITH55", *BOLOGNA),
    ("IT", "ITC4C", 45.4642, 9.19),
    ("FR", "FR101", *PARIS),
    ("DE", "DE212", 48.1374, 11.5755),
)
KINDS = ("HES", "PRC", "REC", "PRC", "PUB", "OTH")
ENGLISH = {
    "water": (
        "water river purification membrane aquifer drinking wastewater filtration basin sludge"
    ),
    "robots": (
        "robot gripper actuator autonomous navigation lidar manipulator swarm welding dexterity"
    ),
    "energy": "solar photovoltaic battery inverter grid hydrogen electrolyser storage turbine wind",
    "food": "cheese milk fermentation ripening dairy packaging taste shelf bacteria protein",
}
ITALIAN = {
    "water": "acqua fiume depurazione membrana falda potabile reflue filtrazione bacino fanghi",
    "robots": (
        "robot pinza attuatore autonoma navigazione lidar manipolatore sciame saldatura agile"
    ),
    "energy": (
        "solare fotovoltaico batteria inverter rete "
        "idrogeno elettrolizzatore accumulo turbina vento"
    ),
    "food": (
        "formaggio latte fermentazione stagionatura caseificio "
        "imballaggio gusto scaffale batteri proteine"
    ),
}
TOPICS = tuple(ENGLISH)
FILLER = {
    "en": [
        "project",
        "method",
        "partners",
        "results",
        "market",
        "demonstration",
        "region",
        "training",
    ],
    "it": [
        "progetto",
        "metodo",
        "risultati",
        "mercato",
        "dimostrazione",
        "regione",
        "formazione",
        "imprese",
    ],
}
LEXICON = Lexicon(
    [
        Concept("water-treatment", ("depurazione delle acque",), ("water treatment",)),
        Concept("milk", ("latte",), ("milk",)),
        Concept("sensor", ("sensori", "sensoristica"), ("sensors",)),
    ]
)


def made_world(*, bodies: int = 30, works: int = 60, years: int = 3, seed: int = 1) -> Evidence:
    """Bodies that keep to one topic four times out of five; every fourth work is in Italian."""
    chance = Random(seed)
    them = tuple(_body(at) for at in range(bodies))
    days = round(365.25 * years)
    return Evidence(them, tuple(_work(at, days, them, chance) for at in range(works)))


def topic_of(body: str) -> str:
    """The topic that a body of the made-up world mostly works on."""
    return TOPICS[int(body[1:]) % len(TOPICS)]


def about(topic: str, *, asker: str = "", team: tuple[str, ...] = ()) -> Need:
    """A need in six words of a topic."""
    return Need(terms_of(" ".join(ENGLISH[topic].split()[:6]), "en"), asker, team)


def _body(at: int) -> Body:
    country, province, latitude, longitude = PLACES[at % len(PLACES)]
    kind = KINDS[at % len(KINDS)]
    return Body(
        key=f"b{at:03}",
        kind=kind,
        is_sme=at % 4 == 1 if kind == "PRC" else None,
        country=country,
        province=province,
        latitude=latitude + at / 500,
        longitude=longitude - at / 700,
    )


def _work(at: int, days: int, bodies: tuple[Body, ...], chance: Random) -> Work:
    topic = TOPICS[at % len(TOPICS)]
    language: Language = "it" if at // len(TOPICS) % 4 == 3 else "en"
    words = (ITALIAN if language == "it" else ENGLISH)[topic].split()
    text = chance.choices(words, k=14) + chance.choices(FILLER[language], k=6)
    chance.shuffle(text)
    return Work(
        key=f"w{at:03}",
        day=FIRST_DAY + timedelta(days=chance.randrange(days)),
        title=" ".join(text[:4]),
        text=" ".join(text),
        context=f"{topic} {words[0]}",
        language=language,
        programme=f"P{at % len(TOPICS) // 2}",
        area=f"A-{topic}",
        call=" ".join(words[:3]),
        members=_members(topic, bodies, chance),
    )


def _members(topic: str, bodies: tuple[Body, ...], chance: Random) -> tuple[Member, ...]:
    home = [body.key for body in bodies if topic_of(body.key) == topic]
    away = [body.key for body in bodies if topic_of(body.key) != topic]
    drawn = [
        chance.choice(home if chance.random() < 0.8 else away) for _ in range(chance.randint(1, 8))
    ]
    return tuple(Member(key, place == 0) for place, key in enumerate(dict.fromkeys(drawn)))


WORDS = [
    "water",
    "acqua",
    "robot",
    "robotica",
    "milk",
    "latte",
    "energy",
    "energia",
    "sensor",
    "sensori",
    "cheese",
    "formaggio",
    "the",
    "di",
]
KEYS = tuple(f"b{at:03}" for at in range(12))
# Drawn as one number: a whole world of lists of words takes too long to draw.
texts = st.integers(0, 9_999).map(lambda at: " ".join(Random(at).choices(WORDS, k=at % 11)))
days = st.integers(0, 1400).map(lambda day: FIRST_DAY + timedelta(days=day))


@st.composite
def bodies_known(draw: st.DrawFn, key: str) -> Body:
    """A body of which some things are not known."""
    latitude, longitude = draw(st.sampled_from([(None, None), MODENA, BOLOGNA, PARIS]))
    return Body(
        key=key,
        kind=draw(st.sampled_from(["", "HES", "PRC"])),
        is_sme=draw(st.sampled_from([None, True, False])),
        country=draw(st.sampled_from(["", "IT", "FR"])),
        province=draw(st.sampled_from(["", "ITH54", "ITH55", "FR101"])),
        latitude=latitude,
        longitude=longitude,
    )


@st.composite
def works_done(draw: st.DrawFn, key: str, bodies: tuple[str, ...]) -> Work:
    """A work in a few words; some of its members are no bodies, some stand there twice."""
    members = st.builds(Member, st.sampled_from([*bodies, "stranger"]), st.booleans())
    return Work(
        key=key,
        day=draw(days),
        title=draw(texts),
        text=draw(texts),
        context=draw(texts),
        language=draw(st.sampled_from(["it", "en"])),
        programme=draw(st.sampled_from(["", "P1", "P2"])),
        area=draw(st.sampled_from(["", "A1", "A2", "A3"])),
        call=draw(texts),
        members=tuple(draw(st.lists(members, max_size=7))),
    )


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    """One to twelve bodies, up to fifteen works."""
    keys = KEYS[: draw(st.integers(1, len(KEYS)))]
    count = draw(st.integers(0, 15))
    return Evidence(
        tuple(draw(bodies_known(key)) for key in keys),
        tuple(draw(works_done(f"w{at:03}", keys)) for at in range(count)),
    )


@st.composite
def needs(draw: st.DrawFn) -> Need:
    """A need of anybody, nobody or a stranger, with a team or without."""
    asker = draw(st.sampled_from(["", *KEYS, "stranger"]))
    team = draw(st.lists(st.sampled_from([*KEYS, "stranger"]), max_size=3, unique=True))
    return Need(
        terms_of(draw(texts), draw(st.sampled_from(["it", "en"]))),
        asker,
        tuple(key for key in team if key != asker),
    )


TINY = Recipe(folds=((12, 12), (24, 12)), trees=10, leaves=7)
LARGER = made_world(bodies=60, works=240, seed=3)


@cache
def learned_ranking() -> LearnedRanking:
    """A few trees learned from the larger made-up world, the last half year left out."""
    return train(LARGER, HELD_OUT_FROM, recipe=TINY)
