"""Fields: from a text to the concepts of a vocabulary it is about, each with its reasons."""

from trebbo.engine.fields.contracts import Example, Field, Reasons, Suggestion
from trebbo.engine.fields.suggester import Suggester

__all__ = ["Example", "Field", "Reasons", "Suggester", "Suggestion"]
