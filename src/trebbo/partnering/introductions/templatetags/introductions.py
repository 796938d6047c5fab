"""How points are written, and addresses of a refined question."""

from django import template
from django.template.defaultfilters import floatformat

from trebbo.partnering.introductions.queries import Question

register = template.Library()
MINUS = "\N{MINUS SIGN}"


@register.filter
def signed(points: float) -> str:
    """Points with their sign, in the page's language: +3,2."""
    size = floatformat(abs(points), 1)
    return f"{MINUS if points < 0 else '+'}{size}"


@register.simple_tag
def querystring_with(question: Question, name: str, value: int) -> str:
    """The question's address with one more wish, on its first page."""
    address = question.address()
    more = f"{name}={value}"
    return f"{address}&{more}" if address else more
