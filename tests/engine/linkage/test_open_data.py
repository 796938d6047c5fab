"""The shipped model on official data it has not seen: the automatic zone is right."""

from pathlib import Path

from benchmarks.linkage_sources import (
    CHECKED,
    read_checked,
    read_cordis,
    read_pairs,
    read_ror,
    split,
)
from tests.engine.linkage.examples import LINKER
from trebbo.engine.linkage import Zone

SAMPLE = 500


def test_the_automatic_zone_is_right_on_the_reporting_half(open_data: Path) -> None:
    archive = open_data / "cordis" / "cordis-HORIZONprojects-csv.zip"
    bodies = {body.key: body for body in read_cordis(archive)}
    records, heirs = read_ror(open_data / "ror" / "ror-data.zip")
    pairs = read_pairs(open_data / "linkage" / "pic_to_ror.csv", heirs)
    parts = split(
        {pic: ids for pic, ids in pairs.items() if pic in bodies},
        {record.key for record in records},
        LINKER.model.trained_on["seed"],
        read_checked(CHECKED),
    )
    gold = {item.left: item for item in parts.reporting[:: len(parts.reporting) // SAMPLE]}
    matches = LINKER.link([bodies[left] for left in gold], records)
    certain = [match for match in matches if match.zone is Zone.CERTAIN]
    right = [m for m in certain if m.right in gold[m.left].rights | gold[m.left].also]
    present = sum(bool(item.rights) for item in gold.values())
    assert len(right) >= 0.99 * len(certain)
    assert len(right) >= 0.7 * present
