"""The command-line tools, by name, by flags and by what they print.

Ours run against our broker, and so do Apache's where a test takes the fixture `either`. With Apache
Kafka as the broker under test its own tools run everywhere, which checks what is expected here.
"""

import re
import subprocess

import pytest

import broker as broker_under_test
from clients import CONFLUENT, JAVA_NEW
from kafka_tools import Tools

MOLDAU = broker_under_test.KIND == "moldau"


# ---- kafka-topics ----

def test_a_topic_from_its_making_to_its_end(either, topic):
    assert either.output("topics", "--create", "--topic", topic, "--partitions", 2,
                         "--replication-factor", 1) == f"Created topic {topic}.\n"
    assert topic in either.output("topics", "--list").splitlines()
    assert either.output("topics", "--alter", "--topic", topic, "--partitions", 3) == ""
    described = either.output("topics", "--describe", "--topic", topic)
    assert re.fullmatch(
        rf"Topic: {topic}\tTopicId: [\w-]{{22}}\tPartitionCount: 3\tReplicationFactor: 1\tConfigs: *"
        r"[\w.=,-]*\n" + "".join(
            rf"\tTopic: {topic}\tPartition: {number}\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: "
            r"\tLastKnownElr: \n" for number in range(3)), described), described
    assert either.output("topics", "--delete", "--topic", topic) == ""
    assert topic not in either.output("topics", "--list").splitlines()


def test_settings_are_described(tools, topic):
    tools.output("topics", "--create", "--topic", topic, "--config", "retention.ms=1000",
                 "--config", "cleanup.policy=compact")
    head = tools.output("topics", "--describe", "--topic", topic).splitlines()[0]
    settings = head.rsplit("Configs: ", 1)[1].split(",")
    assert {"retention.ms=1000", "cleanup.policy=compact"} <= set(settings)


def test_an_empty_list_is_a_blank_line(start_broker):
    broker = start_broker()
    tools = Tools("ours" if MOLDAU else "apache", broker)
    assert tools.output("topics", "--list") == "\n"


def test_partitions_default_to_the_brokers(tools, topic):
    tools.output("topics", "--create", "--topic", topic)
    assert "PartitionCount: 1\t" in tools.output("topics", "--describe", "--topic", topic)


def test_replicas_can_be_assigned(tools, topic):
    tools.output("topics", "--create", "--topic", topic, "--replica-assignment", "1,1,1")
    assert "PartitionCount: 3\t" in tools.output("topics", "--describe", "--topic", topic)


def test_what_exists_and_what_does_not(tools, topic):
    create = ["--create", "--topic", topic]
    tools.output("topics", *create)
    again = tools.run("topics", *create)
    assert again.returncode == 1
    assert f"Error while executing topic command : Topic '{topic}' already exists." in again.stdout
    assert tools.output("topics", *create, "--if-not-exists") == ""

    for action in (["--describe"], ["--delete"], ["--alter", "--partitions", "5"]):
        words = [*action, "--topic", "nowhere"]
        missing = tools.run("topics", *words)
        assert missing.returncode == 1, words
        assert "Error while executing topic command : Topic 'nowhere' does not exist as expected" \
            in missing.stdout, words
        assert tools.output("topics", *words, "--if-exists") == "", words


def test_partitions_do_not_get_fewer(tools, topic):
    tools.output("topics", "--create", "--topic", topic, "--partitions", 3)
    fewer = tools.run("topics", "--alter", "--topic", topic, "--partitions", 2)
    assert fewer.returncode == 1
    assert fewer.stdout.startswith("Error while executing topic command : ")
    assert "would not be an increase" in fewer.stdout


def test_a_bad_topic_is_an_error(tools, topic):
    for words in (["--topic", "a/b"], ["--topic", topic, "--replication-factor", "3"],
                  ["--topic", topic, "--config", "retention.ms=soon"],
                  ["--topic", topic, "--config", "no.such.setting=1"]):
        done = tools.run("topics", "--create", *words)
        assert done.returncode == 1, words
        assert "Error while executing topic command : " in done.stdout + done.stderr, words


def test_internal_topics_can_be_left_out(tools, broker, topic):
    CONFLUENT.produce(broker, topic, 0, "none", 1, "m")
    CONFLUENT.run("commit", broker.bootstrap, "someone", topic, 0, 1)
    assert "__consumer_offsets" in tools.output("topics", "--list").splitlines()
    rest = tools.output("topics", "--list", "--exclude-internal").splitlines()
    assert topic in rest and "__consumer_offsets" not in rest


def test_all_is_well_with_replicas(tools, topic):
    tools.output("topics", "--create", "--topic", topic)
    assert tools.output("topics", "--describe", "--topic", topic,
                        "--under-replicated-partitions") == ""
    assert tools.output("topics", "--describe", "--topic", topic, "--unavailable-partitions") == ""


