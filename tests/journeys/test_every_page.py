"""Every kind of page, for three people in two languages: it answers, and in one language."""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from functools import cache
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from django.utils import translation
from playwright.sync_api import ConsoleMessage, Page

from trebbo.config import messages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_PAGES = 120
DOWNLOADS = {
    *("directory_export", "ask_dossier", "words_download"),
    *("skills_map_file", "skills_review_pdf"),
    *("resources_export", "resources_template", "resource_use_export", "resource_file"),
}
# What a reader sees or hears of a page, where it claims to be in the page's language.
SPOKEN = """() => {
  const said = [document.title.split(" · ")[0]];
  const strange = (node) => {
    const marked = node.closest("[lang]");
    return marked && marked.lang !== document.documentElement.lang;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!strange(node.parentElement)) said.push(node.textContent);
  }
  for (const node of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
    if (strange(node)) continue;
    said.push(...["aria-label", "title", "placeholder"].map((at) => node.getAttribute(at) || ""));
  }
  return said.map((words) => words.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""
LINKS = "all => all.map(one => new URL(one.getAttribute('href'), document.baseURI).href)"


@cache
def foreign_words(language: str) -> frozenset[str]:
    """Our own words that have no place on a page in this language: the other language's."""
    english, italian = set(), set()
    for area in messages.areas():
        translated = {
            str(entry.id): str(entry.string)
            for entry in messages.saved(area)
            if isinstance(entry.id, str) and entry.id
        }
        for entry in messages.extracted(area):
            if not isinstance(entry.id, str) or not entry.id or "%(" in entry.id:
                continue
            english.add(entry.id)
            italian.add(translated.get(entry.id, ""))
    return frozenset((english - italian if language == "it" else italian - english) - {""})


def kind_of(path: str) -> str:
    """The name of the address, with the queries' names: pages alike count as one."""
    parts = urlsplit(path)
    queries = sorted(set(re.findall(r"(?:^|&)(\w+)=", parts.query)) - {"q", "next"})
    with translation.override(parts.path[1:3]):
        return " ".join([resolve(parts.path).view_name or parts.path, *queries])


def walk(page: Page, site: str, language: str, each: int) -> Iterator[tuple[str, int]]:
    """Open what can be reached from the home page, at most `each` addresses of a kind."""
    waiting, seen, kinds = deque([f"/{language}/"]), set[str](), Counter[str]()
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.popleft()
        if path in seen or not path.startswith(f"/{language}/"):
            continue
        seen.add(path)
        kind = kind_of(path)
        kinds[kind] += 1
        if kinds[kind] > each or kind.split()[0] in DOWNLOADS:
            continue
        answer = page.goto(f"{site}{path}")
        assert answer is not None, path
        yield path, answer.status
        for address in page.locator("a[href]").evaluate_all(LINKS):
            parts = urlsplit(address)
            if address.startswith(site) and not parts.path.startswith("/static/"):
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("key", ["visitor", "manager", "agency"])
def test_every_page(
    site: str, page: Page, become: Callable[..., None], key: str, language: str
) -> None:
    """One heading, the right language, no word of the other one, nothing wrong in the console."""
    complaints: list[str] = []
    wrong: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    if key != "visitor":
        become(page, key, language)
    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    opened = 0
    for path, status in walk(page, site, language, each=2 if key == "visitor" else 1):
        opened += 1
        if status != 200:
            wrong.append(f"{path}: {status}")
        if page.locator("h1").count() != 1:
            wrong.append(f"{path}: {page.locator('h1').count()} first headings")
        if page.locator("html").get_attribute("lang") != language:
            wrong.append(f"{path}: the language of the page is not said")
        foreign = foreign_words(language) & set(page.evaluate(SPOKEN))
        wrong += [f"{path}: {words!r} is not translated" for words in sorted(foreign)]
        wrong += [f"{path}: {words}" for words in complaints]
        complaints.clear()
    assert opened > 20
    assert not wrong, "\n".join(wrong)
