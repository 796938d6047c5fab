"""Where things are: the files, areas and modules that the checks look at."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "trebbo"
CHECKED_FOLDERS = ("src", "tests", "benchmarks", "tools", "docs", ".ci")
STOREYS = (
    ("kernel",),
    ("ecosystem",),
    ("association", "sharing"),
    ("partnering",),
    ("delivering",),
    ("outlets",),
    ("demo",),
    ("config",),
)


def python_files(*folders: str) -> list[Path]:
    """Every Python file under these folders of the project, migrations left out."""
    chosen = folders or ("src", "tests", "benchmarks", "tools")
    files = (file for name in chosen for file in (ROOT / name).rglob("*.py"))
    return sorted(file for file in files if "migrations" not in file.parts)


def project_files() -> list[Path]:
    """Every text that belongs to the project: code, templates, tables, documents."""
    inner = (file for name in CHECKED_FOLDERS for file in (ROOT / name).rglob("*"))
    outer = (file for file in ROOT.iterdir() if file.name not in {".coverage", "uv.lock"})
    unread = {".mo", ".png"}
    return sorted(
        file
        for file in (*inner, *outer)
        if file.is_file() and file.suffix not in unread and not _made_by_tools(file)
    )


def _made_by_tools(file: Path) -> bool:
    """Whether the file lies in a cache; the only hidden folder of the project itself is .ci."""
    folders = file.relative_to(ROOT).parts[:-1]
    return any(name == "__pycache__" or (name[0] == "." and name != ".ci") for name in folders)


def name_of(file: Path) -> str:
    """The file's path as one writes it from the project's folder."""
    return file.relative_to(ROOT).as_posix()


def areas() -> list[str]:
    """Dotted names of the areas, such as "trebbo.ecosystem.clusters"."""
    return sorted(
        ".".join(file.parent.relative_to(PACKAGE.parent).parts)
        for file in PACKAGE.glob("*/*/apps.py")
    )


def storey_height(module: str) -> int:
    """How high the storey of a dotted name lies; the kernel is the ground."""
    name = module.split(".")[1]
    return next(height for height, names in enumerate(STOREYS) if name in names)


def room(area: str, name: str) -> ModuleType | None:
    """The area's module of that name, if it has one."""
    place = PACKAGE.parent.joinpath(*area.split("."), name)
    if not place.is_dir() and not place.with_suffix(".py").exists():
        return None
    return importlib.import_module(f"{area}.{name}")


def public_functions(module: ModuleType) -> Iterator[tuple[str, Callable[..., object]]]:
    """The functions that a room offers: its own, or those that a folder names in `__all__`."""
    offered = getattr(module, "__all__", None)
    for name, function in inspect.getmembers(module, inspect.isfunction):
        own = function.__module__ == module.__name__ or (
            offered is not None and function.__module__.startswith(f"{module.__name__}.")
        )
        if own and not name.startswith("_"):
            yield name, function


def engine_modules() -> list[str]:
    """Dotted names of every module of the engine."""
    engine = importlib.import_module("trebbo.engine")
    return sorted(
        found.name for found in pkgutil.walk_packages(engine.__path__, prefix="trebbo.engine.")
    )


def literals(file: Path, argument: str) -> set[str]:
    """Every text that the file passes as the keyword `argument`."""
    return {
        keyword.value.value
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == argument
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    }
