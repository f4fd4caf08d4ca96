import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.runs.atomic import publish_folder, read_json, write_bytes, write_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("json")


@given(JSON)
def test_what_is_published_reads_back(folder: Path, content: object) -> None:
    try:
        write_json(folder / "x.json", content)
    except UnicodeEncodeError:
        return  # a lone surrogate is no text
    assert read_json(folder / "x.json") == content


def test_a_file_is_replaced_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_bytes(path, b"old")
    write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["x"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_failed_write_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "kept").touch()
    with pytest.raises(OSError, match="directory"):
        write_bytes(tmp_path / "x", b"new")
    assert names(tmp_path) == ["x"]


@pytest.mark.parametrize("content", [b"", b"{", b"\x00" * 64, b'{"a": 1', b"\xff\xfe", b"[1,]"])
def test_damaged_json_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    assert read_json(tmp_path / "x") is None
    assert read_json(tmp_path / "missing") is None


def test_a_folder_never_replaces_one_with_content(tmp_path: Path) -> None:
    for name in ("new", "old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    with pytest.raises(OSError, match="not empty"):
        publish_folder(tmp_path / "new", tmp_path / "old")
    assert names(tmp_path / "old") == ["old"]
    publish_folder(tmp_path / "new", tmp_path / "final")
    assert names(tmp_path / "final") == ["new"]
