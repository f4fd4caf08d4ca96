"""Whether a dataset is the one that a run was made for."""

from ravetui.engine.data.index import DatasetIndex
from ravetui.errors import DataError
from ravetui.runs.spec import RunSpec


def check_same(spec: RunSpec, index: DatasetIndex) -> None:
    """Compare fingerprints.

    Raises:
        DataError: The dataset's content has changed since the run was made.
    """
    if index.fingerprint != spec.data.fingerprint:
        raise DataError(
            "Other data",
            f"Dataset {spec.data.path} is not the one run {spec.name} was made for: its content has changed.",
            "Make a new run on it, or bring the old dataset back.",
        )
