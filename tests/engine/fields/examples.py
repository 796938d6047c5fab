"""A small vocabulary in two languages, a few examples, and random ones."""

from random import Random

from hypothesis import strategies as st

from trebbo.engine.fields import Example, Field
from trebbo.engine.search.lexicon import Concept, Lexicon

FIELDS = (
    Field("health", (("it", "scienze della salute"), ("en", "health sciences"))),
    Field("tissue", (("it", "ingegneria dei tessuti"), ("en", "tissue engineering")), "health"),
    Field("toxicology", (("it", "tossicologia"), ("en", "toxicology")), "health"),
    Field("robotics", (("it", "robotica"), ("en", "robotics"), ("en", "robots"))),
    Field("drones", (("it", "robotica autonoma"), ("en", "autonomous robotics")), "robotics"),
    Field("hydrogen", (("it", "energia dell'idrogeno"), ("en", "hydrogen energy"))),
)
LEXICON = Lexicon(
    [
        Concept("bone", ("rigenerazione ossea",), ("bone regeneration", "osteogenesis")),
        Concept("tank", ("serbatoio", "serbatoi"), ("tank", "tanks")),
    ]
)
EXAMPLES = (
    Example("p1", "Scaffolds for bone regeneration and cells that grow", "en", ("tissue",)),
    Example("p2", "Bioprinted scaffolds with living cells", "en", ("tissue", "unknown")),
    Example("p3", "Toxicity of nanoparticles in cells", "en", ("toxicology",)),
    Example("p4", "Grippers and arms for welding", "en", ("robotics",)),
    Example("p5", "Swarms of flying arms that navigate alone", "en", ("drones",)),
    Example("p6", "Electrolysers and tanks for storage in ships", "en", ("hydrogen",)),
    Example("p7", "Fuel cells and tanks for heavy lorries", "en", ("hydrogen",)),
)
SAID = (
    "cells scaffolds toxicology robotics welding tanks tissue engineering energy "
    "cellule tossicologia robotica serbatoi tessuti ingegneria energia the di"
)
WORDS = SAID.split(" ")
# Drawn as one number: a whole list of texts of words takes too long to draw.
texts = st.integers(0, 9_999).map(lambda at: " ".join(Random(at).choices(WORDS, k=at % 9)))


@st.composite
def examples(draw: st.DrawFn) -> tuple[Example, ...]:
    """Up to eight examples, some without words, some in no field or an unknown one."""
    keys = [*(one.key for one in FIELDS), "unknown"]
    return tuple(
        Example(
            f"e{at}",
            draw(texts),
            draw(st.sampled_from(["it", "en"])),
            tuple(draw(st.lists(st.sampled_from(keys), max_size=3))),
        )
        for at in range(draw(st.integers(0, 8)))
    )
