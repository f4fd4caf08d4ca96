"""Which way of computing is fastest for a run on a device: measured once, at its first start, and then kept.

Kept, because another precision rounds otherwise: a run that was killed goes on with the bits it would have had.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

import torch

from ravetui.config import EngineSettings
from ravetui.engine.training.precision import Computing, device_kind, has_bf16
from ravetui.engine.training.trial import Trial
from ravetui.errors import ConfigError, RunError
from ravetui.runs.events import Event
from ravetui.runs.spec import RunSpec

SHORT_RUN_SECONDS = 600.0
"""A run that is over sooner is not worth measuring: it trains in fp32, uncompiled."""
LONG_RUN_SECONDS = 3600.0
"""A run must take longer to be compiled, which takes minutes."""
MEASURING_SECONDS = 20.0
"""After it no further round of steps is begun; each way has had two, and got ready in the first."""
ROUNDS = 3
"""Of which the fastest counts."""
WORTH = 1.1
"""So many times as fast a way must be to be taken in place of fp32, uncompiled."""
PLAIN = Computing("fp32", compiled=False)


@dataclass(frozen=True)
class Choice:
    """What was chosen, and why."""

    computing: Computing
    fields: dict[str, Any]
    """Of the event ``computing``."""
    is_new: bool = True
    """Whether the run's events do not say so yet."""


