"""Pages of the skills."""

from trebbo.sharing.skills.views.directory import skills
from trebbo.sharing.skills.views.importing import skills_import
from trebbo.sharing.skills.views.looking_after import profile_skills, suggestion_decide
from trebbo.sharing.skills.views.sections import skills_section
from trebbo.sharing.skills.views.skills_map import (
    skills_map,
    skills_map_file,
    skills_map_section,
    skills_maps,
    skills_review,
    skills_review_pdf,
)
from trebbo.sharing.skills.views.stating import competence_edit, competence_new
from trebbo.sharing.skills.views.terms import skills_term, skills_terms
from trebbo.sharing.skills.views.training import skills_training, training_edit, training_new

__all__ = [
    "competence_edit",
    "competence_new",
    "profile_skills",
    "skills",
    "skills_import",
    "skills_map",
    "skills_map_file",
    "skills_map_section",
    "skills_maps",
    "skills_review",
    "skills_review_pdf",
    "skills_section",
    "skills_term",
    "skills_terms",
    "skills_training",
    "suggestion_decide",
    "training_edit",
    "training_new",
]
