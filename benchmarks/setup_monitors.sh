#!/bin/sh
# Installs the monitors that benchmarks/monitor.py measures beside ours, each into a virtual environment of its own.
#
#   benchmarks/setup_monitors.sh [FOLDER]        then: python benchmarks/monitor.py --peers FOLDER
#
# The versions are those that were measured first. One that cannot be installed does not keep out the others: the
# benchmark names it with its error.
set -u
folder="${1:-.venv-monitors}"
python="${PYTHON:-python3}"
mkdir -p "$folder"

install() {
    name="$1"
    shift
    "$python" -m venv "$folder/$name" && "$folder/$name/bin/pip" install -q "$@" >"$folder/$name.log" 2>&1 ||
        echo "$name cannot be installed; see $folder/$name.log" >&2
}

install leet "wandb==0.31.0" numpy
install tlog "tlog-ml==0.3.0" numpy
install terminalboard "terminalboard==0.5.3" "plotext==5.3.2"
install tensorboard "tensorboard==2.21.0" "tensorboard-data-server==0.7.2" "setuptools<81"
