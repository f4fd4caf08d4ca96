"""Every setting: its default, one comment, and how ``config.toml`` is read."""

import dataclasses
import difflib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ravetui.errors import ConfigError

FILE = "config.toml"
SOURCES = "sources"
_SOURCES_COMMENT = """
# Runs of other programs that are shown, too, and only read; `ravetui import DIR` adds an entry:
# [[sources]]
# path = "/data/rave/runs"   # what rave train wrote, or any TensorBoard folder
# name = "old"               # what it is called here; the folder's name if not given
"""


def setting(default: Any, comment: str) -> Any:
    """A field of a settings table with the comment that ``config.toml`` shows above it."""
    return field(default=default, metadata={"comment": comment})


@dataclass(frozen=True)
class DataSettings:
    """How audio is prepared."""

    sampling_rate: int = setting(44100, "Hz of a prepared dataset; every source is resampled to it")
    channels: int = setting(1, "audio channels of a prepared dataset: 1 mono, 2 stereo")
    validation_fraction: float = setting(0.1, "share of the audio kept for validation, by whole file")
    join_seconds: float = setting(12.0, "files shorter than this are joined to one another, s")
    silence_db: float = setting(-70.0, "a file whose peak is below this is skipped as silent, dBFS")


@dataclass(frozen=True)
class RunSettings:
    """What a new run is unless it is told otherwise."""

    preset: str = setting("v1", "model and schedule of a run: v1, v2, v2-small, v3, discrete, brave, tiny; or v2+noise")
    phase_1: str = setting(
        "", "length of phase 1, as '97 epochs', '200000 steps' or '30 h of audio'; empty: the preset's"
    )
    total: str = setting(
        "", "length of the whole run, as '300 epochs', '600000 steps' or '90 h of audio'; empty: the preset's"
    )
    seed: int = setting(0, "seed of weights, crops and noise")
    keep_checkpoints: int = setting(
        2, "newest checkpoints kept, beside the best of each phase, the last of phase 1, pins"
    )
    keep_every_hours: float = setting(24.0, "one checkpoint every so many hours is kept for good; 0: none, h")
    tensorboard: bool = setting(
        False, "also write event files that TensorBoard reads, from the next start on: tensorboard --logdir runs"
    )


@dataclass(frozen=True)
class EngineSettings:
    """How a trainer computes."""

    device: str = setting("auto", "where a trainer computes: auto, cpu, cuda")
    threads: int = setting(0, "CPU threads of a trainer, all its ranks together; 0: one a core")
    workers: int = setting(-1, "processes that prepare batches; 0: a thread of the trainer; -1: 2 with a GPU, else 0")
    precision: str = setting(
        "auto", "of networks, losses are always fp32: auto (measured at a run's first start), fp32, bf16"
    )
    compile: str = setting("auto", "compiled kernels: auto (measured at a run's first start), on, off")
    resident: str = setting("auto", "dataset in the GPU's memory: auto (where it fits), on, off")


@dataclass(frozen=True)
class LaunchSettings:
    """How a run's process is started."""

    launcher: str = setting("auto", "auto (torchrun for several ranks, else local), local, torchrun, slurm")
    max_running: int = setting(0, "runs that train at once, others wait in the queue; 0: one a GPU, or 1 without a GPU")
    gpus: str = setting("auto", "GPUs that runs are given, one each: auto (those that nobody fills), '0,2', or off")
    stop_queue_on_failure: bool = setting(False, "after a run has failed, start nothing from the queue until told to")


@dataclass(frozen=True)
class SlurmSettings:
    """What sbatch is told when ``launch.launcher`` is ``slurm``."""

    partition: str = setting("", "partition, or several with commas; empty: the cluster's default")
    account: str = setting("", "account that is charged; empty: your default")
    qos: str = setting("", "quality of service; empty: your default")
    constraint: str = setting("", "features that the node must have, as 'a100'; empty: any node")
    time: str = setting("", "time limit of a job, as '24:00:00' or '2-00:00:00'; empty: the partition's")
    gpus: str = setting("auto", "GPUs of a job, as 'a100:2'; auto: one a rank, none on device cpu; empty: not asked")
    cpus: int = setting(0, "CPU cores of a job; 0: the cluster's default")
    memory: str = setting("", "memory of a job, as '32G'; empty: the cluster's default")
    options: str = setting("", "more options of sbatch, as in a shell: '--exclude=n7 --mail-type=FAIL'")
    setup: str = setting("", "a line of shell before the trainer, as 'module load cuda'")
    requeue: bool = setting(True, "go on by itself after the time limit, preemption or a node's failure")
    signal_seconds: int = setting(180, "so long before the time limit the run saves; SLURM may be a minute early, s")


@dataclass(frozen=True)
class ScoreSettings:
    """How checkpoints are judged."""

    embedder: str = setting(
        "auto",
        "what turns audio into embeddings: auto (clap once its weights are there, else mel), clap, mel, timbre",
    )
    reference: str = setting(
        "validation", "what a checkpoint is compared with: validation, train, a folder of audio, or run:NAME"
    )
    seconds: float = setting(120.0, "at most this much audio is rendered and compared, s")
    auto_score: str = setting(
        "off", "score by itself beside training: off, or such as 'every 10 validations'; on a GPU when it has room"
    )
    cache_mb: int = setting(1000, "room in your cache folder for embeddings that were computed once; 0: none, MB")


