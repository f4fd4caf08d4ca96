"""The house as it is drawn: small files, empty package files, generated texts that are up to date."""

import ast
import importlib.util
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src" / "ravetui").rglob("*.py"))


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    """``docs/generate.py``."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_texts_are_up_to_date(generate: ModuleType) -> None:
    for path, text in generate.texts().items():
        assert path.read_text("utf-8") == text, f"{path.name} is out of date: make docs"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_a_file_is_one_small_noun(path: Path) -> None:
    text = path.read_text("utf-8")
    if path.name == "__init__.py":
        assert text == ""
        return
    assert len(text.splitlines()) <= 300
    purpose = ast.get_docstring(ast.parse(text))
    assert purpose, "its first line says what it is for"
    assert path.stem not in {"utils", "helpers", "common", "manager", "misc"}


def test_the_light_install_has_no_torch() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    light = " ".join(project["dependencies"])
    for heavy in ("torch", "scipy", "soxr", "transformers", "safetensors"):
        assert heavy not in light
    assert "torch>=2.9,<2.14" in project["optional-dependencies"]["train"]
