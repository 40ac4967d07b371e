"""kafka-consumer-groups, and kafka-console-consumer as a member of a group.

Ours and Apache's are asked for the same things, of whichever broker is under test: each has to do
what is expected, and where nothing changes both have to print the same.
"""

import contextlib
import re
import signal
import subprocess
import threading
import time

import pytest

import broker as broker_under_test
from clients import CONFLUENT, JAVA_NEW
from kafka_tools import Tools

MAKERS = ("ours", "apache") if broker_under_test.BUILD.exists() else ("apache",)
PROTOCOLS = ("classic", "consumer")
SECONDS = 40


@pytest.fixture(scope="module")
def broker(start_brokers):
    return start_brokers(group_initial_rebalance_delay_ms=0, group_min_session_timeout_ms=1000,
                         group_consumer_min_session_timeout_ms=1000,
                         group_consumer_session_timeout_ms=6000,
                         group_consumer_heartbeat_interval_ms=1000,
                         group_consumer_min_heartbeat_interval_ms=500)


@pytest.fixture(scope="module")
def start_brokers():
    started = []

    def start(**overrides):
        started.append(broker_under_test.make(**overrides))
        return started[-1].start()

    yield start
    for one in started:
        one.close()


@pytest.fixture(params=MAKERS)
def maker(request, broker):
    return Tools(request.param, broker)


@pytest.fixture
def ours(broker):
    """Our own tools where they are built."""
    return Tools(MAKERS[0], broker)


