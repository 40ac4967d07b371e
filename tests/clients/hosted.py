"""Many members of groups in one process, for programs that have the verb `members`.

A Host is the process; its members are watched like those with a process of their own (members.py).
kill() and pause() are the host's: all its members go at once, without a word.
"""

import json
import subprocess
import tempfile
import threading

import members
from members import SECONDS, now_ms


# Settings of a broker whose groups notice things at once.
QUICK = {
    "group_initial_rebalance_delay_ms": 0,
    "group_min_session_timeout_ms": 1000,
    "group_consumer_min_session_timeout_ms": 1000,
    "group_consumer_session_timeout_ms": 3000,
    "group_consumer_min_heartbeat_interval_ms": 100,
    "group_consumer_heartbeat_interval_ms": 500,
}


class HostedMember(members.Member):
    """A member among others in one process."""

    def __init__(self, host, name, group, topics, options):  # pylint: disable=super-init-not-called
        self.host = host
        self.name = name
        self.client = host.client
        self.group = group.name
        self.session_ms = int(options.get("session", 6000))
        self.process = host.process
        self.events = []
        self.owned = set()
        self.records = []
        self.commits = []
        self.errors = []
        self.end = None
        self.ended_at = None
        self._pauses = []
        self._changed = group.changed
        self._stderr = host.stderr
        self._tell("start", group.name, ",".join(topics),
                   *(f"{key}={value}" for key, value in options.items()))

    def __repr__(self):
        return f"{self.client}#{self.process.pid}/{self.name}"

    def _tell(self, command, *words):
        self.host.tell(command, self.name, *words)

    def take(self, line):
        with self._changed:
            self._take(line)
            if "end" in line:
                self.ended_at = line["time"] if "time" in line else now_ms()
            self._changed.notify_all()

    def has_died(self, at_ms):
        with self._changed:
            self.ended_at = self.ended_at or at_ms
            self._changed.notify_all()

    def leave(self, seconds=SECONDS):
        began = now_ms()
        self._tell("leave")
        self.wait_for(until=lambda self: self.end is not None, seconds=seconds)
        assert self.end["end"], self.story()
        return began

    def kill(self):
        raise NotImplementedError("its host can be killed")

    pause = resume = kill

    def close(self):
        self.host.close()


class Host:
    """A process that holds members, of one group or several."""

    def __init__(self, client, broker):
        self.client = client
        self.members = {}
        self.stderr = tempfile.TemporaryFile("w+")
        self.process = client.spawn("members", broker.bootstrap, stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, stderr=self.stderr)
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def add(self, group, name, topics=None, **options):
        """One more member of a members.Group."""
        settings = {"session": 6000, **group.options, **options}
        topics = topics or group.topics
        topics = [topics] if isinstance(topics, str) else topics or ["-"]
        with self._lock:  # its first line may come before its constructor has returned
            member = HostedMember(self, name, group, topics, settings)
            self.members[name] = member
        group.members.append(member)
        return member

    def tell(self, *words):
        self.process.stdin.write("\t".join(words) + "\n")
        self.process.stdin.flush()

    def _read(self):
        for text in self.process.stdout:
            line = json.loads(text)
            if "member" in line:
                with self._lock:
                    member = self.members[line["member"]]
                member.take(line)
        self._all_have_died(now_ms())

    def _all_have_died(self, at_ms):
        with self._lock:
            found = list(self.members.values())
        for member in found:
            member.has_died(at_ms)

    def kill(self):
        """SIGKILL for all its members. Returns the time in ms."""
        self.process.kill()
        self.process.wait()
        at_ms = now_ms()
        self._all_have_died(at_ms)
        return at_ms

    def close(self):
        """Ends it, however it fares."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(10)
        self.process.stdin.close()
        self.process.stdout.close()
