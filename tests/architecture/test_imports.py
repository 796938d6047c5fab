"""What areas may take from each other, and that the engine stands alone."""

import subprocess
import sys
import tomllib

import grimp
import pytest

from tests.architecture.house import ROOT, areas, engine_modules

# `sections`: where areas above put theirs onto a profile's page.
OFFERED = {"models", "queries", "policies", "actions", "events", "choices", "sections"}

ALONE = """
import importlib, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "django" or (
            name.startswith("trebbo.") and not name.startswith("trebbo.engine")
        ):
            raise ModuleNotFoundError(f"{name} is absent here")

sys.meta_path.insert(0, Absent())
for name in sys.argv[1:]:
    importlib.import_module(name)
print(len(sys.argv) - 1)
"""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """All imports of the product."""
    return grimp.build_graph("trebbo", cache_dir=None)


def _area_of(module: str, known: list[str]) -> str | None:
    return next((area for area in known if module == area or module.startswith(f"{area}.")), None)


def test_an_area_takes_only_what_another_offers(graph: grimp.ImportGraph) -> None:
    """Not its views, forms, tasks, gateways; the composition root ties everything and may."""
    known = areas()
    taken = set()
    for module in graph.modules:
        here = _area_of(module, known)
        if here is None:
            continue
        for imported in graph.find_modules_directly_imported_by(module):
            there = _area_of(imported, known)
            if there in {None, here}:
                continue
            room = imported.removeprefix(f"{there}.").split(".")[0]
            if room not in OFFERED:
                taken.add(f"{module} → {imported}")
    assert taken == set()


def test_every_area_is_held_to_the_order_of_modules() -> None:
    """A new area is added to the contract."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    [order] = [contract for contract in contracts if contract["name"].startswith("Areas:")]
    assert sorted(order["containers"]) == areas()


def test_the_contracts_hold() -> None:
    """import-linter says so."""
    command = [str(ROOT / ".venv/bin/lint-imports"), "--no-cache"]
    if not (ROOT / ".venv/bin/lint-imports").exists():
        command[0] = "lint-imports"
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_engine_works_where_django_is_absent() -> None:
    """Every module of it loads in a process that has neither Django nor the rest of the product."""
    names = engine_modules()
    done = subprocess.run(
        [sys.executable, "-c", ALONE, *names], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert int(done.stdout) == len(names) > 0
