"""The broker under test: started, killed, stopped and restarted by the tests.

MOLDAU_TEST_BROKER says which it is: moldau (the default), apache-new, apache-old.
MOLDAU_BIN names the daemon, MOLDAU_TEST_BOOTSTRAP a broker that is already running.
"""

import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import apache_kafka

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KIND = os.environ.get("MOLDAU_TEST_BROKER", "moldau")
BUILD = pathlib.Path(os.environ.get("MOLDAU_BIN", ROOT / "build/release/moldau")).resolve()
START_SECONDS = 30 if KIND == "moldau" else 90


def free_port():
    """A port that is free and that the kernel gives to no client.

    A client that keeps connecting to a broker that is down could otherwise be given that very port
    for its own end, and be connected to itself.
    """
    low = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(15000, min(low, 32000))
        with socket.socket() as attempt:
            try:
                attempt.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Broker:
    """One broker on a folder of its own. Use start(), kill(), stop(), restart(), close()."""

    can_restart = True

    def __init__(self, port=None, **overrides):
        """overrides: settings of the broker, with _ for each dot in their names."""
        self.port = port or free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="moldau-clients-"))
        self.overrides = {name.replace("_", "."): value for name, value in overrides.items()}
        self.log_path = self.folder / "log.txt"
        self.process = None
        self.peak_rss_kib = 0

    @property
    def data(self):
        return self.folder / "data"

    # ---- What differs between brokers ----

    def command(self):
        settings = {
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "log.dirs": str(self.data),
            **self.overrides,
        }
        words = [str(BUILD), "start", "--config", str(ROOT / "conf/broker.yaml")]
        for key, value in settings.items():
            words += ["--override", f"{key}={value}"]
        return words

    ready_line = "[KafkaServer id=1] started (kafka.server.KafkaServer)"

    # ---- Life ----

    def start(self, wait=True):
        assert self.process is None, "already running"
        command = self.command()
        self._log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        # Variables that begin so are settings to the daemon.
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("MOLDAU_", "KAFKA_"))}
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment,
                                            stdin=subprocess.DEVNULL)
        if wait:
            self.wait_until_ready()
        return self

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            status = self.process.poll()
            if status is not None:
                self.process = None
                raise AssertionError(f"the broker ended with {status}\n" + self.log_text())
            if self._says_ready() and self._accepts():
                return
            time.sleep(0.01)
        self.kill()
        raise AssertionError(f"the broker is not ready after {START_SECONDS} s\n"
                             + self.log_text())

    def _says_ready(self):
        with self.log_path.open("rb") as log:
            log.seek(self._log_start)
            return self.ready_line.encode() in log.read()

    def _accepts(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def kill(self):
        """Kill -9: nothing is flushed, nothing is said."""
        self._note_memory()
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self, seconds=30):
        """SIGTERM; returns the exit status. A broker that does not stop is a failure."""
        self._note_memory()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self.process = None
            raise AssertionError(f"the broker did not stop within {seconds} s\n"
                                 + self.log_text()) from None
        self.process = None
        return status

    def restart(self):
        self.stop()
        return self.start()

    def close(self):
        """Stops what runs, removes the folder; a broker that died or stopped badly is a failure."""
        try:
            if self.process is not None:
                died = self.process.poll()
                assert died is None, f"the broker died with {died}\n{self.log_text()}"
                status = self.stop()
                clean = (0,) if KIND == "moldau" else (0, 143)
                assert status in clean, f"the broker stopped with {status}\n{self.log_text()}"
        finally:
            if self.process is not None and self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            shutil.rmtree(self.folder, ignore_errors=True)

    # ---- What it says and uses ----

    def log_text(self, last=6000):
        text = self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
        return text[-last:]

    def rss_kib(self):
        """Resident memory in KiB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0

    def _note_memory(self):
        try:
            self.peak_rss_kib = max(self.peak_rss_kib, self.rss_kib())
        except OSError:
            pass

    def cpu_seconds(self):
        """Processor time used so far, user and system."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class ApacheBroker(Broker):
    """Apache Kafka in the place of the broker under test."""

    ready_line = apache_kafka.READY

    def __init__(self, port=None, **overrides):
        super().__init__(port, **overrides)
        self.controller_port = free_port()

    def command(self):
        return apache_kafka.prepare(KIND.removeprefix("apache-"), self.folder, self.port,
                                    self.controller_port, self.overrides)


class ExternalBroker:
    """A broker that somebody else runs."""

    can_restart = False

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.port = int(bootstrap.rsplit(":", 1)[1])
        self.overrides = {}

    def start(self):
        return self

    def close(self):
        pass


def make(port=None, **overrides):
    """The broker that the environment asks for, not started yet."""
    if os.environ.get("MOLDAU_TEST_BOOTSTRAP"):
        return ExternalBroker(os.environ["MOLDAU_TEST_BOOTSTRAP"])
    kind = Broker if KIND == "moldau" else ApacheBroker
    return kind(port, **overrides)
