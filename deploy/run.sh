#!/usr/bin/env bash
# Installs what is missing, builds the release, and runs one broker in the foreground until Ctrl-C.
# Arguments are passed on to `moldau start`, for example: --override listeners=PLAINTEXT://:9093
set -euo pipefail
cd "$(dirname "$0")/.."

deploy/install-deps.sh
cmake --preset release >/dev/null
cmake --build --preset release --target moldau
exec build/release/moldau start --config conf/broker.yaml "$@"
