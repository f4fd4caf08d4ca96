import subprocess
import sys

import numpy as np

from ravetui.metrics.catalogue import EMBEDDERS, METRICS
from ravetui.metrics.compat import compat_measures
from ravetui.metrics.embeddings import EmbeddingSet
from ravetui.metrics.judge import judge
from ravetui.metrics.reconstruction import paired_measures, paired_windows


def test_catalogue_and_judge_name_the_same_metrics() -> None:
    sounds = EmbeddingSet(np.random.default_rng(0).standard_normal((8, 3)), np.arange(8))
    pairs = paired_measures(paired_windows(sounds.values, sounds.values), sounds.files, np.ones(8), 0)
    two_sets = judge(sounds, sounds, lambda fraction: None).measures
    compat = compat_measures(sounds.values, sounds.values)
    assert {*two_sets, *pairs, *compat, "memorised"} == set(METRICS)


def test_every_entry_can_be_shown() -> None:
    for name, info in METRICS.items():
        assert info.name == name
        assert format(1234.5678, info.format)
        assert info.sentence.endswith(".")
        assert info.better in ("lower", "higher", "reference")
    assert all(info.name == name for name, info in EMBEDDERS.items())


def test_importing_the_catalogue_loads_nothing_heavy() -> None:
    program = (
        "import sys; import ravetui.metrics.catalogue; "
        "sys.exit(' '.join({'numpy', 'torch', 'scipy'} & sys.modules.keys()) or 0)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
