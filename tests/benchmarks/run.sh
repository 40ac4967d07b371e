#!/usr/bin/env bash
# Builds Moldau and the load generator, fetches Apache Kafka, and measures them side by side.
# Arguments go to run.py: --quick, --only NAME,..., --list, --rounds N, --seconds S, ...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
export MOLDAU_BENCH_JARS=${MOLDAU_BENCH_JARS:-$root/build/benchmarks/jars}

install_packages() {
  local wanted=(librdkafka-dev libbenchmark-dev)
  command -v mvn >/dev/null || wanted+=(maven)
  command -v java >/dev/null || wanted+=(openjdk-17-jre-headless)
  "$root/deploy/install-deps.sh" "${wanted[@]}"
}

# Once for each state of kafka.xml.
fetch_kafka() {
  local sum done_file="$MOLDAU_BENCH_JARS/.done" set
  sum=$(sha256sum <"$here/kafka.xml")
  [ "$(cat "$done_file" 2>/dev/null)" != "$sum" ] || return 0
  for set in broker tools old; do
    rm -rf "${MOLDAU_BENCH_JARS:?}/$set"
    mvn -q -B -f "$here/kafka.xml" -P "$set" dependency:copy-dependencies \
      -DoutputDirectory="$MOLDAU_BENCH_JARS/$set" -DincludeScope=runtime
  done
  printf '%s\n' "$sum" >"$done_file"
}

build() {
  cmake --preset release -S "$root" -DMOLDAU_BENCHMARKS=ON >/dev/null
  (cd "$root" && cmake --build --preset release \
    --target moldau moldau_load rdkafka_produce moldau_micro) >&2
}

install_packages
fetch_kafka
build
exec /usr/bin/python3 "$here/run.py" "$@"
