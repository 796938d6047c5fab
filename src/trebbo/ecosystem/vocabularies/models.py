"""Schemes and their concepts, territories, places and the bilingual word table."""

from typing import ClassVar

from django.db import models

from trebbo.kernel.text import Bilingual, one_line

PHRASE_MARK = "|"


class Scheme(models.Model):
    """A vocabulary in one version: EuroSciVoc, NACE, ATECO, S3 themes, kinds, legal forms."""

    code = models.SlugField(max_length=40, unique=True)
    name_it = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    version_it = models.CharField(max_length=120, blank=True)
    version_en = models.CharField(max_length=120, blank=True)
    publisher_it = models.CharField(max_length=200, blank=True)
    publisher_en = models.CharField(max_length=200, blank=True)
    licence_it = models.CharField(max_length=120, blank=True)
    licence_en = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=500, blank=True)
    credit_it = models.CharField(max_length=300, blank=True)
    credit_en = models.CharField(max_length=300, blank=True)
    retrieved_date = models.DateField(null=True, blank=True)
    imported_at = models.DateTimeField(null=True, blank=True)
    """When an official file was last taken in; blank where the rows are the product's tables."""
    file_name = models.CharField(max_length=255, blank=True)
    file_sha256 = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return self.name

    name = Bilingual()
    version = Bilingual()
    publisher = Bilingual()
    licence = Bilingual()
    credit = Bilingual()


class Concept(models.Model):
    """One entry of a scheme, with labels and synonyms (separated by "|") in both languages.

    `label_it` is the Italian label that people read. `label_it_published` is what the present
    edition or the product's table says; `label_it_kept` is what an office typed, which editions
    leave alone, and `label_it_kept_over` the published label over which an office preferred it.
    """

    scheme = models.ForeignKey(Scheme, on_delete=models.CASCADE, related_name="concepts")
    code = models.CharField(max_length=60)
    label_it = models.CharField(max_length=300, blank=True)
    label_en = models.CharField(max_length=300, blank=True)
    synonyms_it = models.TextField(blank=True)
    synonyms_en = models.TextField(blank=True)
    broader = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="narrower"
    )
    label_source = models.CharField(max_length=120, blank=True)
    standing = models.CharField(max_length=20, default="verified")
    position = models.PositiveIntegerField(default=0)
    label_it_published = models.CharField(max_length=300, blank=True)
    label_it_kept = models.CharField(max_length=300, blank=True)
    label_it_kept_over = models.CharField(max_length=300, blank=True)
    is_gone = models.BooleanField(default=False)
    """Whether the present edition no longer has it; it stays for what was said with it."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "code"], name="concept_once_in_scheme"),
            models.CheckConstraint(
                condition=~(models.Q(label_it="") & models.Q(label_en="")), name="concept_has_label"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    label = Bilingual()

    @property
    def path(self) -> list["Concept"]:
        """The concepts above this one, from the top; queries join as many as they show."""
        above, here = [], self.broader
        while here is not None and here not in above:
            above.append(here)
            here = here.broader
        return above[::-1]


class Territory(models.Model):
    """A territory of the NUTS classification."""

    code = models.CharField(max_length=5, unique=True)
    name_it = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name

    name = Bilingual()


class Province(models.Model):
    """An Italian province, by the two letters of its plate."""

    code = models.CharField(max_length=2, primary_key=True)
    istat_code = models.CharField(max_length=3, unique=True)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, null=True, blank=True)
    name_it = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)

    def __str__(self) -> str:
        return self.name

    name = Bilingual()


class Municipality(models.Model):
    """A municipality, by its Istat code, with a point inside it (degrees, WGS84).

    The point of one that came without coordinates is its province's, and is marked approximate.
    """

    istat_code = models.CharField(max_length=6, primary_key=True)
    name = models.CharField(max_length=120, db_index=True)
    province = models.ForeignKey(Province, on_delete=models.PROTECT, related_name="municipalities")
    cadastral_code = models.CharField(max_length=4, blank=True)
    latitude = models.FloatField()
    longitude = models.FloatField()
    is_approximate = models.BooleanField(default=False)
    is_gone = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.name} ({self.province_id})"


class WordPair(models.Model):
    """Words that mean the same in Italian and in English, for asking; phrases separated by "|".

    Searches read `phrases_it` and `phrases_en`. They hold what the product's table says (the
    columns `published`) and what the offices added (the columns `kept`), which loading the table
    again leaves alone; nothing where an office left the pair out of searches.
    """

    code = models.SlugField(max_length=80, unique=True)
    phrases_it = models.TextField(blank=True)
    phrases_en = models.TextField(blank=True)
    phrases_it_published = models.TextField(blank=True)
    phrases_en_published = models.TextField(blank=True)
    phrases_it_kept = models.TextField(blank=True)
    phrases_en_kept = models.TextField(blank=True)
    is_left_out = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    """Grows with every change by an office, so that who saves second is told."""

    def __str__(self) -> str:
        return f"{', '.join(self.italian)} = {', '.join(self.english)}"

    @property
    def italian(self) -> tuple[str, ...]:
        """Every Italian phrase, also while the pair is left out of searches."""
        return phrases_of(f"{self.phrases_it_published}|{self.phrases_it_kept}")

    @property
    def english(self) -> tuple[str, ...]:
        """Every English phrase, also while the pair is left out of searches."""
        return phrases_of(f"{self.phrases_en_published}|{self.phrases_en_kept}")

    @property
    def title(self) -> str:
        """The pair by its first phrases."""
        return f"{(*self.italian, '–')[0]} = {(*self.english, '–')[0]}"

    @property
    def is_own(self) -> bool:
        """Whether the offices alone say it."""
        return not (self.phrases_it_published or self.phrases_en_published)

    def put_together(self) -> None:
        """Let searches read what is published and what is kept, or nothing if it is left out."""
        self.phrases_it = "" if self.is_left_out else PHRASE_MARK.join(self.italian)
        self.phrases_en = "" if self.is_left_out else PHRASE_MARK.join(self.english)


def phrases_of(joined: str) -> tuple[str, ...]:
    """The phrases of a text, each once; they are separated by "|" or stand on lines of their own.

    "Osso" and "osso" are one phrase: searches do not tell capitals apart.
    """
    phrases: dict[str, str] = {}
    for part in joined.replace("\r", "\n").replace("\n", PHRASE_MARK).split(PHRASE_MARK):
        if phrase := one_line(part):
            phrases.setdefault(phrase.casefold(), phrase)
    return tuple(phrases.values())
