"""A journal cut anywhere in its last records, or ending in zeros as after a power cut: every whole record is read."""

from pathlib import Path

from ravetui.runs.journal import JournalWriter, record_type
from tests.faults.counts import count, times
from tests.journal_reader import JournalReader

COLUMNS = ["loss", "seconds"]
RECORDS = 12


def test_every_whole_record_is_read(tmp_path: Path) -> None:
    path = tmp_path / "whole.bin"
    writer = JournalWriter(path, COLUMNS, from_step=0, attempt=1)
    for step in range(RECORDS):
        writer.append(step, 1.0, [1.0, 2.0])
    writer.close()
    content, width = path.read_bytes(), record_type(COLUMNS).itemsize
    tried, cut = 0, tmp_path / "cut.bin"
    for short in range(0, times(4, 1) * width):
        for tail in (b"", bytes(short), bytes(3 * width)):
            cut.write_bytes(content[: len(content) - short] + tail)
            reader = JournalReader(cut)
            reader.poll()
            # Zeros in the place of zeros are whole: only a record that has lost something else is not.
            whole = next(
                n
                for n in range(RECORDS, -1, -1)
                if cut.read_bytes()[: len(content) - (RECORDS - n) * width]
                == content[: len(content) - (RECORDS - n) * width]
            )
            assert reader.records["step"].tolist() == list(range(whole))
            tried += 1
    count("journal cut at every byte of its last records; NUL tail", tried)
