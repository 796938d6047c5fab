"""Collecting, checking and compiling translations."""

import gettext
from pathlib import Path

import pytest

from trebbo.config import messages

CODE = '''
"""Words."""
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

GREETING = gettext_lazy("Good day")
def told(n: int, name: str) -> list[str]:
    return [
        _("Dear %(name)s, you have 100%% of it") % {"name": name},
        ngettext("%(n)s letter", "%(n)s letters", n) % {"n": n},
        pgettext("month", "May"),
    ]
'''
TEMPLATE = """{% load i18n %}
<p>{% translate "A third" %}</p>
    <p>{% blocktranslate trimmed with who=name %}
      Written by
      {{ who }}
    {% endblocktranslate %}</p>
{% blocktranslate count n=n %}{{ n }} page{% plural %}{{ n }} pages{% endblocktranslate %}
"""
ITALIAN = {
    "Good day": "Buongiorno",
    "Dear %(name)s, you have 100%% of it": "Gentile %(name)s, ha il 100%% del totale",
    "%(n)s letter": ("Una lettera", "%(n)s lettere"),
    "May": "maggio",
    "A third": "Un terzo",
    "Written by %(who)s": "Scritto da %(who)s",
    "%(n)s page": ("%(n)s pagina", "%(n)s pagine"),
}


@pytest.fixture
def area(tmp_path: Path) -> messages.Area:
    """An area with seven messages and no translations yet."""
    folder = tmp_path / "sharing" / "letters"
    (folder / "templates" / "letters").mkdir(parents=True)
    (folder / "apps.py").write_text('"""App."""\n', encoding="utf-8")
    (folder / "views.py").write_text(CODE, encoding="utf-8")
    (folder / "templates" / "letters" / "read.html").write_text(TEMPLATE, encoding="utf-8")
    return messages.Area("sharing.letters", folder)


def _translate(area: messages.Area, **changed: str) -> None:
    """Fill the catalogue with the Italian above, `changed` replacing pieces of the file."""
    lines = []
    words = ""
    for line in area.catalogue.read_text(encoding="utf-8").splitlines():
        if line.startswith("msgid "):
            words = line.removeprefix("msgid ").strip('"')
        known = ITALIAN.get(words)
        if line == 'msgstr ""' and isinstance(known, str):
            lines.append(f'msgstr "{known}"')
        elif line.startswith("msgstr[") and isinstance(known, tuple):
            lines.append(f'{line[:9]} "{known[int(line[7])]}"')
        else:
            lines.append(line)
    text = "\n".join(lines) + "\n"
    for old, new in changed.items():
        assert old in text
        text = text.replace(old, new)
    area.catalogue.write_text(text, encoding="utf-8")


def test_collects_from_code_and_templates(area: messages.Area) -> None:
    """Each form of translation is found, with the words that Django will look up."""
    found = {messages._key(message) for message in messages.extracted(area) if message.id}
    assert found == {(words, "month" if words == "May" else None) for words in ITALIAN}


def test_finds_areas(area: messages.Area, tmp_path: Path) -> None:
    """Every Django app is an area, and the composition root is one."""
    assert [found.name for found in messages.areas(tmp_path)] == ["config", "sharing.letters"]


def test_counts_what_is_to_be_done(area: messages.Area) -> None:
    """A new catalogue has everything to translate, and says so once more when asked."""
    assert messages.update(area) == 7
    assert messages.update(area) == 7
    assert len(messages.check([area])) == 7


def test_complete(area: messages.Area) -> None:
    """A full catalogue has no faults and survives another collection unchanged."""
    messages.update(area)
    _translate(area)
    text = area.catalogue.read_text(encoding="utf-8")
    assert messages.check([area]) == []
    assert messages.update(area) == 0
    assert area.catalogue.read_text(encoding="utf-8") == text


def test_drops_what_the_code_no_longer_says(area: messages.Area) -> None:
    """A message without use is a fault until it is collected away."""
    messages.update(area)
    _translate(area)
    (area.folder / "templates" / "letters" / "read.html").unlink()
    assert [fault.split(":")[1].split("”")[0] for fault in messages.check([area])] == [
        " “%(n)s page",
        " “A third",
        " “Written by %(who)s",
    ]
    assert messages.update(area) == 0
    assert messages.check([area]) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("Scritto da %(who)s", "Scritto da %(chi)s", "has other placeholders"),
        ("%(n)s pagine", "pagine", "has other placeholders"),
        ('msgstr "Un terzo"', 'msgstr ""', "has no Italian"),
        ('msgid "A third"', '#, fuzzy\nmsgid "A third"', "is marked fuzzy"),
    ],
)
def test_faults(area: messages.Area, old: str, new: str, fault: str) -> None:
    """What is wrong is said, once, about the message that is wrong."""
    messages.update(area)
    _translate(area, **{old: new})
    [told] = messages.check([area])
    assert told.endswith(fault)


def test_one_word_one_italian(area: messages.Area, tmp_path: Path) -> None:
    """Two areas that translate the same words differently are told."""
    other = messages.Area("sharing.notes", tmp_path / "sharing" / "notes")
    other.folder.mkdir()
    (other.folder / "views.py").write_text(
        "from django.utils.translation import gettext as _\nA = _('A third')\n", encoding="utf-8"
    )
    messages.update(area)
    _translate(area)
    memory = messages._by_key([messages.saved(area)])
    assert messages.update(other, memory) == 0
    assert messages.check([area, other]) == []
    text = other.catalogue.read_text(encoding="utf-8")
    other.catalogue.write_text(text.replace("Un terzo", "Il terzo"), encoding="utf-8")
    [fault] = messages.check([area, other])
    assert fault == (
        "“A third” has several translations: 'Un terzo' in sharing.letters; "
        "'Il terzo' in sharing.notes"
    )


def test_compiles_for_the_running_program(area: messages.Area) -> None:
    """The compiled catalogue answers as the program will ask; the second time nothing is done."""
    messages.update(area)
    _translate(area)
    assert messages.compile_catalogues([area]) == 1
    assert messages.compile_catalogues([area]) == 0
    with area.compiled.open("rb") as file:
        words = gettext.GNUTranslations(file)
    assert words.gettext("Good day") == "Buongiorno"
    assert words.ngettext("%(n)s letter", "%(n)s letters", 5) == "%(n)s lettere"
    assert words.pgettext("month", "May") == "maggio"


def test_unknown_area_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped area stops the command and lists the real ones."""
    with pytest.raises(SystemExit):
        messages.main(["check", "ecosystem.clutsers"])
    assert "ecosystem.clusters" in capsys.readouterr().err
