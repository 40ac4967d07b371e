#!/usr/bin/env bash
# Makes the files beside this script anew: the metadata log, a snapshot and the quorum-state of an
# Apache Kafka in combined mode that was formatted, used a little, killed, started again and stopped.
# The offset in the snapshot's name depends on how long that took.
#
#   make.sh 'JARS/*'      where JARS holds kafka_2.13 and kafka-tools 4.2.0 with what they need
set -euo pipefail
jars=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'kill -9 $(cat "$work/pid") 2>/dev/null; rm -rf "$work"' EXIT

cat > "$work/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:39093
listeners=PLAINTEXT://127.0.0.1:39092,CONTROLLER://127.0.0.1:39093
controller.listener.names=CONTROLLER
log.dirs=$work/data
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
metadata.log.max.record.bytes.between.snapshots=3000
END
run() { java -Xmx128m -cp "$jars" "$@"; }
start() {
  java -Xmx400m -cp "$jars" kafka.Kafka "$work/server.properties" > "$work/log" 2>&1 &
  echo $! > "$work/pid"
}
server=(--bootstrap-server 127.0.0.1:39092)
topics=(org.apache.kafka.tools.TopicCommand "${server[@]}")
configs=(kafka.admin.ConfigCommand "${server[@]}" --alter)

run kafka.tools.StorageTool format --standalone -t 4L6g3nShT-eMCtK--X86sw \
  -c "$work/server.properties" --release-version 4.0 \
  --add-scram 'SCRAM-SHA-256=[name=alice,password=secret]'
start
run "${topics[@]}" --create --topic foo --partitions 3 --config retention.ms=1000000
run "${topics[@]}" --create --topic bar.x --partitions 1
run "${configs[@]}" --entity-type clients --entity-name c1 --add-config producer_byte_rate=1024
run "${topics[@]}" --alter --topic foo --partitions 5
run "${topics[@]}" --delete --topic bar.x
run "${configs[@]}" --entity-type topics --entity-name foo --add-config cleanup.policy=compact
kill -9 "$(cat "$work/pid")"
start
run org.apache.kafka.tools.AclCommand "${server[@]}" --add --allow-principal User:bob \
  --operation Read --topic foo
run "${configs[@]}" --entity-type brokers --entity-default --add-config log.retention.ms=99999
kill "$(cat "$work/pid")"
tail --pid="$(cat "$work/pid")" -f /dev/null

cd "$work/data/__cluster_metadata-0"
rm -f "$here"/*.log "$here"/*.checkpoint
cp -f 00000000000000000000.log quorum-state "$(ls -- *.checkpoint | tail -1)" "$here"
