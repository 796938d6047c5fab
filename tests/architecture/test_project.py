"""The project's own papers agree with its code."""

import re
import tomllib

from tests.architecture.house import PACKAGE, ROOT, python_files
from trebbo.config import messages

PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_dependency_has_its_reason() -> None:
    """A comment on the same line says what it is for."""
    names = "dependencies|dev|spark|benchmark"
    lists = re.findall(rf"^(?:{names}) = \[\n(.*?)^\]", PYPROJECT, re.MULTILINE | re.DOTALL)
    lines = [line for text in lists for line in text.splitlines() if line.strip()]
    assert len(lists) == 4
    assert [line for line in lines if not re.search(r'",\s*# \w', line)] == []


def test_one_version_everywhere() -> None:
    """pyproject.toml, publiccode.yml and the change log name the same version."""
    version = tomllib.loads(PYPROJECT)["project"]["version"]
    [published] = re.findall(
        r"^softwareVersion: \"?([\d.]+)", _read("publiccode.yml"), re.MULTILINE
    )
    latest = re.findall(r"^## \[([\d.]+)\]", _read("CHANGELOG.md"), re.MULTILINE)[0]
    assert (published, latest) == (version, version)


def test_the_licence_is_whole() -> None:
    """All fifteen articles and the appendix of EUPL-1.2 are there."""
    text = _read("LICENSE")
    articles = [int(number) for number in re.findall(r"^(\d+)\.\s?[A-Z]", text, re.MULTILINE)]
    assert articles == list(range(1, 16))
    assert text.lstrip().startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    assert "according to Article 5 EUPL are:" in text
    assert text.rstrip().endswith("require the production of a new EUPL version.")


def test_every_setting_is_documented() -> None:
    """docs/settings.md names exactly the settings that the code reads."""
    asked = r"environment\.(?:text|flag|listing|number)\(\s*\"([A-Z_]+)\""
    code = "\n".join(file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py"))
    read = {f"TREBBO_{name}" for name in re.findall(asked, code)}
    for file in python_files("tests", "benchmarks"):
        read |= set(re.findall(r"\"(TREBBO_TEST[A-Z_]+)\"", file.read_text(encoding="utf-8")))
    told = set(re.findall(r"^\| `(TREBBO_[A-Z_]+)`", _read("docs/settings.md"), re.MULTILINE))
    assert told == read


def test_every_decision_is_listed() -> None:
    """docs/decisions has numbered records without gaps, each linked from its list."""
    records = sorted(file.name for file in (ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert [int(name[:4]) for name in records] == list(range(1, len(records) + 1))
    assert all(f"({name})" in _read("docs/decisions/README.md") for name in records)


def test_links_between_documents_lead_somewhere() -> None:
    """A relative link in a document is a file of the project."""
    links = [
        (document, target)
        for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text("utf-8"))
    ]
    broken = [
        f"{document.name}: {target}"
        for document, target in links
        if not (document.parent / target).exists()
    ]
    assert links
    assert broken == []


def test_the_italian_is_complete() -> None:
    """Every message of every area has its Italian, none fuzzy, none left over."""
    assert messages.check(messages.areas()) == []
