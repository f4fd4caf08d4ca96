import dataclasses
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.engine.presets import PRESETS
from ravetui.errors import RunError
from ravetui.runs.model_spec import ModelSpec
from ravetui.runs.spec import DataRef, ParentRef, RunSpec, read_spec, write_spec
from ravetui.runs.training_spec import LossSpec, TrainingSpec


def spec_of(**changes: object) -> RunSpec:
    spec = RunSpec(
        name="graz",
        id="0190",
        created="2026-11-23T10:00:00+00:00",
        preset="v1",
        model=ModelSpec(),
        loss=LossSpec(),
        training=TrainingSpec(),
        data=DataRef("graz", '/data/my "q" \\ ünïcode', "ab12", 2200),
        versions={"torch": "2.13.0+cpu"},
    )
    return dataclasses.replace(spec, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spec")


@pytest.mark.parametrize("name", list(PRESETS))
def test_every_preset_reads_back(tmp_path: Path, name: str) -> None:
    preset = PRESETS[name]
    spec = spec_of(model=preset.model, loss=preset.loss, training=preset.training)
    write_spec(tmp_path / "spec.toml", spec)
    assert read_spec(tmp_path / "spec.toml") == spec


@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    number=st.floats(allow_nan=False),
    ratios=st.lists(st.integers(1, 99), min_size=1, max_size=5),
    versions=st.dictionaries(st.text(string.ascii_letters + " .-_", min_size=1), st.text(string.printable), max_size=3),
)
def test_any_value_reads_back(
    folder: Path, text: str, number: float, ratios: list[int], versions: dict[str, str]
) -> None:
    path = folder / "spec.toml"
    path.unlink(missing_ok=True)
    spec = spec_of(
        name=text,
        model=ModelSpec(ratios=tuple(ratios), dilations=(tuple(ratios), (1,))),
        loss=LossSpec(beta=number),
        data=DataRef(text, text, text, 1),
        versions=versions,
    )
    write_spec(path, spec)
    assert read_spec(path) == spec


def test_a_fork_names_its_parent_and_an_older_spec_has_none(tmp_path: Path) -> None:
    spec = spec_of(parent=ParentRef("graz", "0189", 213_400))
    write_spec(tmp_path / "spec.toml", spec)
    assert read_spec(tmp_path / "spec.toml") == spec
    assert spec.first_step == 213_400
    write_spec(tmp_path / "older.toml", spec_of())
    assert "parent" not in (tmp_path / "older.toml").read_text()
    assert read_spec(tmp_path / "older.toml").first_step == 0


def test_a_spec_is_frozen(tmp_path: Path) -> None:
    path = tmp_path / "spec.toml"
    write_spec(path, spec_of())
    content = path.read_bytes()
    with pytest.raises(RunError, match="never rewritten"):
        write_spec(path, spec_of(name="other"))
    assert path.read_bytes() == content


def test_a_setting_that_a_later_version_added_has_its_default(tmp_path: Path) -> None:
    path = tmp_path / "spec.toml"
    write_spec(path, spec_of(training=TrainingSpec(seed=7)))
    lines = [line for line in path.read_text().splitlines() if not line.startswith("phase_mangle")]
    path.write_text("\n".join(lines))
    assert read_spec(path).training == TrainingSpec(seed=7)


def test_a_spec_from_before_there_was_a_v2_is_a_v1(tmp_path: Path) -> None:
    path = tmp_path / "spec.toml"
    write_spec(path, spec_of())
    added = [
        "latent",
        "latent_noise",
        "activation",
        "causal",
        "noise_width",
        "noise_phase",
        "discriminator",
        "discriminator_periods",
        "discriminator_n_ffts",
        "spectral",
        "beta_initial",
        "beta_warmup_steps",
        "valid_crop",
        "feature_matching_skipped",
        "feature_matching_relative",
    ]
    lines = path.read_text().splitlines()
    kept = [line for line in lines if line.partition(" = ")[0] not in added]
    assert len(kept) == len(lines) - len(added)
    path.write_text("\n".join(kept))
    spec = read_spec(path)
    assert (spec.model, spec.loss) == (PRESETS["v1"].model, PRESETS["v1"].loss)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("format = 1", "format = 2", "another version"),
        ("format = 1", "", "another version"),
        ("capacity = 64", "capacity = = 64", "cannot be read"),
        ("batch_size = 8", "batch_sise = 8", "batch_sise"),
        ('id = "0190"', "", "id"),
        ("[model]", "[modell]", "model"),
        ("[loss]", "[[loss]]", "does not fit"),
        ("graz", "\udcff", "cannot be read"),
    ],
)
def test_a_damaged_spec_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "spec.toml"
    write_spec(path, spec_of())
    text = path.read_text()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode("utf-8", "surrogateescape"))
    with pytest.raises(RunError, match=says) as error:
        read_spec(path)
    assert str(path) in str(error.value)


def test_a_folder_without_a_spec_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"has no spec\.toml"):
        read_spec(tmp_path / "spec.toml")


def test_the_hop_length_is_bands_times_strides() -> None:
    assert ModelSpec().hop_length == 2048
    assert PRESETS["tiny"].model.hop_length == 16 * 4 * 4 * 2 * 2
