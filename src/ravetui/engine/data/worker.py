"""A loader worker: ``python -P -m ravetui.engine.data.worker SOCKET MEMORY``, two inherited descriptors.

It makes the batches that it is told to make until the other end of the socket is closed, by whatever ended the
trainer. It never imports torch.
"""

import sys
import traceback
from multiprocessing.connection import Connection

from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.slots import attach

READY = DONE = ""
"""Answers; any other is the sentence of an error."""


def work(trainer: Connection, memory: int) -> None:
    """Receive a sampler, then (window, slot) after (window, slot), and answer each."""
    try:
        sampler: CropSampler = trainer.recv()
        slots = attach(memory, sampler.shape)
        # Whatever is imported late is imported before the trainer counts on this process.
        sampler.batch(0)
        trainer.send(READY)
        while True:
            window, slot = trainer.recv()
            slots[slot] = sampler.batch(window)
            trainer.send(DONE)
    except (EOFError, ConnectionError):
        return
    except Exception as error:
        traceback.print_exc()
        trainer.send(traceback.format_exception_only(error)[-1].strip())


if __name__ == "__main__":
    work(Connection(int(sys.argv[1])), int(sys.argv[2]))
