"""The Kafka clients that the tests run: how each is started, which codecs it has, what it lacks.

A client program stays up for a whole test session and takes one command after the other
(README.md has the list), so that a JVM or a Node is started once and not for every topic.
"""

import json
import os
import pathlib
import queue
import subprocess
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
INSTALLED = pathlib.Path(os.environ.get("MOLDAU_CLIENTS_DIR", HERE.parent.parent / "build/clients"))
ALL_CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


class ClientError(Exception):
    """What a client program answered instead of doing what it was told."""


class Client:
    """One client, as one line of the table below.

    codecs: those that it writes. reads: whether it reads by assigned partition at all.
    legacy: speaks formats 0 and 1 only, so it has no headers, and its records no timestamps
    in the oldest versions.
    rewinds: as a member of a group that was thrown out and has joined again, it goes on from what is
    committed, and not from where it was.
    """

    def __init__(self, name, command, codecs, reads=True, legacy=False, timestamps=True,
                 headers=True, environment=None, produce="produce", rewinds=True):
        self.name = name
        self.command = [str(word) for word in command]
        self.codecs = codecs
        self.reads = reads
        self.legacy = legacy
        self.timestamps = timestamps
        self.headers = headers
        self.rewinds = rewinds
        self.environment = environment or {}
        self.produce_verb = produce
        self._process = None
        self._lines = None
        self._errors = None
        self._lock = threading.Lock()

    def __repr__(self):
        return self.name

    def spawn(self, *words, **settings):
        """A process of its own for one command, for tests that need its end or its input."""
        return subprocess.Popen([*self.command, *map(str, words)],
                                env={**os.environ, **self.environment}, text=True, **settings)

    def run(self, *words, seconds=60):
        """Runs one command in the program that is kept; returns its lines, or raises."""
        with self._lock:
            self._start()
            self._process.stdin.write("\t".join(map(str, words)) + "\n")
            self._process.stdin.flush()
            return self._answer(words, seconds)

    def _start(self):
        if self._process is not None and self._process.poll() is None:
            return
        self._errors = tempfile.TemporaryFile("w+")
        self._process = self.spawn("serve", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=self._errors)
        self._lines = queue.Queue()
        threading.Thread(target=_pump, args=(self._process.stdout, self._lines),
                         daemon=True).start()

    def _answer(self, words, seconds):
        lines = []
        while True:
            try:
                text = self._lines.get(timeout=seconds)
            except queue.Empty:
                self.close()
                raise ClientError(f"{self}: no answer to {words} within {seconds} s") from None
            if text is None:
                self._errors.seek(0)
                raise ClientError(f"{self}: ended during {words}\n{self._errors.read()[-4000:]}")
            line = json.loads(text)
            if "end" not in line:
                lines.append(line)
            elif line["end"]:
                return lines
            else:
                raise ClientError(f"{self}: {line['error']}")

    def close(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdin.close()
            self._process = None

    def produce(self, broker, topic, partition, codec, count, prefix, **options):
        """Returns the offsets acknowledged, in order."""
        words = [f"{name}={value}" for name, value in options.items()]
        lines = self.run(self.produce_verb, broker.bootstrap, topic, partition, codec, count,
                         prefix, *words)
        return [line["offset"] for line in lines]

    def consume(self, broker, topic, partitions, offset, count, **options):
        """Returns the records of one partition (an int), or a dict of those of many (a list)."""
        many = isinstance(partitions, (list, tuple))
        wanted = ",".join(map(str, partitions)) if many else str(partitions)
        words = [f"{name}={value}" for name, value in options.items()]
        lines = self.run("consume", broker.bootstrap, topic, wanted, offset, count, *words)
        if not many:
            return lines
        found = {partition: [] for partition in partitions}
        for line in lines:
            found[line["partition"]].append(line)
        return found


def _pump(stream, lines):
    for line in stream:
        lines.put(line)
    lines.put(None)


def java(version, main="Client", heap="128m"):
    folder = INSTALLED / "java" / version
    return ["java", f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=off", "-cp", f"{folder}/classes:{folder}/*",
            main]


_NODE_PATH = {"NODE_PATH": str(INSTALLED / "js/node_modules"), "NODE_NO_WARNINGS": "1"}
NODE = INSTALLED / "node/bin/node"
_PYTHON = INSTALLED / "python/bin/python"


def _js(program):
    return [NODE, HERE / "js" / program]


KAFKA_NODE = Client("kafka-node", _js("kafka_node.js"), ("none", "gzip", "snappy"), legacy=True,
                    timestamps=False, headers=False, environment=_NODE_PATH)
KAFKA_NODE_HIGH_LEVEL = Client("kafka-node-high-level", _js("kafka_node.js"),
                               ("none", "gzip", "snappy"), reads=False, legacy=True,
                               headers=False, environment=_NODE_PATH,
                               produce="produce-high-level")
NO_KAFKA = Client("no-kafka", _js("no_kafka.js"), ("none", "gzip", "snappy"), legacy=True,
                  timestamps=False, headers=False, environment=_NODE_PATH)
KAFKAJS = Client("kafkajs", _js("kafkajs.js"), ("none", "gzip", "snappy"), reads=False,
                 environment=_NODE_PATH)
RDKAFKA_JS = Client("node-rdkafka", _js("rdkafka.js"), ALL_CODECS, environment=_NODE_PATH)
PLATFORMATIC = Client("platformatic", _js("platformatic.js"), ALL_CODECS,
                      environment=_NODE_PATH, rewinds=False)
KCAT = Client("kcat", ["/usr/bin/python3", HERE / "python/with_kcat.py"], ALL_CODECS,
              headers=False)
KAFKA_PYTHON = Client("kafka-python", [_PYTHON, HERE / "python/with_kafka_python.py"], ALL_CODECS)
KAFKA_PYTHON_OLD = Client("kafka-python-old",
                          ["/usr/bin/python3", HERE / "python/with_kafka_python.py"],
                          ("none", "gzip"))
CONFLUENT = Client("confluent-kafka-python", [_PYTHON, HERE / "python/with_confluent.py"],
                   ALL_CODECS)
JAVA_NEW = Client("java-new", java("clients-new"), ALL_CODECS)
JAVA_39 = Client("java-3.9", java("clients-3.9"), ALL_CODECS)
JAVA_OLD = Client("java-old", java("clients-old"), ALL_CODECS)
FRANZ_GO = Client("franz-go", [INSTALLED / "go/client"], ALL_CODECS)

CLIENTS = (KAFKA_NODE, KAFKA_NODE_HIGH_LEVEL, NO_KAFKA, KAFKAJS, RDKAFKA_JS, PLATFORMATIC, KCAT,
           KAFKA_PYTHON, KAFKA_PYTHON_OLD, CONFLUENT, JAVA_NEW, JAVA_OLD, FRANZ_GO)
# Programs that are kept running, to be closed in the end.
KEPT = (*CLIENTS, JAVA_39)
READERS = tuple(client for client in CLIENTS if client.reads)
# One of each library underneath, for tests that need not run all.
MODERN = (KAFKAJS, PLATFORMATIC, CONFLUENT, KAFKA_PYTHON, JAVA_NEW, JAVA_OLD, FRANZ_GO)