@dataclass(frozen=True)
class SoundSettings:
    """Where sound goes."""

    volume: float = setting(1.0, "gain of playback, 0 to 1")


@dataclass(frozen=True)
class AppSettings:
    """How the screen looks and how often it looks."""

    refresh_seconds: float = setting(0.5, "time between two looks at the run folders, s")
    smoothing: float = setting(0.9, "weight of the past in the smoothed curve: 0, 0.6, 0.9 or 0.99")
    log_axis: bool = setting(False, "start with a logarithmic loss axis")


@dataclass(frozen=True)
class Source:
    """One entry ``[[sources]]``: a folder in which other programs write runs."""

    path: str
    """What ``rave train`` wrote, a TensorBoard folder, or one that holds such; absolute or from the workspace."""
    name: str = ""
    """What it is called here; empty: the folder's name."""


@dataclass(frozen=True)
class Config:
    """All settings of a workspace."""

    data: DataSettings = field(default_factory=DataSettings)
    run: RunSettings = field(default_factory=RunSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)
    launch: LaunchSettings = field(default_factory=LaunchSettings)
    slurm: SlurmSettings = field(default_factory=SlurmSettings)
    score: ScoreSettings = field(default_factory=ScoreSettings)
    sound: SoundSettings = field(default_factory=SoundSettings)
    app: AppSettings = field(default_factory=AppSettings)
    sources: tuple[Source, ...] = ()
    """Folders of other programs that are shown, too."""


def read_config(path: Path) -> Config:
    """Read ``config.toml``; a missing key keeps its default.

    Raises:
        ConfigError: The file is not TOML, or a key is unknown or of the wrong type.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError("No config", f"{path} is missing.", "`ravetui init` writes one.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError("Config not readable", f"{path} is not TOML: {error}.") from None
    tables = {item.name: item for item in dataclasses.fields(Config)}
    built: dict[str, Any] = {}
    for name, table in document.items():
        if name == SOURCES:
            built[name] = _sources(path, table)
            continue
        if name not in tables:
            raise ConfigError("Unknown table", f"{path} has [{name}].", _nearest(name, tables))
        if not isinstance(table, dict):
            raise ConfigError("Not a table", f"{path}: {name} must be a table [{name}].")
        built[name] = _settings(path, name, tables[name].default_factory, table)
    return Config(**built)


def write_default_config(path: Path) -> None:
    """Write every setting with its default and comment.

    Raises:
        ConfigError: There is a file already; it is left as it is.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(default_config())
    except FileExistsError:
        raise ConfigError("Config exists", f"{path} is already there and was left as it is.") from None


def default_config() -> str:
    """The text of a ``config.toml`` in which nothing has been changed."""
    import tomlkit  # who only reads need not wait for it

    document = tomlkit.document()
    document.add(tomlkit.comment("Settings of this ravetui workspace. Every key is shown with its default."))
    for table_field in dataclasses.fields(Config):
        if table_field.name == SOURCES:
            continue
        kind: Any = table_field.default_factory
        table = tomlkit.table()
        for item in dataclasses.fields(kind):
            table.add(tomlkit.comment(item.metadata["comment"]))
            table.add(item.name, item.default)
        document.add(tomlkit.nl())
        document.add(table_field.name, table)
    return tomlkit.dumps(document) + _SOURCES_COMMENT


def _sources(path: Path, entries: Any) -> tuple[Source, ...]:
    """The entries ``[[sources]]``, every key checked."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError("Not a list", f"{path}: sources must be tables [[sources]].")
    for entry in entries:
        for key, value in entry.items():
            if key not in ("path", "name"):
                raise ConfigError("Unknown key", f"{path} has {key} in [[sources]].", "Known are path, name.")
            if not isinstance(value, str):
                raise ConfigError("Wrong type", f"{path}: sources.{key} must be a text, not {value!r}.")
        name = entry.get("name", "")
        if not entry.get("path"):
            raise ConfigError("No path", f"{path}: an entry [[sources]] has no path.")
        if name and (Path(name).name != name or name.startswith(".")):
            raise ConfigError("Bad source name", f"{path}: {name!r} cannot name a source.", "Use letters and digits.")
    return tuple(Source(entry["path"], entry.get("name", "")) for entry in entries)


def _settings(path: Path, name: str, kind: Any, table: dict[str, Any]) -> Any:
    """One settings dataclass from its table, every key checked."""
    fields = {item.name: item for item in dataclasses.fields(kind)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in fields:
            raise ConfigError("Unknown key", f"{path} has {key} in [{name}].", _nearest(key, fields))
        wanted = type(fields[key].default)
        if wanted is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not wanted:
            raise ConfigError("Wrong type", f"{path}: {name}.{key} must be {_TYPES[wanted]}, not {value!r}.")
        values[key] = value
    return kind(**values)


_TYPES: dict[type, str] = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


def _nearest(word: str, known: dict[str, Any]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}."
