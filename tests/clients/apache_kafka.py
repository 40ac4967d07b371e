#!/usr/bin/env python3
"""A real Apache Kafka on one node (KRaft), started from its jars in build/clients.

It is the reference that the tests themselves are checked against, and the source of log
directories written by Kafka itself.

    apache_kafka.py new|old PORT FOLDER [key=value...]    runs until Ctrl-C; data in FOLDER
"""

import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
INSTALLED = pathlib.Path(os.environ.get("MOLDAU_CLIENTS_DIR", HERE.parent.parent / "build/clients"))
READY = "Kafka Server started"
CLUSTER_ID = "TW9sZGF1VGVzdHNBcGFjaA"


def classpath(version):
    """The jars of kafka-new (4.2) or kafka-old (3.9)."""
    return str(INSTALLED / "java" / f"kafka-{version}" / "*")


def java(version, main, *words, heap="512m", log_level="off"):
    """The command that runs a main class of Kafka's."""
    return ["java", f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            f"-Dorg.slf4j.simpleLogger.defaultLogLevel={log_level}", "-cp", classpath(version),
            main, *map(str, words)]


def write_properties(folder, port, controller_port, overrides):
    """server.properties of a broker that is its own controller; the data is in FOLDER/data."""
    settings = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": f"{folder}/data",
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
        **overrides,
    }
    path = pathlib.Path(folder) / "server.properties"
    path.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
    return path


def prepare(version, folder, port, controller_port, overrides=None):
    """Writes the properties and formats the data folder once; returns the command to start."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    properties = write_properties(folder, port, controller_port, overrides or {})
    if not (folder / "data" / "meta.properties").exists():
        subprocess.run(java(version, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c",
                            properties), check=True, stdout=subprocess.DEVNULL)
    return java(version, "kafka.Kafka", properties, log_level="info")


def main():
    if len(sys.argv) < 4 or sys.argv[1] not in ("new", "old"):
        sys.exit(__doc__)
    version, port, folder, *settings = sys.argv[1:]
    overrides = dict(setting.split("=", 1) for setting in settings)
    command = prepare(version, pathlib.Path(folder).resolve(), int(port), int(port) + 1, overrides)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
