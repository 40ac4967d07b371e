#!/usr/bin/env bash
# Runs GoldenRecords.java with kafka-clients from Maven Central.
#
#   records.sh make               rewrites records/*.txt
#   records.sh verify TEST_BINARY has protocol_test write what our encoders make, and has Apache's
#                                 clients of several versions read it
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Compiles for one version of the client into $work/VERSION, and leaves its class path in `cp`.
compile() {
  local version=$1 dir=$work/$1
  mkdir -p "$dir"
  cat > "$dir/pom.xml" <<POM
<project><modelVersion>4.0.0</modelVersion><groupId>golden</groupId><artifactId>golden</artifactId>
<version>1</version><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-clients</artifactId>
<version>$version</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version>
</dependency></dependencies></project>
POM
  mvn -q -B -f "$dir/pom.xml" dependency:build-classpath -Dmdep.outputFile="$dir/classpath"
  cp=$(cat "$dir/classpath"):$dir
  cp "$here/GoldenRecords.java" "$dir/"
  # After 4.2 the record classes moved to internal packages.
  unzip -l "${cp%%:*}" > "$dir/listing"
  if grep -q common/record/internal/MemoryRecords "$dir/listing"; then
    local records=org.apache.kafka.common.record utils=org.apache.kafka.common.utils
    sed -i -e "s/^import $records.\*;/&import $records.internal.*;/" \
      -e "s/$utils.ByteBufferOutputStream/$utils.internals.ByteBufferOutputStream/" \
      "$dir/GoldenRecords.java"
  fi
  javac -nowarn -cp "$cp" -d "$dir" "$dir/GoldenRecords.java"
}

case "$1" in
  make)
    for version in 3.9.2 4.4.0; do
      compile "$version"
      java -cp "$cp" GoldenRecords make "$here/records/clients-$version.txt" "$version"
    done ;;
  verify)
    mkdir "$work/ours"
    MOLDAU_DUMP_RECORDS=$work/ours "$2" --gtest_filter='GoldenRecordsTest.OurEncodings*'
    for version in 3.9.2 4.4.0; do
      compile "$version"
      java -cp "$cp" GoldenRecords verify "$work/ours"
    done ;;
  *) echo "usage: $0 make | verify TEST_BINARY" >&2; exit 2 ;;
esac
