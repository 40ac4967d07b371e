"""What a member of a consumer group prints, is told and is set to: ../README.md has the list."""

import queue
import sys
import threading
import time

from serve import write

DEFAULTS = {"protocol": "classic", "assignor": "", "instance": "", "session": "6000",
            "rebalance": "10000", "pattern": "", "commit": "each", "reset": "earliest",
            "id": "member"}


class Settings:
    """The options, with numbers as numbers and lists as lists; what the client lacks is refused."""

    def __init__(self, topics, options, assignors, consumer=False, instance=False, pattern=False):
        for name in options:
            if name not in DEFAULTS:
                raise ValueError(f"no such option: {name}")
        chosen = {**DEFAULTS, **options}
        self.topics = topics.split(",")
        self.protocol = chosen["protocol"]
        self.consumer = self.protocol == "consumer"
        self.assignors = [one for one in chosen["assignor"].split(",") if one]
        self.instance = chosen["instance"] or None
        self.session = int(chosen["session"])
        self.heartbeat = self.session // 6
        self.rebalance = max(int(chosen["rebalance"]), self.session)
        self.pattern = chosen["pattern"] or None
        self.commit = chosen["commit"]
        self.reset = chosen["reset"]
        self.id = chosen["id"]
        if self.consumer and not consumer:
            raise ValueError("the client does not speak that protocol")
        if self.instance and not instance:
            raise ValueError("the client has no static members")
        if self.pattern and not pattern:
            raise ValueError("the client does not subscribe by pattern")
        if not self.consumer:
            self.assignors = self.assignors or ["range"]
            for assignor in self.assignors:
                if assignor not in assignors:
                    raise ValueError(f"no assignor {assignor}")


def _now():
    return time.clock_gettime(time.CLOCK_MONOTONIC) * 1000


class Membership:
    """The partitions it owns, and how far it has read in each. A partition is (topic, number)."""

    def __init__(self):
        self.owned = set()
        self.next = {}
        self._commands = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in sys.stdin:
            self._commands.put(line.rstrip("\n"))
        self._commands.put("leave")

    def told(self):
        """The next command, or None."""
        try:
            return self._commands.get_nowait()
        except queue.Empty:
            return None

    def _say(self, event, partitions):
        write({"event": event, "partitions": [f"{topic}-{number}" for topic, number in partitions],
               "owned": [f"{topic}-{number}" for topic, number in self.owned], "time": _now()})

    def assigned(self, partitions):
        self.owned |= set(partitions)
        self._say("assigned", partitions)

    def revoked(self, partitions=None, event="revoked"):
        """Without a list, of all that it has; says nothing where there is nothing."""
        partitions = list(self.owned) if partitions is None else partitions
        self.owned -= set(partitions)
        for one in partitions:
            self.next.pop(one, None)
        if partitions:
            self._say(event, partitions)

    def record(self, topic, number, offset, value):
        self.next[topic, number] = offset + 1
        write({"event": "record", "partition": f"{topic}-{number}", "offset": offset,
               "value": value.decode(), "time": _now()})

    def positions(self):
        """{(topic, number): offset}: how far it has read what it owns."""
        return {where: offset for where, offset in self.next.items() if where in self.owned}

    def committed(self, offsets):
        write({"event": "committed", "time": _now(),
               "offsets": {f"{topic}-{number}": at for (topic, number), at in offsets.items()}})

    def error(self, error):
        write({"event": "error", "error": f"{type(error).__name__} {error}", "time": _now()})
