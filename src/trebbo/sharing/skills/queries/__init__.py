"""What a viewer can read of competences and training, and the map of them."""

from trebbo.sharing.skills.queries.choosing import (
    chain_choices,
    cluster_choices,
    concept_choices,
    concepts_named,
    usable_concepts,
)
from trebbo.sharing.skills.queries.competences import (
    Stated,
    Wanted,
    competence_of,
    directory,
    profile_of_skills,
    stated_by,
    visible_competences,
)
from trebbo.sharing.skills.queries.evidence import (
    fields_of_projects,
    own_accreditations,
    own_equipment,
    own_projects,
    shown_evidence,
)
from trebbo.sharing.skills.queries.sections import SkillsOnPage, skills_on_page
from trebbo.sharing.skills.queries.skills_map import (
    SkillsMap,
    bodies_named,
    headline,
    skills_map,
)
from trebbo.sharing.skills.queries.skills_map_counts import (
    Cover,
    FieldLine,
    MapWishes,
    Match,
    Offer,
)
from trebbo.sharing.skills.queries.skills_map_rows import Place, find_place, places_to_choose
from trebbo.sharing.skills.queries.skills_review import Review, skills_review
from trebbo.sharing.skills.queries.suggestions import (
    last_suggestion,
    waiting_suggestions,
    words_of,
)
from trebbo.sharing.skills.queries.terms import (
    merged_terms,
    waiting_terms,
    with_likely_concepts,
)
from trebbo.sharing.skills.queries.training import (
    TrainingWanted,
    offer_of,
    past_training,
    training_list,
    training_of,
)

__all__ = [
    "Cover",
    "FieldLine",
    "MapWishes",
    "Match",
    "Offer",
    "Place",
    "Review",
    "SkillsMap",
    "SkillsOnPage",
    "Stated",
    "TrainingWanted",
    "Wanted",
    "bodies_named",
    "chain_choices",
    "cluster_choices",
    "competence_of",
    "concept_choices",
    "concepts_named",
    "directory",
    "fields_of_projects",
    "find_place",
    "headline",
    "last_suggestion",
    "merged_terms",
    "offer_of",
    "own_accreditations",
    "own_equipment",
    "own_projects",
    "past_training",
    "places_to_choose",
    "profile_of_skills",
    "shown_evidence",
    "skills_map",
    "skills_on_page",
    "skills_review",
    "stated_by",
    "training_list",
    "training_of",
    "usable_concepts",
    "visible_competences",
    "waiting_suggestions",
    "waiting_terms",
    "with_likely_concepts",
    "words_of",
]
