"""The processes that train one run together, and all that they say to one another."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

import torch
import torch.distributed as dist
from torch import Tensor

from ravetui.engine.launch.rank import AGENT_VARIABLE
from ravetui.errors import RunError

PATIENCE = timedelta(days=1)
"""How long a rank waits for the others: rank 0 may render or write for as long as it takes. Nobody waits for a dead
one: gloo notices a closed connection at once, and torchrun ends the others."""
BUCKET = 8 << 20
"""Numbers that are averaged at once: 32 MiB, so that the copy stays small beside the networks."""


class LostRankError(RunError):
    """Another rank is gone in the middle of a conversation; why, whoever supervises them knows.

    Args:
        error: What the connection said.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__("Lost a rank", f"The connection to another rank broke: {error}")


class Word(IntEnum):
    """What rank 0 does next, and every other rank with it."""

    END = 0
    STEP = 1
    ADVERSARIAL = 2
    VALIDATE = 3
    ROLL_BACK = 4


@dataclass(frozen=True)
class Ranks:
    """This process among those that train the run. Alone, every conversation is over before it begins."""

    rank: int = 0
    """Which one it is; rank 0 decides and writes."""
    size: int = 1
    """How many there are."""
    local: int = 0
    """Its number on this machine, which is that of its GPU."""

    @property
    def first(self) -> bool:
        """Whether this is rank 0."""
        return self.rank == 0

    def say(self, value: int) -> int:
        """What rank 0 says; it is told to all, and what the others would say does not count.

        Raises:
            LostRankError: A rank is gone.
        """
        if self.size == 1:
            return value
        told = torch.tensor([int(value)])
        self.share(told)
        return int(told)

    def sum(self, tensor: Tensor) -> None:
        """Put the sum over all ranks into a tensor, the same bits on each.

        Raises:
            LostRankError: A rank is gone.
        """
        if self.size > 1:
            _converse(lambda: dist.all_reduce(tensor))

    def share(self, tensor: Tensor) -> None:
        """Put what rank 0 has into a tensor.

        Raises:
            LostRankError: A rank is gone.
        """
        if self.size > 1:
            _converse(lambda: dist.broadcast(tensor, 0))

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Put the mean over all ranks into each tensor, the same bits on each.

        Raises:
            LostRankError: A rank is gone.
        """
        if self.size == 1:
            return
        for bucket in _buckets(tensors):
            flat = torch.cat([tensor.flatten() for tensor in bucket])
            self.sum(flat)
            parts = torch.split(flat.div_(self.size), [tensor.numel() for tensor in bucket])
            for tensor, part in zip(bucket, parts, strict=True):
                tensor.copy_(part.view_as(tensor))

    def mean(self, values: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        """The mean over all ranks of a step's values, table to column to value.

        One that is NaN or infinite on any rank is so on all.

        Raises:
            LostRankError: A rank is gone.
        """
        if self.size == 1:
            return values
        numbers = torch.tensor([value for row in values.values() for value in row.values()], dtype=torch.float64)
        self.average([numbers])
        means = iter(numbers.tolist())
        return {table: {column: next(means) for column in row} for table, row in values.items()}

    def dismiss(self) -> None:
        """Rank 0 lets the others go, and hears from each that it was there until now.

        Raises:
            LostRankError: A rank is gone.
        """
        self.say(Word.END)
        self.leave()

    def leave(self) -> None:
        """Say goodbye, once rank 0 has said that this is the end.

        Raises:
            LostRankError: A rank is gone.
        """
        if self.size > 1:
            self.sum(torch.zeros(1))
            dist.destroy_process_group()


ALONE = Ranks()
"""A run of one rank."""


def own_rank() -> int | None:
    """Which rank our torchrun has started this process as; None if it did not, whatever is in the environment."""
    return int(os.environ["RANK"]) if AGENT_VARIABLE in os.environ else None


def join() -> Ranks:
    """Meet the other ranks that torchrun has started, by its environment variables; without it, be alone.

    Raises:
        LostRankError: They did not come.
    """
    size = 1 if own_rank() is None else int(os.environ["WORLD_SIZE"])
    if size == 1:
        return ALONE
    # Words and losses are on the CPU even where gradients are not: they wait for no kernel.
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    _converse(lambda: dist.init_process_group(backend, timeout=PATIENCE))
    return Ranks(dist.get_rank(), size, int(os.environ["LOCAL_RANK"]))


def _converse(conversation: Callable[[], object]) -> None:
    try:
        conversation()
    except RuntimeError as error:
        raise LostRankError(error) from error


def _buckets(tensors: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """Neighbours that together have at most as many numbers as a bucket, or one that alone has more."""
    bucket: list[Tensor] = []
    for tensor in tensors:
        if bucket and sum(item.numel() for item in bucket) + tensor.numel() > BUCKET:
            yield bucket
            bucket = []
        bucket.append(tensor)
    if bucket:
        yield bucket
