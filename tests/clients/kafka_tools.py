"""Apache Kafka's own command-line tools, from their jars, for tests that compare or check with them.

    dump_log_segments([path, ...])    what Kafka itself reads in our segments and indexes
    run("topics", "--bootstrap-server", ...)    kafka-topics.sh and its kind
"""

import subprocess

import apache_kafka

MAIN_CLASSES = {
    "topics": "org.apache.kafka.tools.TopicCommand",
    "configs": "kafka.admin.ConfigCommand",
    "get-offsets": "org.apache.kafka.tools.GetOffsetShell",
    "console-producer": "org.apache.kafka.tools.ConsoleProducer",
    "console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "broker-api-versions": "org.apache.kafka.tools.BrokerApiVersionsCommand",
    "delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
    "log-dirs": "org.apache.kafka.tools.LogDirsCommand",
    "producer-perf-test": "org.apache.kafka.tools.ProducerPerformance",
    "consumer-perf-test": "org.apache.kafka.tools.ConsumerPerformance",
    "dump-log": "kafka.tools.DumpLogSegments",
    "metadata-quorum": "org.apache.kafka.tools.MetadataQuorumCommand",
    "storage": "kafka.tools.StorageTool",
}


def run(tool, *words, given=None, seconds=60):
    """Runs one of Kafka's tools; returns the finished process with its text."""
    command = apache_kafka.java("new", MAIN_CLASSES[tool], *words, heap="256m")
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=seconds,
                          check=False)


def dump_log_segments(files, *words):
    """What DumpLogSegments prints of .log, .index, .timeindex, .txnindex or .snapshot files.

    Raises when it complains: of a mismatch between an index and its log, a record that is out of
    order, or bytes that it cannot read.
    """
    done = run("dump-log", "--files", ",".join(map(str, files)), *words)
    bad = [line for line in done.stdout.splitlines()
           if "Mismatches in" in line or "Non-consecutive" in line or "isvalid: false" in line
           or "Found timestamp mismatch" in line or "Found out of order" in line
           or "Index timestamp" in line]
    if done.returncode != 0 or bad or "Exception" in done.stderr:
        raise AssertionError(f"{bad}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout
