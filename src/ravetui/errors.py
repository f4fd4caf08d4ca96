"""The one tree of exceptions that a user may read.

RavetuiError
├── ConfigError       a setting or a workspace is wrong
├── DataError         audio or a prepared dataset is wrong
├── RunError          a run cannot be made, started, stopped or read
├── CheckpointError   a checkpoint is missing or damaged
├── ScoreError        a score cannot be computed
└── SoundError        nothing can be heard here
"""


class RavetuiError(Exception):
    """Bad news with a title, one clear sentence and a remedy.

    Args:
        title: Two or three words, for a panel's border.
        message: One sentence that names the file, key or run.
        remedy: What the user can do about it; empty when there is nothing.
    """

    def __init__(self, title: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.title = title
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class ConfigError(RavetuiError):
    """A setting or a workspace is wrong."""


class DataError(RavetuiError):
    """Audio or a prepared dataset is wrong."""


class RunError(RavetuiError):
    """A run cannot be made, started, stopped or read."""


class CheckpointError(RavetuiError):
    """A checkpoint is missing or damaged."""


class ScoreError(RavetuiError):
    """A score cannot be computed."""


class NotInCacheError(ScoreError):
    """Embeddings of a score have left the cache; scoring again brings them back."""


class SoundError(RavetuiError):
    """Nothing can be heard here."""
