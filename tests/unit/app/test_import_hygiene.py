import subprocess
import sys

HEAVY = ("torch", "scipy", "transformers", "soxr", "safetensors")
STARTED = "import ravetui.app.app, ravetui.commands.screen"
SCREENS = ("new_run", "fork", "confirm", "help", "note", "scores")
LAUNCH = ("launch.start", "launch.stop", "launch.phase", "launch.score")
ENGINE = ("create", "fork", "plan", "presets", "data.index", *LAUNCH)
PRESSED = ", ".join(
    [*(f"ravetui.app.screens.{name}" for name in SCREENS), *(f"ravetui.engine.{name}" for name in ENGINE)]
)


def loaded_by(statement: str) -> set[str]:
    """Top-level modules that a fresh interpreter has loaded after a statement."""
    program = f"{statement}; import sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_starting_the_screen_loads_nothing_heavy() -> None:
    found = loaded_by(STARTED)
    assert "textual" in found
    assert not found & {*HEAVY, "soundfile", "miniaudio"}


def test_the_first_list_waits_for_nothing_that_reads_or_draws_a_run() -> None:
    assert not loaded_by(STARTED) & {"numpy", "tomlkit", "xxhash", "google_crc32c"}


def test_no_key_loads_anything_heavy() -> None:
    assert not loaded_by(f"{STARTED}, {PRESSED}") & set(HEAVY)
