"""Rebuilds the vocabulary tables that are derived from published files.

The project's own translations are kept: they are read from the tables as they stand, by code.
A code of a source without a translation stops the run and is named.
"""

import argparse
import csv
import gzip
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from topology import features

Row = dict[str, str]
csv.field_size_limit(10_000_000)

REGION = "08"
POINT_DECIMALS = 4
# The Lombard municipality of the Mirandola district: its borders are not in the region's file.
BEYOND_THE_REGION = {"020042": ("44.9770", "11.1180")}
BEYOND_NOTE = "approximate point of the town; outside the region's borders file"
SINCE_2021 = {
    "Montecopiolo": "in the province of Pesaro e Urbino until 2021",
    "Sassofeltrio": "in the province of Pesaro e Urbino until 2021",
}


def municipalities(sources: Path, kept: "Kept") -> Iterator[Row]:
    """The region's municipalities with a point inside each, and the district's Lombard one."""
    for shape in features(sources / "geo/limits_R_8_municipalities.topo.json"):
        point = shape.shape.representative_point()
        name = shape.properties["name"]
        yield {
            "istat_code": shape.properties["com_istat_code"],
            "name": name,
            "province": shape.properties["prov_acr"],
            "cadastral_code": shape.properties["com_catasto_code"],
            "lat": f"{point.y:.{POINT_DECIMALS}f}",
            "lon": f"{point.x:.{POINT_DECIMALS}f}",
            "note": SINCE_2021.get(name, ""),
        }
    for line in _istat_municipalities(sources):
        if line[4] in BEYOND_THE_REGION:
            lat, lon = BEYOND_THE_REGION[line[4]]
            yield {
                "istat_code": line[4],
                "name": line[6],
                "province": line[13],
                "cadastral_code": line[18],
                "lat": lat,
                "lon": lon,
                "note": BEYOND_NOTE,
            }


def provinces(sources: Path, kept: "Kept") -> Iterator[Row]:
    """The provinces of Italy: code, Istat and NUTS codes, names, a point inside."""
    nuts = {
        line[13]: (line[21].strip(), line[22].strip()) for line in _istat_municipalities(sources)
    }
    for shape in features(sources / "geo/limits_IT_provinces.topo.json"):
        code = shape.properties["prov_acr"]
        point = shape.shape.representative_point()
        name = str(shape.properties["prov_name"])
        yield {
            "code": code,
            "istat_code": shape.properties["prov_istat_code"],
            "nuts2": nuts[code][0],
            "nuts3": nuts[code][1],
            "name_it": name.partition("/")[0],
            "name_en": kept("code", code, "name_en"),
            "region_it": str(shape.properties["reg_name"]).partition("/")[0],
            "lat": f"{point.y:.{POINT_DECIMALS}f}",
            "lon": f"{point.x:.{POINT_DECIMALS}f}",
        }


