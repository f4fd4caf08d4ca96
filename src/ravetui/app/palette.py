"""The command palette: every action that can be done now, by name."""

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from ravetui.app.actions import ACTIONS, Action


class ActionProvider(Provider):
    """Finds actions of the screen below the palette."""

    async def discover(self) -> Hits:
        """Everything, before a letter is typed."""
        for item in self._possible():
            yield DiscoveryHit(_title(item), partial(self._run, item), help=item.description)

    async def search(self, query: str) -> Hits:
        """What matches the letters."""
        matcher = self.matcher(query)
        for item in self._possible():
            text = f"{_title(item)} · {item.description}"
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(_title(item)), partial(self._run, item), help=item.description)

    def _possible(self) -> list[Action]:
        can, screen = self.screen.check_action, self.screen
        found = [item for item in ACTIONS if item.name != "command_palette" and can(item.name, ())]
        return [item for item in found if item.id != item.name or hasattr(screen, f"action_{item.name}")]

    async def _run(self, item: Action) -> None:
        await self.screen.run_action(item.id)


def _title(item: Action) -> str:
    return f"{item.label} ({item.key_shown})"
