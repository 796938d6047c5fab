"""The office says which words mean the same, and the next question understands them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LISTED = "/it/vocabularies/words/"


def test_words_are_added_understood_and_removed(
    site: str,
    page: Page,
    become: Callable[..., None],
    assert_good_at_both_widths: Callable[[Page], None],
) -> None:
    """From the vocabularies to the list, a slip, the words, a question, and away again."""
    become(page, "manager")
    page.goto(f"{site}/it/vocabularies/")
    page.locator(f"main a[href='{LISTED}']").click()
    assert_good_at_both_widths(page)
    page.get_by_role("link", name="Aggiungi parole").click()
    assert_good_at_both_widths(page)
    page.locator("[name=italian]").fill("sgranfignatura")
    page.locator("[name=english]").fill("the")
    page.locator("#words .btn-primary").click()
    expect(page.locator(".trebbo-invalid .trebbo-field-errors")).to_contain_text("«the»")
    expect(page.locator("[name=italian]")).to_have_value("sgranfignatura")
    assert_good_at_both_widths(page)
    page.locator("[name=english]").fill("orthopaedics\northopedics")
    page.locator("#words .btn-primary").click()
    expect(page.locator("#messages .alert-success")).to_contain_text("sgranfignatura")
    page.goto(f"{site}/it/ask/?q=sgranfignatura")
    expect(page.locator("#answer")).to_contain_text("orthop")
    page.goto(f"{site}{LISTED}?words=sgranfignatura")
    page.locator("#words").get_by_role("link", name="sgranfignatura").click()
    assert_good_at_both_widths(page)
    page.locator("#remove button").click()
    expect(page.locator("#messages .alert-success")).to_contain_text("è tolta")
    page.goto(f"{site}{LISTED}?words=sgranfignatura")
    expect(page.locator("main")).to_contain_text("Nessuna coppia è in questo elenco.")


def test_a_file_with_a_slip(
    site: str,
    page: Page,
    become: Callable[..., None],
    assert_good_at_both_widths: Callable[[Page], None],
    tmp_path: Path,
) -> None:
    """What is wrong is shown by its line; the rest is saved on request and comes out again."""
    table = tmp_path / "words.csv"
    table.write_text(
        "italiano;inglese\nsbrindellatura;tearing apart\n;orphan\n", encoding="utf-8-sig"
    )
    become(page, "agency", "en")
    page.goto(f"{site}/en/vocabularies/words/upload/")
    assert_good_at_both_widths(page)
    page.locator("[name=file]").set_input_files(table)
    page.get_by_role("button", name="Upload the file").click()
    expect(page.locator("main tbody tr")).to_have_count(1)
    expect(page.locator("main tbody tr")).to_contain_text("Write at least one phrase.")
    assert_good_at_both_widths(page)
    page.get_by_role("button", name="Save the other rows").click()
    expect(page.locator("#messages .alert-success")).to_contain_text("One pair is added")
    page.goto(f"{site}/en/vocabularies/words/?words=sbrindellatura")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download these words as CSV").click()
    written = download.value.path().read_text(encoding="utf-8-sig")
    assert written.splitlines()[1:] == ["tearing-apart;sbrindellatura;tearing apart;1"]
