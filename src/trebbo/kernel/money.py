"""Amounts as people type them."""

import re
from typing import Any

from django import forms
from django.utils.formats import get_format


class MoneyField(forms.DecimalField):
    """An amount as the page's language writes it, with or without marks between thousands."""

    def to_python(self, value: Any) -> Any:
        """The number; a mark between thousands counts only where three digits follow."""
        if isinstance(value, str):
            mark = re.escape(get_format("THOUSAND_SEPARATOR"))
            value = "".join(value.split())
            if re.fullmatch(rf"\d{{1,3}}(?:{mark}\d{{3}})+(?:[.,]\d+)?", value):
                value = re.sub(mark, "", value)
        return super().to_python(value)
