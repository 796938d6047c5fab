"""Settings read from the environment."""

from pathlib import Path

import pytest

from trebbo.config import environment


def test_a_file_wins_over_a_value(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Secrets may come as files; the end of their last line is no part of them."""
    file = tmp_path / "secret"
    file.write_text("from the file\n", encoding="utf-8")
    monkeypatch.setenv("TREBBO_TOKEN", "from the environment")
    assert environment.text("TOKEN") == "from the environment"
    monkeypatch.setenv("TREBBO_TOKEN_FILE", str(file))
    assert environment.text("TOKEN") == "from the file"


@pytest.mark.parametrize(
    ("value", "meaning"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("no", False)]
)
def test_flags(monkeypatch: pytest.MonkeyPatch, value: str, meaning: bool) -> None:
    """A yes is a yes in several ways; anything else is a no, and blank is the default."""
    monkeypatch.setenv("TREBBO_SWITCH", value)
    assert environment.flag("SWITCH", default=not meaning) is meaning
    monkeypatch.setenv("TREBBO_SWITCH", "")
    assert environment.flag("SWITCH", default=True) is True


def test_listings_and_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blanks around commas do not count; a blank number is the default."""
    monkeypatch.setenv("TREBBO_HOSTS", "a.example, b.example ,")
    assert environment.listing("HOSTS") == ["a.example", "b.example"]
    monkeypatch.setenv("TREBBO_DAYS", "")
    assert environment.number("DAYS", 14) == 14