class Tuning:
    """Chooses how a run computes.

    Args:
        interrupted: Asked between steps; True ends measuring, and nothing is chosen for good.

    Raises:
        ConfigError: A setting has a value that is none.
        RunError: A setting asks for what the device cannot do.
    """

    def __init__(
        self, spec: RunSpec, settings: EngineSettings, device: torch.device, interrupted: Callable[[], bool]
    ) -> None:
        self.spec = spec
        self.device = device
        self.kind = device_kind(device)
        self._interrupted = interrupted
        self._moved = ""
        self._precision, self._compile = settings.precision, settings.compile
        _check("precision", self._precision, ("auto", "fp32", "bf16"))
        _check("compile", self._compile, ("auto", "on", "off"))
        if self._precision == "bf16" and not has_bf16(device):
            raise RunError(
                "No bf16",
                f"engine.precision is bf16, but this device ({self.kind}) does not compute in it.",
                "Set it to auto or fp32 in config.toml.",
            )

    def choose(self, events: Iterable[Event]) -> Choice:
        """What the settings ask for; where they say ``auto``, what the run did before, else what proves fastest.

        Args:
            events: Of the run, oldest first.

        Raises:
            RunError: Networks are to be compiled, and that fails.
        """
        last = next((event.fields for event in reversed(list(events)) if event.kind == "computing"), None)
        if last is not None and last["device"] == self.kind and self._allows(kept := _computing(last)):
            return Choice(kept, last, is_new=False)
        if last is not None and last["device"] != self.kind:
            self._moved = f"; before, the run was on {last['device']} in {_computing(last).words}"
        if "auto" not in (self._precision, self._compile) and self._compile == "off":
            return self._choice(Computing(self._precision, compiled=False), "by config.toml")
        ways = self._ways(float("inf"))
        if len(ways) > 1:
            ways = self._ways(self._run_seconds())
        if len(ways) == 1 and not ways[0].compiled:
            return self._choice(ways[0], self._why_alone())
        seconds, failures = self._measure(ways)
        if self._interrupted() or not seconds:
            if failures and self._compile == "on":
                raise RunError(
                    "Not compiled",
                    f"engine.compile is on, but torch.compile failed: {next(iter(failures.values()))}",
                    "Set it to auto or off in config.toml.",
                )
            return Choice(ways[0], {}, is_new=False)
        fastest = min(seconds, key=lambda way: seconds[way])
        first = ways[0] if ways[0] in seconds else fastest
        chosen = fastest if seconds[first] > WORTH * seconds[fastest] else first
        reason = _reason(first, seconds)
        for way, failure in failures.items():
            reason += f"; {way.words} failed: {failure}"
        return self._choice(chosen, reason, {way.words: round(found, 4) for way, found in seconds.items()})

    def _choice(self, computing: Computing, reason: str, seconds: dict[str, float] | None = None) -> Choice:
        fields: dict[str, Any] = {
            "precision": computing.precision,
            "compiled": computing.compiled,
            "device": self.kind,
            "reason": f"{computing.words} on {self.kind}: {reason}{self._moved}",
        }
        return Choice(computing, fields | ({"seconds": seconds} if seconds else {}))

    def _allows(self, computing: Computing) -> bool:
        by_word = {"auto": (True, False), "on": (True,), "off": (False,)}
        return self._precision in ("auto", computing.precision) and computing.compiled in by_word[self._compile]

    def _ways(self, run_seconds: float) -> list[Computing]:
        """Candidates; the first is what is taken unless another is clearly faster."""
        precisions = [self._precision] if self._precision != "auto" else ["fp32"]
        if self._precision == "auto" and run_seconds >= SHORT_RUN_SECONDS and has_bf16(self.device):
            precisions.append("bf16")
        compiled = [self._compile == "on"]
        # On a CPU compiled networks measured slower, v1 and v2 alike, after a minute of compiling.
        if self._compile == "auto" and run_seconds >= LONG_RUN_SECONDS and self.device.type == "cuda":
            compiled.append(True)
        return [Computing(precision, compiled=by) for by, precision in product(compiled, precisions)]

    def _why_alone(self) -> str:
        if self._precision == "auto" and not has_bf16(self.device):
            return "it does not compute in bf16"
        if self._precision != "auto" and self.device.type == "cpu":
            return "compiling is slower on a CPU"
        return "the run is too short to measure what is faster"

    def _run_seconds(self) -> float:
        """About how long the run takes, computed plainly."""
        trial = Trial(self.spec, self.device, PLAIN, self.spec.training.batch_size)
        kind = next(iter(_shares(self.spec)))
        # The first step is the slower one: libraries make themselves ready.
        return self.spec.training.total_steps * min(trial.step(kind) for _ in range(2))

    def _measure(self, ways: list[Computing]) -> tuple[dict[Computing, float], dict[Computing, str]]:
        """Mean seconds a step of each way that works, in turns; and why the others do not."""
        # On a CPU time is proportional to the batch: one crop tells as much as all.
        crops = 1 if self.device.type == "cpu" else self.spec.training.batch_size
        trials: dict[Computing, Trial] = {}
        failures: dict[Computing, str] = {}
        began = time.perf_counter()
        for number in range(ROUNDS):
            for way, kind in product(ways, _shares(self.spec)):
                if self._interrupted():
                    return {}, failures
                if way in failures:
                    continue
                try:
                    if way not in trials:
                        trials[way] = Trial(self.spec, self.device, way, crops)
                    trials[way].step(kind)
                except Exception as error:
                    # A compiler can fail in any way: it is missing, it is another one's, its memory is short.
                    failures[way] = (str(error).strip() or type(error).__name__).splitlines()[0]
                    if way == PLAIN:
                        raise
            if number and time.perf_counter() - began > MEASURING_SECONDS:
                break
        shares = _shares(self.spec).items()
        return {
            way: sum(share * trial.fastest[kind] for kind, share in shares)
            for way, trial in trials.items()
            if way not in failures
        }, failures


def _shares(spec: RunSpec) -> dict[str, float]:
    """Kinds of step to their shares of all that the run makes."""
    training = spec.training
    first = min(training.phase_1_steps, training.total_steps)
    second = training.total_steps - first
    discriminator = second / training.discriminator_every
    counts = {"phase 1": first, "discriminator": discriminator, "generator": second - discriminator}
    return {kind: count / training.total_steps for kind, count in counts.items() if count}


def _check(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ConfigError(
            "Unknown setting", f"config.toml: engine.{name} is {value!r}.", f"It can be {', '.join(known)}."
        )


def _computing(fields: dict[str, Any]) -> Computing:
    return Computing(fields["precision"], compiled=fields["compiled"])


def _reason(first: Computing, seconds: dict[Computing, float]) -> str:
    others = [f"{way.words} is {seconds[first] / found:.2f}× as fast" for way, found in seconds.items() if way != first]
    return f"{', '.join(others)} as {first.words}" if others else "it is the only one that works"
