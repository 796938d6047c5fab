"""The office writes the Italian label that a field lacks, and everybody reads it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from trebbo.ecosystem.vocabularies.models import Concept, Scheme

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_missing_label_is_written_once(
    site: str,
    quiet_page: Page,
    become: Callable[..., None],
    assert_good_at_both_widths: Callable[[Page], None],
) -> None:
    """From the vocabulary to the list, two labels in one go, and back."""
    page = quiet_page
    scheme = Scheme.objects.get(code="euroscivoc")
    for code, label in (("900001", "asteroseismology"), ("900002", "neutron stars")):
        Concept.objects.create(scheme=scheme, code=code, label_en=label, position=9_000)
    become(page, "manager")
    page.goto(f"{site}/it/vocabularies/euroscivoc/")
    page.locator("main a[href*='/vocabularies/labels/']").click()
    assert_good_at_both_widths(page)
    page.get_by_label("Etichetta italiana di «asteroseismology»").fill("asterosismologia")
    page.get_by_label("Etichetta italiana di «neutron stars»").fill("stelle di neutroni")
    page.locator("#labels .btn-primary").click()
    expect(page.locator("#messages .alert-success")).to_contain_text("2 etichette")
    page.goto(f"{site}/it/vocabularies/euroscivoc/?q=stelle di neutroni")
    expect(page.locator("main tbody tr")).to_have_count(1)
    expect(page.locator("main tbody td[lang=it]")).to_have_text("stelle di neutroni")
    assert_good_at_both_widths(page)
    page.goto(f"{site}/it/vocabularies/labels/?shown=kept")
    expect(page.get_by_label("Etichetta italiana di «neutron stars»")).to_have_value(
        "stelle di neutroni"
    )
