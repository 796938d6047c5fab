"""What people paste is kept as they meant it, without what was struck out or is invisible."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trebbo.sharing.ideas.actions.words import (
    LONGEST_TEXT,
    IdeaRefused,
    line,
    long_text,
    paragraphs,
)

SECONDS = 5
"""Far more than it takes, far less than anything quadratic would."""


@pytest.mark.parametrize(
    "words",
    [
        "pH < 7 and T > 300",
        "if a<b and c>d then stop",
        "x<i and y>j; 5 <6> 7; <- and ->; a << b",
        "R&D &lt; 5 & 10 %",
        "List<String> and vector<int>",
        "mail@example.org <mail@example.org>",
        "perché è così — “virgolette” … 3,5 µm",
        "one\n\ntwo\n\tthree",
    ],
)
def test_words_that_only_look_like_markup_stay_as_they_are(words: str) -> None:
    assert paragraphs(words) == words


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("Costa <del>un milione</del><ins>poco</ins>.", "Costa poco."),
        (
            'Prezzo <del cite="mailto:a@b.example" datetime="2026-01-02T10:00">99 €</del>basso',
            "Prezzo basso",
        ),
        ("Costa <S>molto</S>poco", "Costa poco"),
        (
            '<w:p><w:t>Sì</w:t><w:del w:id="1"><w:r><w:delText>No</w:delText></w:r></w:del></w:p>',
            "Sì",
        ),
        ("<w:p><w:moveFrom w:id='2'><w:r><w:t>qui</w:t></w:r></w:moveFrom>là</w:p>", "là"),
        ('<w:p><w:rPr><w:del w:id="3"/></w:rPr><w:t>Tutto</w:t></w:p>', "Tutto"),
        ('<p class=MsoNormal>Uno<o:p></o:p></p><p class="x">Due</p>', "Uno\n\nDue"),
        ("<span\nlang=IT\nstyle='color:red'>Uno</span>\nDue", "Uno\nDue"),
        ("<b>pH < 7</b> and a<b and c>d", "pH < 7 and a<b and c>d"),
        ("<p>Uno<!-- nota <b>nascosta</b> --></p>", "Uno"),
        ("<table><tr><td nowrap>Uno</td></tr></table>", "Uno"),
    ],
)
def test_markup_of_a_word_processor_is_taken_out_with_what_was_struck_out(
    pasted: str, kept: str
) -> None:
    assert paragraphs(pasted) == kept


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("<p>Uno <s>due tre</p><p>Quattro</p>", "Uno due tre\n\nQuattro"),
        ("Uno <del>due <s>via</s>tre", "Uno due tre"),
        ("Uno <s>due <s>via</s>tre", "Uno due tre"),
        ("Uno <del>via<s></del>due</s>tre <strike>quattro", "Uno tre quattro"),
        ('<w:p><w:del w:id="1"><w:r><w:t>Uno</w:t></w:r></w:p><w:p>due</w:p>', "Uno\ndue"),
        ("Uno</s> due</del> tre", "Uno due tre"),
    ],
)
def test_a_mark_of_what_was_struck_out_that_has_no_end_loses_nothing(
    pasted: str, kept: str
) -> None:
    """Somebody copied a piece of a document, from the middle of a change."""
    assert paragraphs(pasted) == kept


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("\uf0b7 uno\n\uf0a7 due", "• uno\n• due"),
        (
            "uno\x0bdue\x0ctre\x85quattro\u2028cinque\u2029sei",
            "uno\ndue\ntre\nquattro\ncinque\nsei",
        ),
        ("in\u200bvi\u200dsi\ufeffbi\u00adle\u2060", "invisibile"),
        ("ab\u202egnp.exe", "abgnp.exe"),
        ("uno\r\ndue\rtre", "uno\ndue\ntre"),
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("uno\n\n\n\n\ndue   \n", "uno\n\ndue"),
        (" \n\u200b\n ", ""),
    ],
)
def test_what_nobody_sees_is_taken_out_and_lines_stay(pasted: str, kept: str) -> None:
    assert paragraphs(pasted) == kept


@given(st.text(alphabet="ab <>/&=\"'\n\x0b-!;", max_size=200))
def test_without_a_tag_no_visible_letter_is_lost(text: str) -> None:
    """With this alphabet the only tag is `<b>`, with or without what may follow its name."""
    if "<b" in text or "</b" in text:
        return
    assert "".join(paragraphs(text).split()) == "".join(text.split())


@given(st.text(max_size=300))
def test_tidying_twice_is_once(text: str) -> None:
    once = paragraphs(text)
    if "<" not in text:
        assert paragraphs(once) == once
    assert once == once.strip()


@pytest.mark.parametrize(
    "piece",
    [
        "<del>",
        "<!--",
        "<a ",
        "<![",
        "<?",
        "</",
        "<p>",
        "<b ",
        '<b a="',
        "<script>",
        "&",
        "<b\t",
        "\n",
    ],
    ids=repr,
)
def test_a_paste_made_to_be_slow_is_answered_quickly(piece: str) -> None:
    text = "<b>x</b>" + piece * (1_000_000 // len(piece))
    start = time.process_time()
    paragraphs(text)
    with pytest.raises(IdeaRefused):
        long_text("text", text)
    assert time.process_time() - start < SECONDS


def test_a_text_that_fits_after_its_markup_is_gone_is_kept() -> None:
    words = "parola " * 2_000
    pasted = f"<p class=MsoNormal><span style='font-family:Arial'>{words}</span></p>"
    assert long_text("text", pasted + "<del>via</del>" * 1_000) == words.strip()


@pytest.mark.parametrize("length", [LONGEST_TEXT, LONGEST_TEXT + 1])
def test_the_limit_is_exact_and_told_with_the_length(length: int) -> None:
    text = "x" * length
    if length == LONGEST_TEXT:
        assert long_text("text", text) == text
        return
    with pytest.raises(IdeaRefused) as caught:
        long_text("text", text)
    assert set(caught.value.fields) == {"text"}
    assert "20001" in caught.value.message


def test_a_line_is_one_line_and_refused_beyond_its_limit() -> None:
    assert line("title", " uno\n\x0bdue\u200b ", limit=8) == "uno due"
    with pytest.raises(IdeaRefused) as caught:
        line("title", "nove char", limit=8)
    assert set(caught.value.fields) == {"title"}
