"""The command-line tools: ours, and Apache Kafka's own from their jars, to compare or check with.

    dump_log_segments([path, ...])    what Kafka itself reads in our segments and indexes
    run("topics", "--bootstrap-server", ...)    Kafka's kafka-topics.sh and its kind
    Tools("ours", broker).output("topics", "--list")    ours, or "apache"
"""

import subprocess

import apache_kafka
import broker as broker_under_test

MAIN_CLASSES = {
    "topics": "org.apache.kafka.tools.TopicCommand",
    "configs": "kafka.admin.ConfigCommand",
    "consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
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


def command(tool, *words):
    """The command that runs one of Kafka's tools."""
    return apache_kafka.java("new", MAIN_CLASSES[tool], *words, heap="256m")


def run(tool, *words, given=None, seconds=60):
    """Runs one of Kafka's tools; returns the finished process with its text."""
    return subprocess.run(command(tool, *words), input=given, capture_output=True, text=True,
                          timeout=seconds, check=False)


class Tools:
    """All tools of one maker, "ours" or "apache", against one broker."""

    def __init__(self, whose, broker):
        self.whose = whose
        self.broker = broker

    def command(self, tool, *words, connect=True, suffix=".sh"):
        """kafka-TOOL, told which broker to use."""
        words = list(map(str, words))
        if connect:
            words = ["--bootstrap-server", self.broker.bootstrap, *words]
        if self.whose == "apache":
            return command(tool, *words)
        return [str(broker_under_test.BUILD.parent / f"kafka-{tool}{suffix}"), *words]

    def run(self, tool, *words, given=None, seconds=60, **settings):
        """The finished process."""
        return subprocess.run(self.command(tool, *words, **settings), input=given,
                              capture_output=True, text=True, timeout=seconds, check=False)

    def output(self, tool, *words, **settings):
        """What it prints; it must succeed."""
        done = self.run(tool, *words, **settings)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


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
