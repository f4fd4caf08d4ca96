import pytest

from ravetui.app.actions import ACTIONS, action_of_key, bindings
from ravetui.app.app import RavetuiApp
from ravetui.app.keys_doc import keys_markdown
from ravetui.app.screens.main import MainScreen


def test_no_two_actions_share_a_key_or_a_name() -> None:
    assert len({item.key for item in ACTIONS}) == len(ACTIONS)
    assert len({item.name for item in ACTIONS}) == len(ACTIONS)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_each_action_is_done_by_a_method_and_told_everywhere(action: object) -> None:
    item = next(one for one in ACTIONS if one is action)
    owner = RavetuiApp if item.id.startswith("app.") else MainScreen
    assert callable(getattr(owner, f"action_{item.name}"))
    assert action_of_key(item.key) is item
    assert item.description in keys_markdown()
    assert item.key in [binding.key for binding in bindings()]


@pytest.mark.parametrize("key", ["6"])
def test_keys_of_things_that_are_not_built_are_not_bound(key: str) -> None:
    assert action_of_key(key) is None
