"""Templates obey the strict content policy and speak through the translations."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

from tests.architecture.house import PACKAGE, name_of

TEMPLATES = sorted(
    file for file in PACKAGE.rglob("templates/**/*.*") if file.suffix in {".html", ".txt"}
)
SPOKEN_ATTRIBUTES = {"alt", "aria-label", "placeholder", "title"}
UNTRANSLATED = {"Trebbo", "km", "URI", "ROR", "PIC"}
HIDDEN_BLOCKS = {"blocktranslate", "blocktrans", "comment"}
IN_MAIL = {"email", "mail"}


class Reader(HTMLParser):
    """Gathers what a template would break the policy with, and the words that it says itself."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.words: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        values = dict(attrs)
        if tag == "style":
            self.faults.append("a style element")
        if tag == "script":
            self._script = True
            if "src" not in values:
                self.faults.append("a script without a file")
        for name, value in attrs:
            if name == "style":
                self.faults.append(f"{tag} has a style attribute")
            if name.startswith(("on", "hx-on")):
                self.faults.append(f"{tag} has the handler {name}")
            if (value or "").strip().lower().startswith("javascript:"):
                self.faults.append(f"{tag} has a script address")
            fetched = name in {"src", "srcset"} or (tag in {"link", "use"} and name == "href")
            if fetched and re.match(r"(https?:)?//", (value or "").strip()):
                self.faults.append(f"{tag} fetches {value}")
            if name in SPOKEN_ATTRIBUTES and value:
                self.words += _words(value)

    def handle_endtag(self, tag: str) -> None:
        """Leave one element."""
        self._script = self._script and tag != "script"

    def handle_data(self, data: str) -> None:
        """Look at the text between elements."""
        if self._script and data.strip():
            self.faults.append("a script with a body")
        else:
            self.words += _words(data)


def _words(text: str) -> list[str]:
    words = re.findall(r"[^\W\d_]{2,}", text)
    return [word for word in words if word not in UNTRANSLATED]


def _read(file: Path) -> Reader:
    """The template with its tags, variables and translated blocks taken out."""
    pieces: list[str] = []
    hidden = ""
    for token in Lexer(file.read_text(encoding="utf-8")).tokenize():
        if token.token_type == TokenType.BLOCK:
            name = token.split_contents()[0]
            if hidden:
                hidden = "" if name == f"end{hidden}" else hidden
            elif name in HIDDEN_BLOCKS:
                hidden = name
        elif token.token_type == TokenType.TEXT and not hidden:
            pieces.append(token.contents)
        elif token.token_type == TokenType.VAR and not hidden:
            in_a_tag_name = pieces[-1:] and pieces[-1].endswith(("<", "</"))
            pieces.append("p" if in_a_tag_name else "1")
    reader = Reader()
    reader.feed("".join(pieces))
    reader.close()
    return reader


def test_there_are_templates() -> None:
    """The checks below look at something."""
    assert TEMPLATES


@pytest.mark.parametrize("file", TEMPLATES, ids=name_of)
def test_nothing_inline_and_nothing_from_another_host(file: Path) -> None:
    """No inline script, style or handler; no file of another host. (Mail knows no policy.)"""
    if IN_MAIL.isdisjoint(file.parts):
        assert _read(file).faults == []


@pytest.mark.parametrize("file", TEMPLATES, ids=name_of)
def test_every_word_can_be_translated(file: Path) -> None:
    """What a template says stands in `translate` or `blocktranslate`."""
    assert _read(file).words == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ('<p style="color:red">', "p has a style attribute"),
        ('<a onclick="go()">', "a has the handler onclick"),
        ("<script>go()</script>", "a script without a file"),
        ('<img src="https://example.org/x.png">', "img fetches https://example.org/x.png"),
    ],
)
def test_the_reader_sees_faults(tmp_path: Path, source: str, fault: str) -> None:
    """The reader that the checks rest on is not blind."""
    file = tmp_path / "page.html"
    file.write_text(source, encoding="utf-8")
    assert fault in _read(file).faults


def test_the_reader_sees_words(tmp_path: Path) -> None:
    """Words outside the translations are seen, those inside are not."""
    file = tmp_path / "page.html"
    file.write_text(
        '<p title="Hello">{% translate "Good" %} day {{ name }}'
        "{% blocktranslate %}dear{% endblocktranslate %}</p>",
        encoding="utf-8",
    )
    assert _read(file).words == ["Hello", "day"]
