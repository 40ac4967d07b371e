"""The brokers that are measured, each one a process on loopback with a folder of its own.

A Side says how a broker is run; a Broker is one that runs, or is stopped and can be run again.
"""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import time

import admin
import process

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "clients"))

import apache_kafka  # noqa: E402
from broker import free_port  # noqa: E402

MOLDAU = pathlib.Path(os.environ.get("MOLDAU_BIN", ROOT / "build/release/moldau")).resolve()
JARS = pathlib.Path(os.environ.get("MOLDAU_BENCH_JARS", ROOT / "build/benchmarks/jars"))
NEVER = (1 << 63) - 1
START_SECONDS = 300
STOP_SECONDS = 300

# Of every broker, so that both do the same work.
_COMMON = {
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 4,
    "group.initial.rebalance.delay.ms": 0,
    # Topics are deleted after each turn; by default their files would fill the disk for a minute.
    "log.segment.delete.delay.ms": 1000,
}

# As kafka-server-start.sh and kafka-run-class.sh set them.
_DEFAULT_HEAP = ["-Xmx1G", "-Xms1G"]
_DEFAULT_COLLECTOR = ["-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
                      "-XX:InitiatingHeapOccupancyPercent=35",
                      "-XX:+ExplicitGCInvokesConcurrent", "-XX:MaxInlineLevel=15",
                      "-Djava.awt.headless=true"]

_TUNED_HEAP = ["-Xmx4G", "-Xms4G", "-XX:+AlwaysPreTouch"]
_TUNED_COLLECTOR = ["-server", "-XX:+UseParallelGC", "-XX:MaxInlineLevel=15",
                    "-XX:+UseNUMA", "-Djava.awt.headless=true"]
_TUNED_SETTINGS = {
    "num.network.threads": 2,
    "num.io.threads": 2,
    "socket.send.buffer.bytes": 1 << 20,
    "socket.receive.buffer.bytes": 1 << 20,
    "background.threads": 2,
}


@dataclasses.dataclass(frozen=True)
class Side:
    name: str
    description: str
    jars: str = ""          # the set of jars in JARS; empty for Moldau
    java_options: tuple = ()
    settings: dict = dataclasses.field(default_factory=dict)

    @property
    def is_moldau(self):
        return not self.jars

    def version(self):
        if self.is_moldau:
            return _moldau_version()
        found = list((JARS / self.jars).glob("kafka_2.13-*.jar"))
        return found[0].stem.removeprefix("kafka_2.13-") if found else "not installed"


SIDES = {side.name: side for side in (
    Side("moldau", "Moldau as conf/broker.yaml has it"),
    Side("kafka", "Apache Kafka, JVM and settings as its scripts have them", "broker",
         (*_DEFAULT_HEAP, *_DEFAULT_COLLECTOR)),
    Side("kafka-tuned",
         "Apache Kafka: heap of 4 GiB touched at the start, parallel collector, two network and "
         "two request threads, socket buffers of 1 MiB", "broker",
         (*_TUNED_HEAP, *_TUNED_COLLECTOR), _TUNED_SETTINGS),
    Side("kafka-3.9", "the last Apache Kafka that serves clients of before 2.1, as its scripts "
         "have it", "old", (*_DEFAULT_HEAP, *_DEFAULT_COLLECTOR)),
)}


class Broker:
    """One broker on a folder of its own. Times are in seconds from the start of the process."""

    def __init__(self, side, folder):
        self.side = side
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self._log = self.folder / "log.txt"
        self._process = None
        self._command = self._moldau() if side.is_moldau else self._kafka()

    @property
    def pid(self):
        return self._process.pid

    def _moldau(self):
        settings = {
            "listeners": f"PLAINTEXT://{self.bootstrap}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "log.dirs": self.folder / "data",
            **_COMMON, **self.side.settings,
        }
        words = [MOLDAU, "start", "--config", ROOT / "conf/broker.yaml"]
        for key, value in settings.items():
            words += ["--override", f"{key}={value}"]
        return words

    def _kafka(self):
        properties = apache_kafka.write_properties(self.folder, self.port, free_port(),
                                                   {**_COMMON, **self.side.settings})
        java = ["java", "-cp", f"{JARS / self.side.jars}/*"]
        subprocess.run([*java, "-Xmx256m", "kafka.tools.StorageTool", "format", "-t",
                        apache_kafka.CLUSTER_ID, "-c", properties], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        logging = [f"-Xlog:gc*:file={self.folder}/gc.log:time,tags:filecount=10,filesize=100M",
                   "-Dorg.slf4j.simpleLogger.defaultLogLevel=info"]
        return [*java, *self.side.java_options, *logging, "kafka.Kafka", properties]

    # ---- Life ----

    def start(self, topics=None):
        """Starts it; returns the seconds until it serves every partition of {topic: partitions}."""
        # Variables that begin so are settings to the daemon.
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("MOLDAU_", "KAFKA_"))}
        began = time.monotonic()
        with self._log.open("ab") as log:
            self._process = process.start(self._command, log, environment)
        admin.wait_until_served(self, topics or {}, START_SECONDS)
        return time.monotonic() - began

    def stop(self):
        """SIGTERM; returns the seconds until its end. One that stops badly, or not, is an error."""
        began = time.monotonic()
        self._process.terminate()
        try:
            status = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"{self.side.name} does not stop\n{self.log_text()}") from None
        self._process = None
        if status not in ((0,) if self.side.is_moldau else (0, 143)):
            raise RuntimeError(f"{self.side.name} stopped with {status}\n{self.log_text()}")
        return time.monotonic() - began

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._process = None

    def close(self):
        """Ends it without ceremony and removes its folder."""
        if self._process is not None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def has_ended(self):
        return self._process is None or self._process.poll() is not None

    # ---- What it says, uses and has on disk ----

    def usage(self):
        return process.Usage(self.pid)

    def files(self, topic):
        """The segments of a topic."""
        return sorted((self.folder / "data").glob(f"{topic}-*/*.log"))

    def log_text(self):
        return self._log.read_text(errors="replace")[-4000:] if self._log.exists() else ""


def _moldau_version():
    try:
        text = subprocess.run([MOLDAU, "version"], capture_output=True, text=True, check=False)
        commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"],
                                capture_output=True, text=True, check=False)
    except OSError:
        return "not built"
    return f"{text.stdout.strip()} {commit.stdout.strip()}".strip()