class Reader:
    """A console consumer that runs: its lines as they come."""

    def __init__(self, tools, *words):
        self.lines = []
        self.process = subprocess.Popen(tools.command("console-consumer", *words),
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._thread = threading.Thread(target=self._pump, daemon=True)
        self._thread.start()

    def _pump(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, count):
        wait_until(lambda: len(self.lines) >= count, f"{count} lines, not {self.lines}")

    def stop(self, how=signal.SIGINT):
        """Ends it and returns what it said on stderr."""
        self.process.send_signal(how)
        self.process.wait(SECONDS)
        self._thread.join()
        errors = self.process.stderr.read()
        self.close()
        return errors

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._thread.join()
        self.process.stdout.close()
        self.process.stderr.close()


@contextlib.contextmanager
def reading(tools, group, topic, *words, protocol="classic"):
    reader = Reader(tools, "--topic", topic, "--group", group, "--consumer-property",
                    f"group.protocol={protocol}", *words)
    try:
        yield reader
    finally:
        reader.close()


def wait_until(is_so, what):
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def table(text):
    """The rows of a table, as dicts by column. No cell of ours has a space in it."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    return [dict(zip(lines[0], cells)) for cells in lines[1:]]


def described(tools, group, *words):
    return table(tools.output("consumer-groups", "--describe", "--group", group, *words))


def committed(tools, group):
    """What a group committed, by partition."""
    return {int(row["PARTITION"]): row["CURRENT-OFFSET"] for row in described(tools, group)}


def members(tools, group):
    """How many partitions each member has, by its id."""
    return {row["CONSUMER-ID"]: int(row["#PARTITIONS"])
            for row in described(tools, group, "--members")}


def make_topic(broker, topic, partitions, records=0):
    """A topic with so many records in each partition: p0-0, p0-1, ..."""
    JAVA_NEW.run("admin", broker.bootstrap, "create", topic, partitions)
    for partition in range(partitions if records else 0):
        CONFLUENT.produce(broker, topic, partition, "none", records, f"p{partition}")


def commit(broker, group, topic, **offsets):
    for partition, offset in offsets.items():
        CONFLUENT.run("commit", broker.bootstrap, group, topic, int(partition[1:]), offset)


# ---- What there is ----

def test_groups_are_listed(maker, broker, topic):
    make_topic(broker, topic, 1, 2)
    commit(broker, topic, topic, p0=1)
    assert topic in maker.output("consumer-groups", "--list").splitlines()
    states = table(maker.output("consumer-groups", "--list", "--state"))
    assert {"GROUP": topic, "STATE": "Empty"} in states
    both = table(maker.output("consumer-groups", "--list", "--state", "empty", "--type", "classic"))
    assert {"GROUP": topic, "TYPE": "Classic", "STATE": "Empty"} in both
    stable = table(maker.output("consumer-groups", "--list", "--state", "Stable"))
    assert topic not in [row["GROUP"] for row in stable]


def test_offsets_and_lag(maker, broker, topic):
    make_topic(broker, topic, 2, 5)
    commit(broker, topic, topic, p1=3)
    done = maker.run("consumer-groups", "--describe", "--group", topic)
    assert done.returncode == 0
    assert f"\nConsumer group '{topic}' has no active members.\n" in done.stderr
    assert table(done.stdout) == [
        {"GROUP": topic, "TOPIC": topic, "PARTITION": "1", "CURRENT-OFFSET": "3",
         "LOG-END-OFFSET": "5", "LAG": "2", "CONSUMER-ID": "-", "HOST": "-", "CLIENT-ID": "-"}]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_member_is_described(maker, broker, topic, protocol):
    make_topic(broker, topic, 2, 1)
    with reading(maker, topic, topic, "--from-beginning", protocol=protocol) as reader:
        reader.wait_for(2)
        rows = described(maker, topic)
        assert {(row["PARTITION"], row["CONSUMER-ID"] != "-", row["CLIENT-ID"], row["HOST"])
                for row in rows} == {(str(p), True, "console-consumer", "/127.0.0.1")
                                     for p in range(2)}
        row, = described(maker, topic, "--members", "--verbose")
        assert (row["#PARTITIONS"], row["CURRENT-ASSIGNMENT"]) == ("2", f"{topic}:0,1")
        assert row["TARGET-ASSIGNMENT"] == ("-" if protocol == "classic" else f"{topic}:0,1")
        state = maker.output("consumer-groups", "--describe", "--group", topic, "--state")
        strategy = "range" if protocol == "classic" else "uniform"
        assert re.search(rf"\n{topic} +127.0.0.1:{broker.port}  \(1\) +{strategy} +Stable +1\n",
                         state), state
        refused = maker.run("consumer-groups", "--reset-offsets", "--group", topic, "--topic",
                            topic, "--to-earliest", "--execute")
        assert f"Error: Assignments can only be reset if the group '{topic}' is inactive, but " \
            "the current state is Stable." in refused.stdout
        kept = maker.run("consumer-groups", "--delete", "--group", topic)
        assert "Error: Deletion of some consumer groups failed:" in kept.stdout
        assert f"* Group '{topic}' could not be deleted due to: org.apache.kafka.common.errors." \
            "GroupNotEmptyException" in kept.stdout


@pytest.mark.skipif(len(MAKERS) < 2, reason="ours are not built")
def test_both_print_the_same(broker, topic):
    """Of groups in all kinds of states, with everything that only asks."""
    make_topic(broker, topic, 3, 4)
    make_topic(broker, f"{topic}-of-a-rather-long-name", 1, 2)
    quiet, classic, consumer = (f"{topic}-{kind}" for kind in ("quiet", *PROTOCOLS))
    commit(broker, quiet, topic, p0=1, p2=4)
    commit(broker, quiet, f"{topic}-of-a-rather-long-name", p0=1)
    ours, apache = Tools("ours", broker), Tools("apache", broker)
    with reading(ours, classic, topic, "--from-beginning") as one, \
            reading(ours, consumer, topic, "--from-beginning", "--consumer-property",
                    "group.instance.id=first", protocol="consumer") as other:
        one.wait_for(12)
        other.wait_for(12)
        time.sleep(6)  # Both have committed once, and do not again as nothing comes.
        for words in (
                ["--list", "--state", "--type"], ["--list", "--type", "consumer"],
                ["--describe", "--group", quiet], ["--describe", "--group", quiet, "--members"],
                ["--describe", "--group", quiet, "--group", classic, "--group", consumer,
                 "--verbose"],
                ["--describe", "--group", classic, "--members", "--verbose"],
                ["--describe", "--group", consumer, "--members", "--verbose"],
                ["--describe", "--group", consumer, "--members"],
                ["--describe", "--all-groups", "--state", "--verbose"],
                ["--describe", "--group", "nobody"],
                ["--reset-offsets", "--group", quiet, "--all-topics", "--to-current", "--export",
                 "--dry-run"],
                ["--reset-offsets", "--group", quiet, "--group", "nobody", "--topic", topic,
                 "--to-latest", "--export", "--dry-run"],
                ["--reset-offsets", "--group", quiet, "--topic", topic, "--to-datetime",
                 "2040-01-01T00:00:00.000", "--dry-run"],
                ["--reset-offsets", "--group", quiet, "--topic", f"{topic}:9", "--to-latest",
                 "--dry-run"]):
            printed, expected = (tools.run("consumer-groups", *words) for tools in (ours, apache))
            assert printed.returncode == expected.returncode, words
            # Kafka's has the order of its hash tables where ours has that of names.
            assert sorted(printed.stdout.splitlines()) == sorted(expected.stdout.splitlines()), \
                words
            said = [line for line in expected.stderr.splitlines()
                    if re.match(r"Consumer group|Warning", line)]
            assert [line for line in printed.stderr.splitlines() if line] == said, words


def test_a_group_that_is_not_there(maker):
    done = maker.run("consumer-groups", "--describe", "--group", "nobody")
    assert done.returncode == 0  # As Kafka's.
    assert done.stdout == ("\nError: Executing consumer group command failed due to org.apache."
                           "kafka.common.errors.GroupIdNotFoundException: Group nobody not "
                           "found.\n")


def test_expressions_are_checked(maker):
    said = maker.output("consumer-groups", "--validate-regex", "orders-.*")
    assert said == "The regular expression `orders-.*` is valid.\n"
    said = maker.output("consumer-groups", "--validate-regex", "orders-(")
    assert said.startswith("The regular expression `orders-(` is invalid: ")


# ---- What is changed ----

def test_settings_of_a_group(maker, topic):
    where = ["--entity-type", "groups", "--entity-name", topic]
    setting = "consumer.session.timeout.ms"
    assert maker.output("configs", *where, "--alter", "--add-config", f"{setting}=5500") == \
        f"Completed updating config for group {topic}.\n"
    assert f"  {setting}=5500 sensitive=false synonyms={{" in \
        maker.output("configs", *where, "--describe")
    assert f"Dynamic configs for group {topic} are:\n" in \
        maker.output("configs", "--entity-type", "groups", "--describe")
    maker.output("configs", *where, "--alter", "--delete-config", setting)
    assert setting not in maker.output("configs", *where, "--describe")
    refused = maker.run("configs", *where, "--alter", "--add-config", "no.such.setting=1")
    assert refused.returncode == 1


def new_offsets(tools, *words):
    text = tools.output("consumer-groups", "--reset-offsets", *words)
    rows = table(text[text.index("\nGROUP"):])
    return {int(row["PARTITION"]): int(row["NEW-OFFSET"]) for row in rows}


def test_offsets_are_reset_in_all_ways(maker, broker, topic, tmp_path):
    make_topic(broker, topic, 2, 6)
    commit(broker, topic, topic, p0=4)
    where = ["--group", topic, "--topic", topic, "--dry-run"]
    assert new_offsets(maker, *where, "--to-earliest") == {0: 0, 1: 0}
    assert new_offsets(maker, *where, "--to-latest") == {0: 6, 1: 6}
    assert new_offsets(maker, *where, "--to-current") == {0: 4, 1: 6}
    assert new_offsets(maker, *where, "--to-offset", 3) == {0: 3, 1: 3}
    assert new_offsets(maker, *where, "--to-offset", 99) == {0: 6, 1: 6}
    assert new_offsets(maker, *where, "--by-duration", "PT1H") == {0: 0, 1: 0}
    assert new_offsets(maker, *where, "--to-datetime", "2001-02-03T04:05:06.789") == {0: 0, 1: 0}
    assert new_offsets(maker, *where, "--to-datetime", "2040-02-03T04:05:06.789") == {0: 6, 1: 6}
    one = ["--group", topic, "--topic", f"{topic}:0"]
    assert new_offsets(maker, *one, "--shift-by", -3, "--dry-run") == {0: 1}
    assert new_offsets(maker, "--group", topic, "--all-topics", "--shift-by", 1) == {0: 5}
    plan = tmp_path / "plan.csv"
    plan.write_text(f"{topic},0,2\n{topic},1,5\n")
    assert new_offsets(maker, "--group", topic, "--from-file", plan) == {0: 2, 1: 5}
    assert committed(maker, topic) == {0: "4"}

    assert new_offsets(maker, "--group", topic, "--from-file", plan, "--execute") == {0: 2, 1: 5}
    assert committed(maker, topic) == {0: "2", 1: "5"}
    exported = maker.output("consumer-groups", "--reset-offsets", "--group", topic, "--topic",
                            topic, "--to-current", "--export", "--dry-run")
    written = [line.replace('"', "") for line in exported.splitlines() if line]
    assert sorted(written) == [f"{topic},0,2", f"{topic},1,5"]


def test_a_plan_for_several_groups(maker, broker, topic, tmp_path):
    make_topic(broker, topic, 1, 5)
    groups = [f"{topic}-a", f"{topic}-b"]
    chosen = [word for group in groups for word in ("--group", group)]
    plan = maker.output("consumer-groups", "--reset-offsets", *chosen, "--topic", topic,
                        "--to-offset", 3, "--export", "--dry-run")
    path = tmp_path / "plan.csv"
    path.write_text(plan)
    maker.output("consumer-groups", "--reset-offsets", *chosen, "--from-file", path, "--execute")
    for group in groups:
        assert committed(maker, group) == {0: "3"}


def test_nothing_is_reset_without_a_word(maker, broker, topic):
    make_topic(broker, topic, 1, 2)
    done = maker.run("consumer-groups", "--reset-offsets", "--group", topic, "--topic", topic,
                     "--to-latest")
    assert done.returncode == 0
    assert "WARN: No action will be performed as the --execute option is missing." in done.stderr
    assert topic not in maker.output("consumer-groups", "--list").splitlines()


def test_groups_and_their_offsets_are_deleted(maker, broker, topic):
    make_topic(broker, topic, 2, 3)
    commit(broker, topic, topic, p0=1, p1=2)
    some = maker.run("consumer-groups", "--delete-offsets", "--group", topic, "--topic",
                     f"{topic}:1")
    assert f"Request succeeded for deleting offsets from group {topic}.\n" in some.stdout
    assert re.search(rf"\n{topic} +1 +Successful", some.stdout)
    assert committed(maker, topic) == {0: "1"}
    assert maker.output("consumer-groups", "--delete", "--group", topic) == \
        f"Deletion of requested consumer groups ('{topic}') was successful.\n"
    assert topic not in maker.output("consumer-groups", "--list").splitlines()
    again = maker.run("consumer-groups", "--delete", "--group", topic)
    assert again.stdout.startswith("\nError: Deletion of some consumer groups failed:\n"
                                   f"* Group '{topic}' could not be deleted due to: "
                                   "org.apache.kafka.common.errors.GroupIdNotFoundException: ")


def test_usage_errors(maker):
    for words in ([], ["--list", "--describe"], ["--describe"], ["--delete"],
                  ["--list", "--group", "g"], ["--describe", "--group", "g", "--topic", "t"],
                  ["--describe", "--group", "g", "--members", "--state"],
                  ["--reset-offsets", "--group", "g", "--to-latest", "--dry-run"],
                  ["--reset-offsets", "--group", "g", "--topic", "t", "--to-latest",
                   "--to-earliest", "--dry-run"]):
        done = maker.run("consumer-groups", *words)
        assert (done.returncode, done.stdout) == (1, ""), words
        assert done.stderr, words


# ---- The console consumer as a member ----

@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_group_goes_on_where_it_was(maker, broker, topic, protocol):
    make_topic(broker, topic, 1, 7)
    words = ["--topic", topic, "--group", topic, "--from-beginning", "--consumer-property",
             f"group.protocol={protocol}"]
    first = maker.run("console-consumer", *words, "--max-messages", 3)
    assert first.stdout.splitlines()[-3:] == ["p0-0", "p0-1", "p0-2"]
    assert "Processed a total of 3 messages" in first.stderr
    assert committed(maker, topic) == {0: "3"}
    rest = maker.run("console-consumer", *words, "--timeout-ms", 9000)
    assert rest.stdout.splitlines()[-4:] == ["p0-3", "p0-4", "p0-5", "p0-6"]
    assert "Processed a total of 4 messages" in rest.stderr
    assert committed(maker, topic) == {0: "7"}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("partner", MAKERS)
def test_members_share_and_take_over(ours, broker, topic, protocol, partner):
    make_topic(broker, topic, 4, 2)
    session = ["--from-beginning", "--consumer-property", "session.timeout.ms=4000"]
    if protocol == "consumer":
        session = ["--from-beginning"]
    with reading(ours, topic, topic, *session, protocol=protocol) as one:
        one.wait_for(8)
        with reading(Tools(partner, broker), topic, topic, *session, protocol=protocol) as other:
            wait_until(lambda: sorted(members(ours, topic).values()) == [2, 2],
                       "two members with two partitions each")
            for partition in range(4):
                CONFLUENT.produce(broker, topic, partition, "none", 2, f"q{partition}")
            wait_until(lambda: len([line for line in one.lines + other.lines
                                    if line.startswith("q")]) == 8, "each record once")
            assert {line[:2] for line in one.lines if line.startswith("q")}.isdisjoint(
                line[:2] for line in other.lines)
            time.sleep(6)  # What was read is committed.
            other.stop(signal.SIGKILL)
        wait_until(lambda: list(members(ours, topic).values()) == [4], "one member with all")
        for partition in range(4):
            CONFLUENT.produce(broker, topic, partition, "none", 1, f"r{partition}")
        wait_until(lambda: {line for line in one.lines if line[0] == "r"}
                   == {f"r{partition}-0" for partition in range(4)}, "the rest")
        assert sum(line[0] == "r" for line in one.lines) == 4
        assert "Processed a total of" in one.stop()
    assert committed(ours, topic) == {partition: "5" for partition in range(4)}
    assert table(ours.output("consumer-groups", "--list", "--state", "empty")).count(
        {"GROUP": topic, "STATE": "Empty"}) == 1


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_topics_by_expression(maker, broker, topic, protocol):
    for suffix in "abc":
        make_topic(broker, f"{topic}-{suffix}", 1, 2)
    read = maker.run("console-consumer", "--include", f"{topic}-[ab]", "--group", topic,
                     "--from-beginning", "--consumer-property", f"group.protocol={protocol}",
                     "--max-messages", 4)
    assert sorted(read.stdout.splitlines()[-4:]) == ["p0-0", "p0-0", "p0-1", "p0-1"]
    assert {row["TOPIC"] for row in described(maker, topic)} == {f"{topic}-a", f"{topic}-b"}


def test_nothing_is_committed_where_that_is_off(maker, broker, topic):
    make_topic(broker, topic, 1, 2)
    read = maker.run("console-consumer", "--topic", topic, "--group", topic, "--from-beginning",
                     "--consumer-property", "enable.auto.commit=false", "--max-messages", 2)
    assert read.stdout.splitlines()[-2:] == ["p0-0", "p0-1"]
    listed = table(maker.output("consumer-groups", "--list", "--state"))
    if topic in [row["GROUP"] for row in listed]:
        assert described(maker, topic) == []


def test_groups_of_two_names_are_refused(maker, topic):
    for words in (["--group", "a", "--consumer-property", "group.id=b"],
                  ["--group", "a", "--partition", "0"]):
        done = maker.run("console-consumer", "--topic", topic, *words)
        assert done.returncode == 1, words
        assert "group" in done.stderr, words
