from ravetui.runs.events import Event
from ravetui.runs.warning import standing_warning


def event(kind: str, **fields: object) -> Event:
    return Event(0.0, kind, 1, dict(fields))


FULL = event("unsaved", step=900, newest=600, full=True, reason="no space")
PASSED = event("warned", step=600, passed_over=True, reason="checkpoint passed over: a.safetensors has 3 bytes")


def test_a_full_disk_says_since_when() -> None:
    assert standing_warning([event("saved", step=600), FULL]) == "disk full: no checkpoint since step 600"
    assert standing_warning([event("unsaved", step=5, newest=0, full=True)]) == "disk full: no checkpoint yet"


def test_another_error_says_what_it_is() -> None:
    found = standing_warning([event("unsaved", step=900, newest=600, full=False, reason="Permission denied")])
    assert found == "no checkpoint since step 600: Permission denied"


def test_a_checkpoint_ends_it() -> None:
    assert standing_warning([FULL, PASSED, event("saved", step=1000)]) == ""
    assert standing_warning([]) == ""


def test_what_was_passed_over_is_shown_and_other_warnings_are_not() -> None:
    assert "a.safetensors" in standing_warning([PASSED, event("started", step=300)])
    assert standing_warning([event("warned", step=5, reason="no samples were rendered: x")]) == ""
