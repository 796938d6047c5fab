"""Writes the words that searches understand: the offices' own, and what they add to others."""

from copy import copy
from functools import partial

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from trebbo.ecosystem.vocabularies import policies
from trebbo.ecosystem.vocabularies.actions.word_checks import KnownWords
from trebbo.ecosystem.vocabularies.events import vocabularies_loaded
from trebbo.ecosystem.vocabularies.models import PHRASE_MARK, WordPair, phrases_of
from trebbo.kernel import audit
from trebbo.kernel.access import Viewer
from trebbo.kernel.errors import NotAllowed, Refusal

LONGEST_CODE = 80


class WordsRefused(Refusal):
    """Words cannot be written; `fields` says why, by "italian" and "english"."""


class WordsChanged(WordsRefused):
    """Somebody was faster; `pair` is as it stands now, or None where it is gone."""

    def __init__(self, message: str, pair: WordPair | None) -> None:
        super().__init__(message)
        self.pair = pair


@transaction.atomic
def add_words(*, actor: Viewer, italian: str, english: str) -> WordPair:
    """Add a pair; phrases stand on lines of their own or are separated by "|".

    Refuses anybody but an office, and what `KnownWords.problems` says.
    """
    demand(actor)
    known = lock_words()
    pair = WordPair(code=free_code(english, known))
    keep(pair, italian, english)
    _refuse_problems(known.problems(pair))
    save_new(actor, pair)
    tell()
    return pair


@transaction.atomic
def change_words(
    *, actor: Viewer, pair_id: int, italian: str, english: str, version: int
) -> WordPair:
    """Write the office's phrases of a pair anew; what the product's table says of it stays.

    `version` is that of the pair that the person had before the eyes. Refuses anybody but an
    office, a pair that was changed or removed meanwhile, and what `KnownWords.problems` says.
    """
    demand(actor)
    known = lock_words()
    pair = _present(known, pair_id, version)
    before = copy(pair)
    keep(pair, italian, english)
    if is_alike(before, pair):
        return pair
    _refuse_problems(known.problems(pair, before))
    save_change(actor, pair, before)
    tell()
    return pair


@transaction.atomic
def remove_words(*, actor: Viewer, pair_id: int, version: int) -> WordPair:
    """Remove a pair of the offices, or leave one of the product's out of searches.

    Returns it as it was or is. Refuses anybody but an office, and a pair that was changed or
    removed meanwhile.
    """
    demand(actor)
    pair = _present(lock_words(), pair_id, version)
    changes = {
        "phrases_it": (PHRASE_MARK.join(pair.italian), ""),
        "phrases_en": (PHRASE_MARK.join(pair.english), ""),
    }
    if pair.is_own:
        audit.record(actor=actor, verb="remove_words", subject=pair, changes=changes)
        WordPair.objects.filter(pk=pair.pk).delete()
    elif not pair.is_left_out:
        pair.is_left_out = True
        _save(pair)
        audit.record(actor=actor, verb="leave_out_words", subject=pair, changes=changes)
    tell()
    return pair


@transaction.atomic
def use_words_again(*, actor: Viewer, pair_id: int, version: int) -> WordPair:
    """Let searches understand a pair of the product's again; refuses as `remove_words` does."""
    demand(actor)
    pair = _present(lock_words(), pair_id, version)
    if pair.is_left_out:
        pair.is_left_out = False
        _save(pair)
        changes = {"phrases_it": ("", pair.phrases_it), "phrases_en": ("", pair.phrases_en)}
        audit.record(actor=actor, verb="use_words_again", subject=pair, changes=changes)
        tell()
    return pair


def demand(actor: Viewer) -> None:
    """Refuse whoever may not write words."""
    if not policies.keep_words(actor):
        raise NotAllowed(_("Only an office may write the words that searches understand."))


def lock_words() -> KnownWords:
    """Every pair; whoever else would write waits until this transaction ends."""
    # Read after the lock is held: only then are the pairs there that the other one has added.
    list(WordPair.objects.select_for_update().order_by("pk").values_list("pk"))
    return KnownWords(WordPair.objects.order_by("pk"))


def keep(pair: WordPair, italian: str, english: str) -> None:
    """Put an office's phrases into a pair, without those that the product's table has of it."""
    pair.phrases_it_kept = _besides(italian, pair.phrases_it_published)
    pair.phrases_en_kept = _besides(english, pair.phrases_en_published)


def is_alike(one: WordPair, other: WordPair) -> bool:
    """Whether the offices' phrases of both are the same."""
    return (one.phrases_it_kept, one.phrases_en_kept) == (
        other.phrases_it_kept,
        other.phrases_en_kept,
    )


def free_code(english: str, known: KnownWords) -> str:
    """A code for a new pair, from its first English phrase."""
    first = (*phrases_of(english), "")[0]
    stem = slugify(first)[: LONGEST_CODE - 5].strip("-_") or "words"
    code, number = stem, 1
    while code in known.pairs:
        number += 1
        code = f"{stem}-{number}"
    return code


def save_new(actor: Viewer, pair: WordPair) -> None:
    """Write a new pair, with its line in the trail."""
    pair.put_together()
    pair.save(force_insert=True)
    changes = {"phrases_it": ("", pair.phrases_it_kept), "phrases_en": ("", pair.phrases_en_kept)}
    audit.record(actor=actor, verb="add_words", subject=pair, changes=changes)


def save_change(actor: Viewer, pair: WordPair, before: WordPair) -> None:
    """Write the office's phrases of a pair, with what they were in the trail."""
    _save(pair)
    sides = {
        "phrases_it": (before.phrases_it_kept, pair.phrases_it_kept),
        "phrases_en": (before.phrases_en_kept, pair.phrases_en_kept),
    }
    changes = {name: sides[name] for name in sides if sides[name][0] != sides[name][1]}
    audit.record(actor=actor, verb="change_words", subject=pair, changes=changes)


def tell() -> None:
    """Have the next question read the words afresh, once they are saved."""
    transaction.on_commit(partial(vocabularies_loaded.send, sender=WordPair))


def changed_meanwhile(pair: WordPair) -> str:
    """What the second of two people is told: what the pair says by now, and through whom."""
    line = audit.history_of(pair).first()
    return _("Meanwhile %(person)s changed this pair. It now says: %(words)s") % {
        "person": line.actor_label if line else _("somebody"),
        "words": str(pair),
    }


def _save(pair: WordPair) -> None:
    pair.put_together()
    pair.version += 1
    pair.save()


def _besides(typed: str, published: str) -> str:
    there = {phrase.casefold() for phrase in phrases_of(published)}
    return PHRASE_MARK.join(
        phrase for phrase in phrases_of(typed) if phrase.casefold() not in there
    )


def _present(known: KnownWords, pair_id: int, version: int) -> WordPair:
    pair = next((one for one in known.pairs.values() if one.pk == pair_id), None)
    if pair is None:
        raise WordsChanged(_("Meanwhile somebody removed this pair."), None)
    if pair.version != version:
        raise WordsChanged(changed_meanwhile(pair), pair)
    return pair


def _refuse_problems(problems: dict[str, str]) -> None:
    if problems:
        whole = _("Nothing was saved yet: look at the phrases marked below.")
        words = problems.pop("pair", whole)
        raise WordsRefused(words, problems)