def test_flags_in_other_shapes(tools, topic):
    assert tools.output("topics", "--create", f"--topic={topic}", "--partitions=2") == \
        f"Created topic {topic}.\n"
    if MOLDAU:  # Kafka took abbreviations until 2.x
        described = tools.output("topics", "-describe", "--top", topic)
        assert "PartitionCount: 2\t" in described


def test_usage_errors_go_to_stderr(tools):
    for words in ([], ["--list", "--create"], ["--create"], ["--no-such-flag"]):
        done = tools.run("topics", *words)
        assert done.returncode == 1, words
        assert done.stderr and not done.stdout.startswith("Created"), words
    if not MOLDAU:  # Ours takes the broker on localhost:9092 then, be there one or not.
        done = tools.run("topics", "--list", connect=False)
        assert done.returncode == 1 and "bootstrap-server" in done.stderr


@pytest.mark.skipif(not MOLDAU, reason="Kafka 3 and later refuse the flag")
def test_the_flag_of_the_zookeeper_days(start_broker, topic):
    """There is no ZooKeeper: the broker is the one of --bootstrap-server, or localhost:9092."""
    broker = start_broker()
    done = Tools("ours", broker).run("topics", "--zookeeper", "zookeeper:2181", "--create",
                                     "--topic", topic, "--partitions", "1",
                                     "--replication-factor", "1")
    assert (done.returncode, done.stdout) == (0, f"Created topic {topic}.\n")
    assert len(done.stderr.splitlines()) == 1 and "ZooKeeper" in done.stderr


@pytest.mark.skipif(not MOLDAU, reason="about our own links")
def test_every_tool_is_there_with_and_without_its_ending():
    for name in ("topics", "console-producer", "console-consumer", "consumer-groups", "configs",
                 "get-offsets", "broker-api-versions"):
        for suffix in ("", ".sh"):
            path = broker_under_test.BUILD.parent / f"kafka-{name}{suffix}"
            done = subprocess.run([str(path), "--help"], capture_output=True, text=True,
                                  timeout=20, check=False)
            assert "--bootstrap-server" in done.stdout + done.stderr, path


# ---- kafka-console-producer and kafka-console-consumer ----

def test_lines_go_in_and_come_out(either, broker, topic):
    JAVA_NEW.run("admin", broker.bootstrap, "create", topic, 1)
    done = either.run("console-producer", "--topic", topic, given="one\ntwo words\n\nfour\n")
    assert done.returncode == 0
    assert either.whose == "apache" or done.stdout == ""
    read = either.run("console-consumer", "--topic", topic, "--partition", 0, "--offset",
                      "earliest", "--max-messages", 4)
    assert (read.returncode, read.stdout) == (0, "one\ntwo words\n\nfour\n")
    assert "Processed a total of 4 messages" in read.stderr


def test_keys_can_be_given_and_shown(either, broker, topic):
    JAVA_NEW.run("admin", broker.bootstrap, "create", topic, 1)
    either.output("console-producer", "--topic", topic, "--property", "parse.key=true",
                  "--property", "key.separator=:", given="k1:v1\nk2:v2\n")
    words = ["--topic", topic, "--partition", 0, "--max-messages", 1, "--offset", 1]
    # Kafka 4.2 says first, on its standard output, that --property has a new name.
    shown = either.output("console-consumer", *words, "--property", "print.key=true")
    assert shown.splitlines()[-1] == "k2\tv2"
    assert either.whose == "apache" or len(shown.splitlines()) == 1
    shown = either.output("console-consumer", *words, *[
        word for name in ("timestamp", "partition", "offset", "headers", "key")
        for word in ("--property", f"print.{name}=true")])
    assert re.fullmatch(r"CreateTime:\d{13}\tPartition:0\tOffset:1\tNO_HEADERS\tk2\tv2",
                        shown.splitlines()[-1])


def test_a_consumer_reads_all_partitions(tools, broker, topic):
    JAVA_NEW.run("admin", broker.bootstrap, "create", topic, 3)
    for partition in range(3):
        CONFLUENT.produce(broker, topic, partition, "gzip", 2, f"p{partition}")
    read = tools.run("console-consumer", "--topic", topic, "--from-beginning", "--max-messages", 6)
    assert read.returncode == 0
    assert sorted(read.stdout.split()) == [f"p{p}-{n}" for p in range(3) for n in range(2)]
    assert "Processed a total of 6 messages" in read.stderr


