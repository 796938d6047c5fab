"""Small pieces that every page may use: icons, badges of standing and freshness, fields, pages."""

from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField
from django.template import Context
from django.templatetags.static import static
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from trebbo.kernel.text import in_language, language_shown

register = template.Library()

FRESHNESS_COLOURS = {
    "confirmed": "success",
    "due": "warning",
    "stale": "danger",
    "never": "secondary",
}


@register.simple_tag
def icon(name: str, size: str = "sm", colour: str = "", title: str = "") -> SafeString:
    """An icon of the design system's sprite; decorative unless it has a title.

    `name` is like "it-search"; `size` xs, sm, md or lg; `colour` primary, white, danger, ...
    """
    classes = " ".join(["icon", *([f"icon-{size}"] if size != "md" else [])])
    if colour:
        classes += f" icon-{colour}"
    sprite = f"{static('svg/sprites.svg')}#{name}"
    if title:
        return format_html(
            '<svg class="{}" role="img"><title>{}</title><use href="{}"></use></svg>',
            classes,
            title,
            sprite,
        )
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>',
        classes,
        sprite,
    )


@register.inclusion_tag("trebbo/parts/standing.html")
def standing(fact: Any) -> dict[str, Any]:
    """A badge that says how sure a fact is, in words; nothing where it is verified."""
    sure = getattr(fact, "standing", "verified") == "verified"
    return {"label": "" if sure else fact.get_standing_display(), "source": fact.source}


@register.inclusion_tag("trebbo/parts/freshness.html", takes_context=True)
def freshness(context: Context, profile: Any) -> dict[str, Any]:
    """A badge with how far the profile can be trusted today, and the day it was confirmed."""
    state = profile.freshness_on(context["viewer"].today)
    return {
        "label": state.label,
        "colour": FRESHNESS_COLOURS[state.value],
        "confirmed_at": profile.confirmed_at,
    }


@register.inclusion_tag("trebbo/parts/stale_note.html", takes_context=True)
def stale_note(context: Context, profile: Any) -> dict[str, Any]:
    """A note on top of facts that nobody has confirmed lately; nothing where they are fresh."""
    state = profile.freshness_on(context["viewer"].today).value
    return {"state": state, "confirmed_at": profile.confirmed_at, "due_date": profile.due_date}


@register.simple_tag
def language_of(fact: Any, name: str) -> str:
    """The language in which a text of `fact` is shown, where it is not the page's; else nothing.

    `name` is that of the text, such as "description". Meant for an attribute `lang`.
    """
    return language_shown(getattr(fact, f"{name}_it"), getattr(fact, f"{name}_en"))


@register.simple_tag
def words_of(fact: Any, name: str, limit: int = 0) -> SafeString:
    """A text of `fact` in the page's language; marked with its own where it is the other one.

    `name` is that of the text, such as "title"; beyond `limit` characters it is cut.
    """
    words = in_language(getattr(fact, f"{name}_it"), getattr(fact, f"{name}_en"))
    language = language_of(fact, name)
    shown = Truncator(words).chars(limit) if limit else words
    return format_html('<span lang="{}">{}</span>', language, shown) if language else escape(shown)


@register.inclusion_tag("trebbo/parts/only_in.html")
def only_in(language: str) -> dict[str, str]:
    """A small note that a text is there in the other language only; nothing without `language`."""
    return {"language": language}


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """A form field with its label, help and errors."""
    return bound.as_field_group()


@register.inclusion_tag("trebbo/parts/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """The summary on top of a form: every error, with a link to its field."""
    return {"form": form, "errors": form.errors}


@register.inclusion_tag("trebbo/parts/pagination.html", takes_context=True)
def pagination(context: Context, page_obj: "Page[Any]", name: str = "page") -> dict[str, Any]:
    """Links to the other pages of a list, keeping the rest of the address."""
    query = context["request"].GET.copy()
    query.pop(name, None)
    rest = query.urlencode()
    numbers = page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)
    return {
        "page_obj": page_obj,
        "numbers": [(n, isinstance(n, int)) for n in numbers],
        "prefix": f"?{rest}&{name}=" if rest else f"?{name}=",
    }
