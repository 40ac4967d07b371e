#!/usr/bin/env bash
# Makes vectors.txt.gz from Kafka's own jars. Needs Java 17, Maven and the network; the result is
# committed, so that nothing else does.
#
# Versions that the newest Kafka still writes come from it, older ones from 3.9, the last release
# that wrote version 0 of everything.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

fetch() {  # fetch FOLDER GROUP:ARTIFACT:VERSION...
  local folder=$work/$1; shift
  for artifact in "$@"; do
    mvn -q org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
      -Dartifact="$artifact" -DoutputDirectory="$folder"
  done
}

kafka() {  # kafka VERSION MODULE...
  local version=$1; shift
  fetch "$version" "${@/#/org.apache.kafka:}"
  local jars=("$work/$version"/*.jar)
  local path; path=$(IFS=:; echo "${jars[*]}"):$(echo "$work"/lib/*.jar | tr ' ' ':')
  mkdir -p "$work/classes-$version"
  javac -cp "$path" -d "$work/classes-$version" "$here/GoldenVectors.java"
  java -cp "$path:$work/classes-$version" GoldenVectors "${jars[@]}" > "$work/$version.txt"
}

fetch lib com.fasterxml.jackson.core:jackson-databind:2.16.2 \
  com.fasterxml.jackson.core:jackson-core:2.16.2 \
  com.fasterxml.jackson.core:jackson-annotations:2.16.2 org.slf4j:slf4j-api:1.7.36
kafka 3.9.1 kafka-clients:3.9.1 kafka-group-coordinator:3.9.1 kafka-metadata:3.9.1
kafka 4.4.0 kafka-clients:4.4.0 kafka-group-coordinator:4.4.0 kafka-metadata:4.4.0 \
  kafka-transaction-coordinator:4.4.0 kafka-share-coordinator:4.4.0

# The newest first; of each name, version and variant the first line counts.
cat "$work/4.4.0.txt" "$work/3.9.1.txt" | awk '!seen[$1, $2, $3]++' | LC_ALL=C sort |
  gzip -9n > "$here/vectors.txt.gz"
gzip -dc "$here/vectors.txt.gz" | wc -l
