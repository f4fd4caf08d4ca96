#!/bin/sh
# The peers of benchmarks/metrics.py in a virtual environment of their own. Their code for images and downloads is not
# needed, so most of what they depend on is left out; the benchmark stubs it.
#
#     benchmarks/setup_metrics.sh [.venv-metrics]
set -e
venv="${1:-.venv-metrics}"
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --no-deps \
  torch-fidelity==0.4.0 torchmetrics==1.9.0 clean-fid==0.1.35 kadtk==1.1.0 prdc==0.2 vendi-score==0.0.3 \
  lightning-utilities==0.15.3
"$venv/bin/pip" install --quiet scikit-learn==1.9.0 tqdm || "$venv/bin/pip" install --quiet scikit-learn tqdm
