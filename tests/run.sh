#!/usr/bin/env bash
# Installs what the tests need, builds everything and runs all tests: the C++ ones of every layer, and
# real Kafka clients against the built daemon. Arguments go to ctest, for example: -R storage
set -euo pipefail
cd "$(dirname "$0")/.."

deploy/install-deps.sh
tests/clients/install.sh
cmake --preset release >/dev/null
cmake --build --preset release
exec ctest --preset release --no-tests=error "$@"
