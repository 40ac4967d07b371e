"""Members of consumer groups, one process each, watched from the client's side.

Every event carries the time of the machine's monotonic clock, so that what several processes say
can be put in order: who owned which partition from when until when, what each read, what was
committed. README.md has the lines that the programs print.
"""

import concurrent.futures
import json
import os
import signal
import subprocess
import tempfile
import threading
import time

import wire

SECONDS = 60

# Settings of a broker under which sessions of both protocols may be short: those of the consumer
# protocol are the broker's own.
SHORT_TIMEOUTS = {
    "group_min_session_timeout_ms": 1000,
    "group_initial_rebalance_delay_ms": 0,
    "group_consumer_min_session_timeout_ms": 1000,
    "group_consumer_session_timeout_ms": 3000,
    "group_consumer_min_heartbeat_interval_ms": 100,
    "group_consumer_heartbeat_interval_ms": 300,
    "group_consumer_migration_policy": "bidirectional",
    "group_consumer_regex_refresh_interval_ms": 10000,
}


def now_ms():
    """CLOCK_MONOTONIC in ms, as the programs print it."""
    return time.clock_gettime(time.CLOCK_MONOTONIC) * 1000


def partitions_of(topic, count):
    """The names of a topic's partitions as members print them."""
    return {f"{topic}-{number}" for number in range(count)}


