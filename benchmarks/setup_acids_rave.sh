#!/usr/bin/env bash
# A virtual environment of its own for the reference trainer, acids-rave 2.3.1, which train_step.py measures beside ours.
# usage: benchmarks/setup_acids_rave.sh [FOLDER]   (default .venv-acids-rave)
set -euo pipefail
folder=${1:-.venv-acids-rave}
"${PYTHON:-python3}" -m venv "$folder"
install() { "$folder/bin/pip" --quiet --disable-pip-version-check install "$@"; }
# scipy.signal.kaiser, which the PQMF imports, left scipy after 1.10; that wheel wants an older numpy.
install 'torch>=2.9,<2.14' 'numpy<1.27' 'scipy==1.10.0'
install --no-deps 'acids-rave==2.3.1' 'pytorch-lightning==1.9.0' 'cached-conv==2.5.0' 'torchaudio==2.8.0' \
  lightning-utilities 'torchmetrics<1.4' gin-config einops 'fsspec' pyyaml tqdm packaging librosa scikit-learn absl-py \
  udls lmdb protobuf GPUtil narwhals six
install flask numba lazy_loader msgpack soxr pooch audioread soundfile decorator joblib threadpoolctl requests
# pkg_resources, which pytorch-lightning 1.9 imports, left setuptools at 81; torch brings a newer one.
install 'setuptools<81'
# torchaudio's compiled part wants CUDA libraries of its own; what the reference uses of it is Python.
find "$folder" -path '*torchaudio/lib/*.so' -delete
"$folder/bin/python" -W ignore -c 'import rave.dataset'
echo "acids-rave is in $folder"
