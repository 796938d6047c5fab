"""Pages of challenges and project ideas."""

from trebbo.sharing.ideas.views.answers import (
    answer,
    answer_edit,
    answer_files,
    answer_new,
    answers,
    file,
    idea_files,
    readiness_scale,
)
from trebbo.sharing.ideas.views.ideas import idea, ideas, my_ideas
from trebbo.sharing.ideas.views.pipeline import ideas_pipeline, ideas_spreadsheet
from trebbo.sharing.ideas.views.writing import idea_edit, idea_new, idea_readers

__all__ = [
    "answer",
    "answer_edit",
    "answer_files",
    "answer_new",
    "answers",
    "file",
    "idea",
    "idea_edit",
    "idea_files",
    "idea_new",
    "idea_readers",
    "ideas",
    "ideas_pipeline",
    "ideas_spreadsheet",
    "my_ideas",
    "readiness_scale",
]
