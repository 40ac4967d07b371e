"""The tutorial from its first command to a broker that is killed under the application.

The broker is on 9092 and the application on 6501, as the tutorial has them; TUTORIAL_BROKER_PORT
and TUTORIAL_APP_PORT name others.
"""

import json
import os
import queue
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest

import broker as broker_under_test
import kafka_tools
from clients import HERE, INSTALLED, NODE

BROKER_PORT = int(os.environ.get("TUTORIAL_BROKER_PORT", "9092"))
APP_PORT = int(os.environ.get("TUTORIAL_APP_PORT", "6501"))
CREATE = ["--create", "--zookeeper", "zookeeper:2181", "--replication-factor", "1",
          "--partitions", "1", "--topic", "test-topic"]


class App:
    """The application, as `npm install` and `node app.js` leave it running."""

    def __init__(self):
        folder = INSTALLED / "tutorial"
        shutil.copy(HERE / "tutorial/app.js", folder)
        environment = {**os.environ, "PORT": str(APP_PORT),
                       "KAFKA_HOST": f"localhost:{BROKER_PORT}"}
        self.process = subprocess.Popen([NODE, "app.js"], cwd=folder, env=environment, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.printed = []
        self._lines = queue.Queue()
        threading.Thread(target=self._pump, daemon=True).start()

    def _pump(self):
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    def wait_for(self, text, seconds=20):
        """Waits for a line that holds the text; it counts once."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                line = self._lines.get(timeout=0.1)
            except queue.Empty:
                assert self.process.poll() is None, f"the app ended: {self.printed}"
                continue
            self.printed.append(line)
            if text in line:
                return line
        raise AssertionError(f"no line with {text!r} within {seconds} s: {self.printed}")

    def post(self, message):
        """The status that POST /send-message answers with."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{APP_PORT}/send-message",
            data=json.dumps({"message": message}).encode(),
            headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def close(self):
        self.process.kill()
        self.process.wait()


def create_topic():
    if broker_under_test.KIND == "moldau":
        tool = broker_under_test.BUILD.parent / "kafka-topics.sh"
        words = [str(tool), *CREATE]
        if BROKER_PORT != 9092:
            words += ["--bootstrap-server", f"localhost:{BROKER_PORT}"]
        return subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    # Kafka 3 and later refuse --zookeeper.
    words = [CREATE[0], "--bootstrap-server", f"localhost:{BROKER_PORT}", *CREATE[3:]]
    return kafka_tools.run("topics", *words)


def test_the_tutorial(start_broker):
    if broker_under_test.KIND == "apache-new":
        pytest.skip("Apache Kafka 4 does not serve kafka-node")
    broker = start_broker(
        BROKER_PORT, advertised_listeners=f"PLAINTEXT://localhost:{BROKER_PORT}")
    made = create_topic()
    assert (made.returncode, made.stdout) == (0, "Created topic test-topic.\n"), made.stderr
    if broker_under_test.KIND == "moldau":
        assert len(made.stderr.splitlines()) == 1
        assert "ZooKeeper" in made.stderr and "--bootstrap-server" in made.stderr

    app = App()
    try:
        # The two lines come in either order.
        assert {app.wait_for("")[:9] for _ in range(2)} == {"Producer ", "Listening"}
        for offset in range(3):
            assert app.post("Hello, Kafka!") == 200
            _expect(app, offset, "Hello, Kafka!")

        broker.kill()
        time.sleep(0.5)
        broker.start()
        _carry_on(app)
        assert app.post("And again") == 200
        _expect(app, 4, "And again")
        assert [line for line in app.printed if "Received" in line] == [
            *["Received message from Kafka: Hello, Kafka!"] * 3,
            "Received message from Kafka: Hello again", "Received message from Kafka: And again"]
    finally:
        app.close()


def _expect(app, offset, text):
    """The two lines of one message come in either order."""
    seen = {app.wait_for("essage ") for _ in range(2)}
    assert seen == {f"Message sent: {{ 'test-topic': {{ '0': {offset} }} }}",
                    f"Received message from Kafka: {text}"}


def _carry_on(app):
    """The producer may fail while its connection comes back; then offset 3 is the next."""
    deadline = time.monotonic() + 30
    while app.post("Hello again") != 200:
        assert time.monotonic() < deadline, app.printed
        time.sleep(0.3)
    wanted = {"Message sent: { 'test-topic': { '0': 3 } }",
              "Received message from Kafka: Hello again"}
    while wanted:
        wanted.discard(app.wait_for("essage "))
