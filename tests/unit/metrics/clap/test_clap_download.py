import hashlib
from pathlib import Path

import pytest

from ravetui.errors import ScoreError
from ravetui.metrics.clap.download import Download, download
from tests.file_server import FileServer, serving
from tests.small_disk import small_disk

CONTENT = bytes(range(256)) * 20_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def fetch(server: FileServer, folder: Path, sha256: str = SHA256) -> Download:
    return download(server.url, folder, sha256, lambda there, whole: None, pause=0)


def test_a_file_arrives_whole_and_its_checksum_is_told(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    with serving(CONTENT) as server:
        made = download(server.url, tmp_path, "", lambda there, whole: heard.append((there, whole)), pause=0)
    assert made == Download(tmp_path / "music.pt", SHA256, len(CONTENT))
    assert made.path.read_bytes() == CONTENT
    assert heard[0] == (0, len(CONTENT))
    assert heard[-1] == (len(CONTENT), len(CONTENT))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fetch.lock", "music.pt"]


def test_a_cut_connection_is_gone_on_with_where_it_was_cut(tmp_path: Path) -> None:
    with serving(CONTENT) as server:
        server.cuts = [1_000_000, 2_000_000]
        assert fetch(server, tmp_path).path.read_bytes() == CONTENT
    assert server.asked == ["", "bytes=1000000-", "bytes=3000000-"]


def test_a_later_call_goes_on_after_it_was_given_up(tmp_path: Path) -> None:
    with serving(CONTENT) as server:
        server.cuts = [1_000_000, *[0] * 5]
        with pytest.raises(ScoreError, match=r"1\.0 MB of .*cut") as caught:
            fetch(server, tmp_path)
        assert "goes on from there" in caught.value.remedy
        server.asked.clear()
        fetch(server, tmp_path)
    assert server.asked == ["bytes=1000000-"]


def test_a_server_without_ranges_or_with_a_new_file_begins_anew(tmp_path: Path) -> None:
    with serving(CONTENT, ranges=False) as server:
        server.cuts = [1_000_000]
        assert fetch(server, tmp_path / "a").path.read_bytes() == CONTENT
    with serving(CONTENT) as server:
        server.cuts = [1_000_000, *[0] * 5]
        with pytest.raises(ScoreError):
            fetch(server, tmp_path / "b")
        server.content = CONTENT[::-1]
        assert fetch(server, tmp_path / "b", "").path.read_bytes() == CONTENT[::-1]


def test_a_wrong_checksum_leaves_nothing_and_names_both(tmp_path: Path) -> None:
    with serving(CONTENT) as server, pytest.raises(ScoreError) as caught:
        fetch(server, tmp_path, "0" * 64)
    assert SHA256 in caught.value.message
    assert "0" * 64 in caught.value.message
    assert [path.name for path in tmp_path.iterdir()] == ["fetch.lock"]


def test_no_server_and_no_file_are_sentences(tmp_path: Path) -> None:
    with serving(CONTENT) as server:
        with pytest.raises(ScoreError, match="404"):
            download(server.url.replace("music", "missing"), tmp_path, "", lambda there, whole: None, pause=0)
        url = server.url
    with pytest.raises(ScoreError, match="refused"):
        download(url, tmp_path, "", lambda there, whole: None, pause=0)
    with pytest.raises(ScoreError, match="no http"):
        download("file:///etc/passwd", tmp_path, "", lambda there, whole: None, pause=0)


def test_a_disk_without_room_is_said_before_and_while_it_fills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with small_disk(tmp_path / "disk", 3) as disk, serving(CONTENT) as server:
        with pytest.raises(ScoreError, match="does not hold the checkpoint: 305 MB are needed"):
            fetch(server, disk / "cache")
        # Somebody else fills the disk after we have looked.
        monkeypatch.setattr("ravetui.metrics.clap.download._see_room", lambda part, needed: None)
        with pytest.raises(ScoreError, match="No space left") as caught:
            fetch(server, disk / "cache")
        assert "XDG_CACHE_HOME" in caught.value.remedy


def test_two_do_not_fetch_at_once(tmp_path: Path) -> None:
    from ravetui.runs.lock import acquire

    assert acquire(tmp_path / "fetch.lock") is not None
    with serving(CONTENT) as server, pytest.raises(ScoreError, match="Another process"):
        fetch(server, tmp_path)