class Member:
    """One member. What it has said so far: owned, records, commits, errors, events."""

    def __init__(self, client, broker, group, topics, changed=None, **options):
        """topics: a name, a list of them, or None with pattern=...; options: see README.md."""
        self.client = client
        self.group = group
        self.session_ms = int(options.get("session", 6000))
        self.events = []
        self.owned = set()
        self.records = []  # (partition, offset, value, time)
        self.commits = []  # ({partition: offset}, time)
        self.errors = []
        self.end = None  # the line {"end": ...}
        self.ended_at = None  # ms: killed, or its output closed
        self._pauses = []  # [from, until or None], ms
        self._changed = changed or threading.Condition()
        self._stderr = tempfile.TemporaryFile("w+")
        words = [topics] if isinstance(topics, str) else topics or ["-"]
        self.process = client.spawn(
            "member", broker.bootstrap, group, ",".join(words),
            *(f"{name}={value}" for name, value in options.items()),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __repr__(self):
        return f"{self.client}#{self.process.pid}"

    # ---- What it says ----

    def _read(self):
        for text in self.process.stdout:
            line = json.loads(text)
            with self._changed:
                self._take(line)
                self._changed.notify_all()
        with self._changed:
            self.ended_at = self.ended_at or now_ms()
            self._changed.notify_all()

    def _take(self, line):
        self.events.append(line)
        event = line.get("event")
        if event in ("assigned", "revoked", "lost"):
            self.owned = set(line["owned"])
        elif event == "record":
            self.records.append((line["partition"], line["offset"], line["value"], line["time"]))
        elif event == "committed":
            self.commits.append((line["offsets"], line["time"]))
        elif event == "error":
            self.errors.append(line["error"])
        elif "end" in line:
            self.end = line

    def wait_for(self, owned=None, records=None, event=None, until=None, seconds=SECONDS):
        """Waits for all of: the set (or the number) of partitions owned, the number of records
        read, an event of a kind, a condition of (self). Returns the time in ms it came true."""
        def holds():
            return ((owned is None or (len(self.owned) if isinstance(owned, int) else self.owned)
                     == owned)
                    and (records is None or len(self.records) >= records)
                    and (event is None or any(one.get("event") == event for one in self.events))
                    and (until is None or until(self)))
        with self._changed:
            assert self._changed.wait_for(lambda: holds() or self.has_ended, seconds) and holds(), \
                f"not within {seconds} s\n{self.story()}"
            return now_ms()

    def story(self, last=25):
        """What it did, for messages of failures: of records and commits the number and the last."""
        lines = [f"{self} group {self.group}, owns {sorted(self.owned)}, process "
                 f"{self.process.poll()}, read {len(self.records)}: {self.records[-1:]}, committed "
                 f"{len(self.commits)}: {self.commits[-1:]}"]
        for one in [one for one in self.events
                    if one.get("event") not in ("record", "committed")][-last:]:
            lines.append("  " + json.dumps(one)[:300])
        self._stderr.seek(0)
        return "\n".join([*lines, self._stderr.read()[-2000:]])

    @property
    def has_ended(self):
        return self.ended_at is not None

    @property
    def is_paused(self):
        return bool(self._pauses) and self._pauses[-1][1] is None

    # ---- What is done to it ----

    def _tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def commit(self, seconds=SECONDS):
        """Commits what it has read; returns {partition: offset}."""
        before = len(self.commits)
        self._tell("commit")
        self.wait_for(until=lambda self: len(self.commits) > before, seconds=seconds)
        return self.commits[before][0]

    def leave(self, seconds=SECONDS):
        """Closes the client as its users do; returns the time in ms at which it was told to."""
        began = now_ms()
        self._tell("leave")
        self.wait_for(until=lambda self: self.end is not None, seconds=seconds)
        assert self.end["end"], self.story()
        self._wait_for_process()
        return began

    def kill(self):
        """SIGKILL: nothing is said to the broker. Returns the time in ms."""
        self.process.kill()
        self.process.wait()
        with self._changed:
            self.ended_at = self.ended_at or now_ms()
            killed_at = self.ended_at
            self._changed.notify_all()
        self._wait_for_process()
        return killed_at

    def pause(self):
        """SIGSTOP: its connections stay, it does nothing. Returns the time in ms."""
        os.kill(self.process.pid, signal.SIGSTOP)
        with self._changed:
            self._pauses.append([now_ms(), None])
            self._changed.notify_all()
            return self._pauses[-1][0]

    def resume(self):
        """SIGCONT."""
        with self._changed:
            self._pauses[-1][1] = now_ms()
        os.kill(self.process.pid, signal.SIGCONT)

    def close(self):
        """Ends it, however it fares."""
        if self.process.poll() is None:
            self.process.kill()
        self._wait_for_process()

    def _wait_for_process(self):
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(10)
        self.process.stdin.close()
        self.process.stdout.close()

    # ---- Who owned what, when ----

    def fenced_spans(self):
        """[(from, until)]: stopped for longer than its session, until it has learnt what that cost.

        A stopped process cannot know that its partitions went to others; from the moment that it
        stops it counts as owning nothing, and may think so for as long as it takes to hear.
        """
        spans = []
        for begin, end in self._pauses:
            if end is not None and end - begin < self.session_ms * 0.8:
                continue
            heard = [one["time"] for one in self.events if end is not None
                     and one.get("event") in ("assigned", "revoked", "lost") and one["time"] > end]
            spans.append((begin, heard[0] if heard else float("inf")))
        return spans

    def intervals(self):
        """[(partition, from, until)] in ms: from when it was handed a partition until it had let
        go of it, died or was stopped for too long; infinite while it has it."""
        found = []
        since = {}
        infinite = float("inf")
        for one in list(self.events):
            if one.get("event") not in ("assigned", "revoked", "lost"):
                continue
            owned = set(one["owned"])
            for partition in set(since) - owned:
                found.append((partition, since.pop(partition), one["time"]))
            for partition in owned - set(since):
                since[partition] = one["time"]
        end = infinite if self.ended_at is None else self.ended_at
        found += [(partition, begin, end) for partition, begin in since.items()]
        for begin, heard in self.fenced_spans():
            found = [piece for one in found for piece in _without(one, begin, heard)]
        return found


def _without(interval, begin, end):
    """What is left of (partition, from, until) outside of begin..end."""
    partition, since, until = interval
    if until <= begin or since >= end:
        return [interval]
    left = [(partition, since, begin)] if since < begin else []
    return left + ([(partition, end, until)] if until > end else [])


class Group:
    """Several members of one group on one topic (or some), and what must hold for them together."""

    def __init__(self, broker, name, topics, **options):
        """options: what all members are started with, unless add() says otherwise."""
        self.broker = broker
        self.name = name
        self.topics = topics
        self.options = options
        self.members = []
        self.changed = threading.Condition()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def add(self, client, **options):
        """Starts one more member."""
        settings = {"session": 6000, **self.options, **options}
        topics = settings.pop("topics", self.topics)
        member = Member(client, self.broker, self.name, topics, self.changed, **settings)
        self.members.append(member)
        return member

    def close(self):
        for member in self.members:
            member.close()

    @property
    def active(self):
        return [one for one in self.members if not one.has_ended and not one.is_paused]

    def story(self):
        return "\n".join(member.story() for member in self.members)

    def wait_until(self, condition, what, seconds=SECONDS):
        """Waits for condition(); returns the time in ms."""
        with self.changed:
            assert self.changed.wait_for(condition, seconds), \
                f"{what}: not within {seconds} s\n{self.story()}"
            return now_ms()

    def converged(self, partitions, among=None, least=1, seconds=SECONDS):
        """Waits until each partition is owned once by the active members (or by `among`), each of
        which has at least `least` of them. Returns the time in ms."""
        wanted = sorted(partitions)

        def holds():
            members = self.active if among is None else among
            owned = sorted(one for member in members for one in member.owned)
            return owned == wanted and all(len(member.owned) >= least for member in members)
        return self.wait_until(holds, f"{len(wanted)} partitions owned once each", seconds)

    def wait_read(self, produced, seconds=SECONDS):
        """Waits until every value of `produced` (values, or a Writer that has stopped) was read."""
        wanted = set(getattr(produced, "values", produced))
        self.wait_until(lambda: wanted <= self.read_values(), "all that was produced is read",
                        seconds)

    def read_values(self):
        return {record[2] for member in self.members for record in member.records}

    # ---- What must hold in the end ----

    def check_one_owner(self):
        """No member owned a partition that another had not let go of yet."""
        owners = {}
        for member in self.members:
            for partition, begin, end in member.intervals():
                owners.setdefault(partition, []).append((begin, end, member))
        for partition, spans in owners.items():
            spans.sort(key=lambda one: one[0])
            last = None
            for span in spans:
                if last is not None and span[2] is not last[2]:
                    assert span[0] >= last[1], (
                        f"{partition}: {span[2]} owns it from {span[0]:.1f}, {last[2]} until "
                        f"{last[1]:.1f}\n{self.story()}")
                if last is None or span[1] > last[1]:
                    last = span

    def check_nothing_lost(self, produced):
        """Every value of `produced` was read by somebody."""
        missing = set(getattr(produced, "values", produced)) - self.read_values()
        assert not missing, f"{len(missing)} never read: {sorted(missing)[:10]}\n{self.story()}"

    def check_commits_hold(self):
        """Whoever was handed a partition began at, or after, what had been committed for it; and
        nobody who had been thrown out committed anything before it joined again."""
        commits = sorted(((time_ms, partition, offset) for member in self.members
                          for offsets, time_ms in member.commits
                          for partition, offset in offsets.items()))
        for member in self.members:
            fenced = member.fenced_spans()
            if fenced and not member.client.rewinds:
                continue
            for partition, begin, end in member.intervals():
                confirmed = max((offset for time_ms, where, offset in commits
                                 if where == partition and time_ms < begin), default=0)
                again = [record for record in member.records if record[0] == partition
                         and begin <= record[3] <= end and record[1] < confirmed
                         and not any(since <= record[3] <= heard for since, heard in fenced)]
                assert not again, (f"{member} read {again[0]} although {confirmed} was committed "
                                   f"before {begin:.1f}\n{self.story()}")
            for begin, heard in fenced:
                late = self._commits_beyond(member, begin, heard)
                assert not late, f"{member} committed {late} while it was out\n{self.story()}"

    def _commits_beyond(self, member, begin, heard):
        """Its commits confirmed in begin..heard of more than it could have asked for before that:
        the answer to what it had asked for may have waited for it."""
        known = {}
        for partition, offset, _, time_ms in member.records:
            if time_ms <= begin:
                known[partition] = max(known.get(partition, 0), offset + 1)
        for one in self.members:
            for offsets, time_ms in one.commits:
                for partition, offset in offsets.items():
                    if time_ms <= begin:
                        known[partition] = max(known.get(partition, 0), offset)
        return [offsets for offsets, time_ms in member.commits if begin < time_ms < heard
                and any(offset > known.get(partition, 0) for partition, offset in offsets.items())]

    def check(self, produced=()):
        """All of the above."""
        self.check_one_owner()
        self.check_commits_hold()
        self.check_nothing_lost(produced)


def together(acts, workers=None):
    """{name: future} of {name: function}: most of what a group does is waiting, so that several
    take little longer than one. All have ended when this returns."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=workers or len(acts)) as pool:
        return {name: pool.submit(act) for name, act in acts.items()}


class Writer:
    """A thread that writes numbered records to all partitions of a topic in turn until stop().

    values: what the broker has acknowledged, TOPIC-PARTITION-NUMBER. A broker that goes away is
    tried again; what was not acknowledged is sent again, so a value may be in the log twice.
    """

    def __init__(self, broker, topic, partitions, every_ms=20):
        self.values = []
        self._broker = broker
        self._topic = topic
        self._partitions = partitions
        self._every = every_ms / 1000
        self._stopping = threading.Event()
        self._error = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._thread.join(SECONDS)

    def stop(self):
        """Ends it; returns the values acknowledged."""
        self._stopping.set()
        self._thread.join(SECONDS)
        assert not self._thread.is_alive() and self._error is None, self._error
        return self.values

    def _run(self):
        connection = None
        number = 0
        while not self._stopping.is_set():
            try:
                connection = connection or wire.Connection(self._broker, 5)
                self._send(connection, number)
                number += 1
            except (wire.Closed, OSError, TimeoutError):
                if connection is not None:
                    connection.close()
                connection = None
            except Exception as error:  # told by stop()
                self._error = error
                return
            self._stopping.wait(self._every)
        if connection is not None:
            connection.close()

    def _send(self, connection, number):
        values = [f"{self._topic}-{partition}-{number}" for partition in range(self._partitions)]
        stamp = int(time.time() * 1000)
        records = {partition: wire.batch([value.encode()], timestamp=stamp)
                   for partition, value in enumerate(values)}
        reader = connection.call(wire.PRODUCE, 3,
                                 wire.produce_body({self._topic: records}, 3, acks=-1))
        errors = {error for error, _ in wire.read_produce(reader, 3).values()}
        if errors != {wire.NONE}:
            raise wire.Closed  # no leader yet, after a restart
        self.values += values


def wait_for_coordinator(broker, groups=64, seconds=SECONDS):
    """Waits until the broker answers for groups; enough of them are asked for to meet each
    partition of the topic that groups live in."""
    deadline = time.monotonic() + seconds
    left = [f"none-{number}" for number in range(groups)]
    with wire.Connection(broker) as connection:
        while left:
            assert time.monotonic() < deadline, "no coordinator"
            left = [group for group in left if not _is_answered_for(connection, group)]
            time.sleep(0.02 if left else 0)


def _is_answered_for(connection, group):
    connection.call(wire.FIND_COORDINATOR, 0, wire.Writer().string(group))
    body = wire.Writer().string(group).i32(1).string("nobody")
    return connection.call(wire.HEARTBEAT, 0, body).i16() == wire.UNKNOWN_MEMBER_ID


def create_topic(broker, topic, partitions, **settings):
    """Makes a topic, and waits until it has leaders."""
    with wire.Connection(broker) as connection:
        body = wire.Writer().array([topic], lambda w, name: w.string(name).i32(partitions).i16(1)
                                   .i32(0).array(list(settings.items()), lambda v, one: v.string(
                                       one[0].replace("_", ".")).string(str(one[1]))))
        reader = connection.call(wire.CREATE_TOPICS, 2, body.i32(10000).i8(0))
        reader.i32()
        (_, error, text), = reader.array(lambda r: (r.string(), r.i16(), r.string()))
        assert error == wire.NONE, text
        deadline = time.monotonic() + SECONDS
        while not _has_leaders(connection, topic, partitions):
            assert time.monotonic() < deadline, f"{topic} has no leaders"
            time.sleep(0.02)


def _has_leaders(connection, topic, partitions):
    error, found = wire.metadata(connection, [topic]).topics[topic]
    return error == wire.NONE and len(found) == partitions and not any(one[0] for one in found)
