#!/usr/bin/env bash
# Makes the log directories that kafka_directory_test reads, with a real Apache Kafka on this
# machine: stopped.tar.gz as a clean stop leaves it, killed.tar.gz as kill -9 does, and records.txt,
# what a consumer read from it.
#
#   make.sh    needs tests/clients/install.sh to have run, or MOLDAU_CLIENTS_DIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
clients=$here/../../clients
jars=${MOLDAU_CLIENTS_DIR:-$here/../../../build/clients}/java/kafka-new
work=$(mktemp -d)
port=19592
run() {
  rm -f "$work/kafka.log"
  MOLDAU_CLIENTS_DIR=$(dirname "$(dirname "$jars")") python3 "$clients/apache_kafka.py" new $port \
    "$work" log.index.size.max.bytes=4096 log.initial.task.delay.ms=500 \
    log.flush.offset.checkpoint.interval.ms=1000 \
    log.flush.start.offset.checkpoint.interval.ms=1000 > "$work/kafka.log" 2>&1 &
  broker=$!
  trap 'kill -9 $broker 2>/dev/null || true; rm -rf "$work"' EXIT
  timeout 90 bash -c "until grep -qs 'Kafka Server started' '$work/kafka.log'; do sleep 0.5; done"
}
keep() {
  tar -C "$work/data" -czf "$here/$1.tar.gz" --sparse --owner=0 --group=0 --sort=name \
    --mtime=@1700000000 --exclude='__*' --exclude=.lock .
}

run
java -cp "$jars/*" "$here/WriteKafkaDirectory.java" 127.0.0.1:$port > "$here/records.txt" \
  2> "$work/writer.log" || { cat "$work/writer.log"; exit 1; }
sleep 3  # Until the start offsets are checkpointed.
kill -9 $broker
wait $broker || true
keep killed
run
kill $broker
wait $broker || true
grep -q 'shut down completed' "$work/kafka.log"
keep stopped
