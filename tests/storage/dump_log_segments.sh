#!/usr/bin/env bash
# Kafka's own DumpLogSegments reads what write_sample_log wrote: every file of a partition, every
# record, no complaint.
#
#   dump_log_segments.sh WRITE_SAMPLE_LOG JARS    JARS: the folder kafka-new of tests/clients/install.sh
set -euo pipefail
write_sample_log=$1 jars=$2
[ -d "$jars" ] || { echo "no $jars: run tests/clients/install.sh"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
records=$("$write_sample_log" "$work")
cd "$work/orders-0"

dump() {
  java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$jars/*" \
    kafka.tools.DumpLogSegments "$@" > "$work/out" 2>&1 ||
    { echo "DumpLogSegments $* failed"; tail -20 "$work/out"; exit 1; }
  if grep -iE 'mismatch|corrupt|not found in|exception|invalid|out of order|non-consecutive' \
      "$work/out"; then
    echo "DumpLogSegments $* complained"
    exit 1
  fi
}
join() { printf '%s\n' "$@" | paste -sd,; }

dump --deep-iteration --print-data-log --files "$(join ./*.log)"
printed=$(grep -c '^| offset:' "$work/out")
[ "$printed" = "$records" ] || { echo "$printed records instead of $records"; exit 1; }
dump --deep-iteration --files "$(join ./*.index ./*.timeindex)"
dump --verify-index-only --files "$(join ./*.index ./*.timeindex)"
dump --index-sanity-check --files "$(join ./*.index ./*.timeindex)"
[ "$(grep -c 'passed sanity check' "$work/out")" = "$(ls ./*.index ./*.timeindex | wc -l)" ]
dump --files "$(join ./*.txnindex)"
[ "$(grep -c 'producerId: 8' "$work/out")" = 66 ]
dump --files "$(join ./*.snapshot)"
grep -q 'producerId: 7 producerEpoch: 0' "$work/out"
echo "DumpLogSegments read $records records and every index, transaction index and snapshot"
