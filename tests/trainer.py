"""Trains in the test's own process, as the shim would have it."""

from threading import Event

from torch import Tensor

from ravetui.config import Config, EngineSettings
from ravetui.engine.train import train
from ravetui.engine.training.session import Session
from ravetui.runs import control
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.folder import RunFolder
from ravetui.runs.history import RunHistory

CONFIG = Config(engine=EngineSettings(device="cpu", threads=1, precision="fp32", compile="off"))


def attempt(run: RunFolder, stop_after: int | None = None, *, config: Config = CONFIG) -> str:
    """Train as the shim would have it: in a new attempt folder, to the end or to a stop."""
    run.attempt(len(run.attempt_folders()) + 1).path.mkdir()
    session = Session(run, config, Event())
    if stop_after is not None:
        ask_after(session, stop_after, "stop")
    outcome = train(session)
    session.end(outcome)
    return outcome


def ask_after(session: Session, step: int, request: str) -> None:
    """Leave a request when the step has been made, as a person would from another process."""
    do = session.step

    def stepping(batch: Tensor, data_seconds: float) -> None:
        do(batch, data_seconds)
        if session.state.step == step:
            control.request(session.run, request)

    session.step = stepping  # type: ignore[method-assign]


def weights(run: RunFolder) -> dict[str, bytes]:
    """Every file of the newest checkpoint."""
    newest = list_checkpoints(run)[0]
    return {name: (newest.path / name).read_bytes() for name in newest.files}


def history(run: RunFolder) -> RunHistory:
    found = RunHistory(run)
    found.poll()
    return found
