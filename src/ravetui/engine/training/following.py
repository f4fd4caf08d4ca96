"""What every rank but rank 0 does: the same as rank 0, when it says so."""

from ravetui.engine.training.ranks import Word
from ravetui.engine.training.recovery import load_newest, skipped_windows
from ravetui.engine.training.session import Session
from ravetui.engine.training.update import update
from ravetui.engine.training.validation import validate


def follow(session: Session) -> None:
    """Follow rank 0 until it says that this is the end.

    It alone looks at requests, rules, clocks and numbers, writes, and renders; the others wait for its next word. So
    all do the same at the same step, whatever it was that made rank 0 do it.

    Raises:
        LostRankError: Rank 0 or another is gone.
        RunError: This rank does not hold what rank 0 holds.
    """
    state, batches, ranks = session.state, session.batches, session.ranks
    while (word := Word(ranks.say(Word.END))) is not Word.END:
        match word:
            case Word.STEP:
                ranks.mean(update(state, batches.take(state.step).to(session.device)))
            case Word.ADVERSARIAL:
                state.begin_adversarial()
            case Word.VALIDATE:
                validate(state, session.dataset, lambda: False)
            case Word.ROLL_BACK:
                load_newest(session.run, state, lambda *_: None)
                for window in skipped_windows(session.run):
                    batches.leave_out(window)
    batches.close()
    ranks.leave()