def economic_activities(sources: Path, kept: "Kept") -> Iterator[Row]:
    """Sections and divisions of NACE Rev. 2 and of ATECO 2025, kept apart by `scheme`."""
    with (sources / "vocabularies/nace_rev2_en.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            if line["Level"] in {"1", "2"}:
                yield {
                    "scheme": "nace",
                    "version": "2",
                    "code": line["Code"],
                    "level": "division" if line["Parent"] else "section",
                    "parent": line["Parent"],
                    "label_it": kept("scheme+code", f"nace+{line['Code']}", "label_it"),
                    "label_en": _sentence(line["Description"]),
                    "label_it_source": "project",
                    "label_en_source": "source",
                }
    with gzip.open(sources / "vocabularies/ateco_2025_it.csv.gz", "rt", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            if line["level"] in {"section", "division"}:
                yield {
                    "scheme": "ateco",
                    "version": "2025",
                    "code": line["code"],
                    "level": line["level"],
                    "parent": line["parent"],
                    "label_it": _sentence(line["title_it"]),
                    "label_en": kept("scheme+code", f"ateco+{line['code']}", "label_en"),
                    "label_it_source": "source",
                    "label_en_source": "project",
                }


def legal_forms(sources: Path, kept: "Kept") -> Iterator[Row]:
    """The Italian legal forms, three levels."""
    seen: set[str] = set()
    with (sources / "vocabularies/legal-status.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            parent = ""
            for level in ("1", "2", "3"):
                code, label = line[f"codice_{level}_livello"], line[f"label_ITA_{level}_livello"]
                note = ""
                # The source prints 2.2.20 twice; Istat's classification gives 2.2.30 to agencies.
                if label == "Agenzia dello Stato":
                    code, note = "2.2.30", "2.2.20 in the source, which prints that code twice"
                if code not in seen:
                    seen.add(code)
                    yield {
                        "code": code,
                        "level": level,
                        "parent": parent,
                        # The source misspells "diritto" in one label.
                        "label_it": label.replace("dal diretto", "dal diritto"),
                        "label_en": kept("code", code, "label_en"),
                        "label_en_source": "project",
                        "note": note,
                    }
                parent = code


def fields(sources: Path, kept: "Kept") -> Iterator[Row]:
    """EuroSciVoc concepts: those the present table holds (the project translates what it uses)."""
    with (sources / "vocabularies/euroscivoc_tree_en.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            italian = kept.optional("code", line["code"], "label_it")
            if italian:
                yield {
                    "code": line["code"],
                    "code_path": line["code_path"],
                    "parent": line["parent_code"],
                    "level": str(line["code_path"].count("/") + 1),
                    "label_it": italian,
                    "label_en": line["title_en"],
                    "label_it_source": "project",
                }


def nuts(sources: Path, kept: "Kept") -> Iterator[Row]:
    """NUTS 2021: Italy down to regions, and the provinces of Emilia-Romagna."""
    with (sources / "geo/nuts_2021_codes.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            code = line["NUTS_ID"]
            if code.startswith("IT") and (len(code) <= 4 or code.startswith("ITH5")):
                yield {
                    "code": code,
                    "level": line["LEVL_CODE"],
                    "parent": code[:-1] if len(code) > 2 and code != "IT" else "",
                    "name_it": line["NUTS_NAME"].replace("\u2019", "'").partition("/")[0],
                    "name_en": kept("code", code, "name_en"),
                }


class Kept:
    """The translations of the table as it stands."""

    def __init__(self, table: Path) -> None:
        with table.open(encoding="utf-8", newline="") as file:
            self.rows = list(csv.DictReader(file))
        self.missing: list[str] = []

    def optional(self, key: str, value: str, column: str) -> str:
        parts = key.split("+")
        for row in self.rows:
            if "+".join(row[part] for part in parts) == value:
                return row[column]
        return ""

    def __call__(self, key: str, value: str, column: str) -> str:
        found = self.optional(key, value, column)
        if not found:
            self.missing.append(f"{value} has no {column}")
        return found


def _sentence(title: str) -> str:
    """Publishers shout the titles of sections."""
    title = title.strip()
    return title.capitalize() if title.isupper() else title


def _istat_municipalities(sources: Path) -> Iterator[list[str]]:
    path = sources / "geo/istat_codici_comuni_20200101.csv.gz"
    with gzip.open(path, "rt", encoding="latin-1", newline="") as file:
        lines = csv.reader(file, delimiter=";")
        next(lines)
        yield from (line for line in lines if len(line) > 22)


TABLES: dict[str, Callable[[Path, Kept], Iterable[Row]]] = {
    "municipalities.csv": municipalities,
    "provinces.csv": provinces,
    "nace.csv": economic_activities,
    "legal_forms.csv": legal_forms,
    "fields.csv": fields,
    "nuts.csv": nuts,
}
ORDER = {
    "municipalities.csv": "istat_code",
    "provinces.csv": "istat_code",
    "fields.csv": "code_path",
    "legal_forms.csv": "code",
    "nuts.csv": "code",
}


def rebuild(name: str, sources: Path, out: Path) -> int:
    """Writes one table; returns its rows. Refuses when a translation is missing."""
    kept = Kept(out / name)
    rows = list(TABLES[name](sources, kept))
    if kept.missing:
        raise SystemExit(f"{name}: " + "; ".join(kept.missing))
    if name in ORDER:
        rows.sort(key=lambda row: row[ORDER[name]])
    with (out / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def main() -> None:
    """Rebuilds the tables named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sources", type=Path, required=True, help="folder with geo/ and vocabularies/"
    )
    parser.add_argument("--out", type=Path, default=Path("src/trebbo/ecosystem/vocabularies/data"))
    parser.add_argument(
        "--table", action="append", choices=list(TABLES), help="only this; repeatable"
    )
    options = parser.parse_args()
    for name in options.table or TABLES:
        print(f"{name}: {rebuild(name, options.sources, options.out)} rows")


if __name__ == "__main__":
    main()
