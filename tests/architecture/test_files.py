"""Files: what each is for, how long, and that they speak of the project alone."""

import ast
import re

from tests.architecture.house import name_of, project_files, python_files

LONGEST = 600
LARGEST_BYTES = 2_000_000
FORBIDDEN_NAMES = {"utils", "helpers", "services", "common", "misc"}
# Folders of somebody's machine; in an address of the web another letter stands before the slash.
MACHINE = re.compile(r"(?<![\w.\-])/(?:wor[k]|roo[t]|hom[e]|User[s])/|\.\./share[d]\b")


def test_every_module_says_what_it_is_for() -> None:
    """Each opens with one sentence; an empty `__init__.py` only marks a folder."""
    silent = [
        name_of(file)
        for file in python_files()
        if file.stat().st_size
        and not (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").strip()
    ]
    assert silent == []


def test_public_functions_say_what_they_do() -> None:
    """Actions, queries, policies, gateways and the engine have docstrings on what they offer."""
    rooms = {"actions", "queries", "policies", "gateway"}
    silent = []
    for file in python_files("src"):
        if rooms.isdisjoint({*file.parts, file.stem}) and "engine" not in file.parts:
            continue
        silent += [
            f"{name_of(file)}: {node.name}"
            for node in ast.parse(file.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]
    assert silent == []


def test_no_room_without_a_name() -> None:
    """The name of a room says what lives there."""
    assert [name_of(file) for file in python_files() if file.stem in FORBIDDEN_NAMES] == []


def test_no_file_outgrows_its_reader() -> None:
    """Past the ceiling a file becomes a folder of the same name, with modules by noun."""
    lengths = {
        name_of(file): len(file.read_text(encoding="utf-8").splitlines()) for file in python_files()
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_the_project_speaks_of_itself_alone() -> None:
    """No path of a machine in any text."""
    told = {
        name_of(file): found
        for file in project_files()
        if (found := MACHINE.findall(file.read_text(encoding="utf-8")))
    }
    assert told == {}


def test_no_large_data() -> None:
    """Tables are small and derived; whole data sets stay where they are published."""
    large = [name_of(file) for file in project_files() if file.stat().st_size > LARGEST_BYTES]
    assert large == []