def test_a_consumer_gives_up_in_time(tools, broker, topic):
    JAVA_NEW.run("admin", broker.bootstrap, "create", topic, 1)
    CONFLUENT.produce(broker, topic, 0, "none", 2, "m")
    read = tools.run("console-consumer", "--topic", topic, "--from-beginning", "--timeout-ms", 2500)
    assert read.stdout == "m-0\nm-1\n"
    assert "Processed a total of 2 messages" in read.stderr


def test_the_producer_takes_the_old_flag_and_properties(tools, broker, topic):
    if not MOLDAU:
        pytest.skip("Kafka 4 has dropped --broker-list")
    done = tools.run("console-producer", "--broker-list", broker.bootstrap, "--topic", topic,
                     "--producer-property", "compression.type=zstd", "--producer-property",
                     "acks=all", given="squeezed\n", connect=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert [one["value"] for one in CONFLUENT.consume(broker, topic, 0, 0, 1)] == ["squeezed"]


# ---- kafka-configs ----

def test_topic_settings(either, topic):
    where = ["--entity-type", "topics", "--entity-name", topic]
    either.output("topics", "--create", "--topic", topic)
    assert either.output("configs", *where, "--describe") == \
        f"Dynamic configs for topic {topic} are:\n"
    assert either.output("configs", *where, "--alter", "--add-config",
                         "max.message.bytes=4000,cleanup.policy=[compact,delete]") == \
        f"Completed updating config for topic {topic}.\n"
    lines = either.output("configs", *where, "--describe").splitlines()
    assert lines[0] == f"Dynamic configs for topic {topic} are:"
    # Kafka names the broker's own policy among the synonyms where it is set.
    assert [line for line in lines if line.startswith(
        "  cleanup.policy=compact,delete sensitive=false "
        "synonyms={DYNAMIC_TOPIC_CONFIG:cleanup.policy=compact,delete, "
        "DEFAULT_CONFIG:log.cleanup.policy=delete}")], lines
    assert ("  max.message.bytes=4000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:"
            "max.message.bytes=4000, DEFAULT_CONFIG:message.max.bytes=1048588}") in lines
    either.output("configs", *where, "--alter", "--delete-config", "max.message.bytes")
    assert "max.message.bytes" not in either.output("configs", *where, "--describe")
    everything = either.output("configs", *where, "--describe", "--all")
    assert "max.message.bytes=1048588 sensitive=false" in everything
    assert "retention.ms=604800000 sensitive=false" in everything


def test_broker_settings(tools):
    where = ["--entity-type", "brokers", "--entity-name", "1"]
    everything = tools.output("configs", *where, "--describe", "--all")
    assert everything.startswith("All configs for broker 1 are:\n")
    assert "num.partitions=" in everything


def test_a_setting_that_is_refused(tools, topic):
    tools.output("topics", "--create", "--topic", topic)
    where = ["--entity-type", "topics", "--entity-name", topic, "--alter", "--add-config"]
    for setting in ("retention.ms=soon", "no.such.setting=1"):
        done = tools.run("configs", *where, setting)
        assert done.returncode == 1
        assert "Error while executing config command" in done.stdout + done.stderr


# ---- kafka-get-offsets and kafka-broker-api-versions ----

def test_offsets(either, broker, topic):
    JAVA_NEW.run("admin", broker.bootstrap, "create", topic, 2)
    CONFLUENT.produce(broker, topic, 1, "none", 42, "m")
    assert either.output("get-offsets", "--topic", topic) == f"{topic}:0:0\n{topic}:1:42\n"
    assert either.output("get-offsets", "--topic", topic, "--time", "-2") == \
        f"{topic}:0:0\n{topic}:1:0\n"
    assert either.output("get-offsets", "--topic-partitions", f"{topic}:1", "--time", "-1") == \
        f"{topic}:1:42\n"


def test_api_versions(either, broker):
    printed = either.output("broker-api-versions")
    assert printed.startswith(f"127.0.0.1:{broker.port} (id: 1 rack: null")
    assert re.search(r"\n\tProduce\(0\): 0 to \d+ \[usable: \d+\],\n\tFetch\(1\): \d+ to \d+ ",
                     printed)


# ---- Apache's other tools ----

def test_apaches_other_tools_serve(broker, topic):
    apache = Tools("apache", broker)
    JAVA_NEW.run("admin", broker.bootstrap, "create", topic, 1)
    sent = apache.output("producer-perf-test", "--topic", topic, "--num-records", 2000,
                         "--record-size", 100, "--throughput", -1, "--producer-props",
                         f"bootstrap.servers={broker.bootstrap}", "acks=all", connect=False)
    assert re.search(r"2000 records sent, [\d.]+ records/sec", sent)
    folders = apache.output("log-dirs", "--describe", "--topic-list", topic)
    assert f'"partition":"{topic}-0"' in folders
