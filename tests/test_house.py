"""The doors of the house: who may import whom, who may commit, and that the README's map shows what is there."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STANDARD = set(sys.stdlib_module_names)
ALLOWED = {
    "documents": STANDARD | {"documents", "yaml"},
    "questionnaires": STANDARD | {"documents", "questionnaires", "elementpath", "openpyxl", "xlrd", "xlsxwriter", "pyxform"},
    "analysis": STANDARD | {"documents", "analysis", "numpy", "scipy", "pandas"},
}
#: a clock, chance without a seed, or the world outside: not for a pure room
IMPURE = {"time", "random", "secrets", "socket", "subprocess", "sqlite3", "urllib", "http", "uuid", "tempfile", "shutil"}
#: reading a file that the room itself ships
SHIPPED_FILES_ONLY = {"importlib", "pathlib"}


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("room", ALLOWED)
def test_a_pure_room_imports_only_what_it_may(room):
    assert sources(room)
    for path in sources(room):
        assert imported(path) <= ALLOWED[room] - IMPURE, f"{path} imports {imported(path) - (ALLOWED[room] - IMPURE)}"


@pytest.mark.parametrize("room", ALLOWED)
def test_a_pure_room_has_no_clock_no_chance_no_print_and_no_eval(room):
    forbidden = re.compile(
        r"\b(datetime\.now|date\.today|np\.random\.seed|default_rng\(\)|print\(|(?<![.\w])(eval|exec|open)\()")
    for path in sources(room):
        found = forbidden.findall(path.read_text())
        assert not found, f"{path}: {found}"


def test_import_linter_contracts_hold():
    done = subprocess.run([Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_services_and_commands_commit():
    for path in sources("surveyapp"):
        inside = path.relative_to(ROOT / "surveyapp")
        if inside.parts[0] in ("services", "commands.py", "demonstration"):
            continue
        assert ".commit()" not in path.read_text(), f"{path} commits"


def test_the_app_factory_is_short():
    body = (ROOT / "surveyapp/__init__.py").read_text()
    assert len(body.splitlines()) < 40


def test_no_file_is_a_drawer():
    assert not [path for room in (*ALLOWED, "surveyapp") for path in sources(room) if path.stem in ("util", "utils", "helpers")]


def test_templates_never_switch_escaping_off():
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        assert "|safe" not in text.replace(" ", ""), path
        assert "autoescape" not in text, path
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", text), f"{path} has inline script or style"


def test_the_readme_maps_every_room():
    readme = (ROOT / "README.md").read_text()
    for folder in sorted(path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")):
        if folder in ("var", "out", "build", "dist") or folder.endswith(".egg-info") or folder == "__pycache__":
            continue
        assert f"{folder}/" in readme, f"README does not map {folder}/"


def test_package_data_and_packages_leave_nothing_out():
    """Every package of the pure rooms and the shell is listed in setup.cfg, so that a wheel carries it."""
    listed = (ROOT / "setup.cfg").read_text()
    for room in (*ALLOWED, "surveyapp"):
        for init in (ROOT / room).rglob("__init__.py"):
            package = ".".join(init.parent.relative_to(ROOT).parts)
            assert re.search(rf"^\s+{re.escape(package)}$", listed, re.M), f"setup.cfg does not list {package}"
