"""The names of languages as Django knows them, in the page's language."""

from django.utils.translation import get_language_info


def language_name(code: str) -> str:
    """A language's name; its code where Django has no name for it, blank for none."""
    if not code:
        return ""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
