"""Where a listener is: nothing is left behind unheard, nothing is rated before it sounded."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.app.blind.mask import Mask
from ravetui.app.blind.offer import read_offer
from ravetui.app.blind.sitting import Sitting
from ravetui.errors import SoundError
from ravetui.runs.blind.round import BlindRound
from ravetui.runs.blind.store import answer_stimulus, begin_round, close_round
from tests.run_maker import MadeRun, workspace_in

HEARD = BlindRound(1, 0.0, 5, (100, 200), ("nocturne", "étude"))


@given(st.lists(st.sampled_from(["sound", "rate", "leave out", "back", "on"])))
def test_whatever_is_pressed_all_before_the_first_unrated_was_rated(keys: list[str]) -> None:
    sitting = Sitting(HEARD, lambda: 1.0)
    sounded: set[int] = set()
    for key in keys:
        place = sitting.place
        if key in ("back", "on"):
            sitting.move(-1 if key == "back" else 1)
        elif place is not None and key == "sound":
            sitting.sounds()
            sounded.add(place)
        elif place is not None:
            known = HEARD.order[place] in sitting.heard.answers
            said = sitting.answer(3 if key == "rate" else 0)
            assert (said is None) == (key == "rate" and place not in sounded and not known)
        first = sitting.heard.next_place
        end = len(HEARD.order) if first is None else first
        assert sitting.heard.said == end
        assert end == len(HEARD.order) if sitting.place is None else sitting.place <= end


def test_what_another_screen_said_is_taken_in_and_what_was_not_kept_is_asked_again() -> None:
    here, there = Sitting(HEARD), Sitting(HEARD)
    for sitting in (here, there):
        sitting.sounds()
    mine = here.answer(4)
    assert mine is not None
    there.answer(2)
    there.sounds()
    there.answer(5)
    here.take_in(there.heard)
    assert [here.heard.stars(one.clip, one.step) for one in HEARD.order[:3]] == [4, 5, 0]
    here.take_back(mine)
    assert here.place == 0


def test_links_tell_nothing_but_the_place(tmp_path: Path) -> None:
    file = tmp_path / "step-000000100.flac"
    file.write_bytes(b"audio")
    files = {one: file for one in HEARD.order if one != HEARD.order[3]}
    mask = Mask(HEARD.order, files)
    link = mask.path(1)
    assert (link.name, link.read_bytes(), mask.place_of(link)) == ("002.flac", b"audio", 1)
    assert mask.place_of(file) is None
    assert mask.beside(0) == tuple(mask.path(place) for place in range(3))
    assert mask.coming(1) == (mask.path(4), mask.path(5))
    assert mask.coming(4) == (), "it is the last clip"
    assert mask.after(1) == mask.path(2)
    assert mask.after(2) is None, "its file is gone"
    assert mask.after(5) is None, "it is the last"
    with pytest.raises(SoundError, match="number 4 is gone"):
        mask.path(3)
    folder = link.parent
    mask.close()
    assert not folder.exists()


def test_what_is_offered(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path), "graz").begin()
    assert read_offer(made.folder, {}, ()).fault.startswith("There is no sample yet")
    made.train(10)
    made.render(2)
    offer = read_offer(made.folder, {}, ())
    assert (offer.choice.steps, offer.material.clips, offer.fault) == ((10,), ("nocturne", "étude"), "")
    assert (offer.unfinished, offer.last_ended) == (None, None)
    begun = begin_round(made.folder, (10,), offer.material.clips)
    answer_stimulus(made.folder, 1, begun.order[0], 3)
    going_on = read_offer(made.folder, {}, ())
    assert going_on.unfinished is not None
    assert (going_on.unfinished.said, len(going_on.its_material.files)) == (1, 4)
    close_round(made.folder, 1)
    assert read_offer(made.folder, {}, ()).last_ended == 1
    made.release()
