"""Runs the commands of a client program (../README.md has the list): one from the command line, or
many from standard input."""

import json
import re
import sys


def write(line):
    """Writes one line of the answer."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def write_record(partition, offset, key, value, timestamp, headers):
    def text(data):
        return data.decode() if isinstance(data, (bytes, bytearray, memoryview)) else data

    value = text(value)
    write({
        "partition": partition,
        "offset": offset,
        "key": text(key),
        "value": None if value is None else value[:200],
        "length": len(value or ""),
        "timestamp": timestamp,
        "headers": {name: text(content) for name, content in headers or []},
    })


def records(count, prefix, options):
    """The (key, value, number) that produce sends."""
    size = int(options.get("size", 0))
    for number in range(int(count)):
        value = f"{prefix}-{number}"
        if size:
            value = value.ljust(size, "x")[:size]
        yield f"{prefix}-key-{number}", value, str(number)


class Quota:
    """Counts down the records that a consumer still owes, partition by partition."""

    def __init__(self, partitions, count):
        self.left = {partition: count for partition in partitions if count > 0}

    def take(self, partition):
        """True when a record of this partition is wanted."""
        if partition not in self.left:
            return False
        self.left[partition] -= 1
        if self.left[partition] == 0:
            del self.left[partition]
        return True

    @property
    def done(self):
        return not self.left


def _run(verbs, words):
    # Names of topic settings have a dot, and stay words.
    options = {}
    arguments = []
    for word in words[1:]:
        match = re.fullmatch(r"([a-z]+)=(.*)", word, re.S)
        if match:
            options[match[1]] = match[2]
        else:
            arguments.append(word)
    try:
        verbs[words[0]](arguments, options)
    except Exception as error:  # whatever a client throws is its answer
        write({"end": False, "error": f"{type(error).__name__} {error}"})
        return False
    write({"end": True})
    return True


def serve(verbs):
    """verbs maps a name to a function of (arguments, options)."""
    words = sys.argv[1:]
    if words != ["serve"]:
        sys.exit(0 if _run(verbs, words) else 1)
    for line in sys.stdin:
        _run(verbs, line.rstrip("\n").split("\t"))
