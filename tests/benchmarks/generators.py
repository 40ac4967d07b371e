"""The clients that make the work: ours, Apache Kafka's own performance tools, one on librdkafka.

Each function runs one and returns figures under the names of report.FIGURES.
"""

import json
import os
import pathlib
import re

import brokers
import process

_BUILD = pathlib.Path(os.environ.get("MOLDAU_BENCH_BUILD", brokers.ROOT / "build/release"))
_GRACE_SECONDS = 120
MB = 1e6


def _binary(name):
    found = [path for path in (_BUILD / name, *_BUILD.glob(f"tests/**/{name}")) if path.is_file()]
    if not found:
        raise RuntimeError(f"{name} is not in {_BUILD}: run.sh builds it")
    return found[0]


# ---- Ours ----

def load_command(broker, work, topic, **options):
    """moldau_load's command line; an option that is None or False is left out."""
    words = [_binary("moldau_load"), work, "--bootstrap", broker.bootstrap, "--topic", topic,
             "--watch", broker.pid]
    return words + _options(options)


def _options(options):
    words = []
    for name, value in options.items():
        if value is None or value is False:
            continue
        words.append("--" + name.replace("_", "-"))
        if value is not True:
            words.append(str(value))
    return words


def load(broker, work, topic, **options):
    seconds = options.get("seconds") or 0
    return load_figures(process.run(load_command(broker, work, topic, **options),
                                    seconds + _GRACE_SECONDS))


def load_figures(text):
    """Figures of what moldau_load printed; lost work is an error, not a figure."""
    found = json.loads(text)
    if found.get("errors"):
        raise RuntimeError(f"moldau_load counted errors: {text.strip()}")
    if not found["bytes"]:
        raise RuntimeError(f"nothing went through: {text.strip()}")
    figures = {"mb": found["bytes"] / MB, "records": found["records"],
               "seconds": found["seconds"],
               "mb_per_s": found["bytes"] / MB / found["seconds"],
               "records_per_s": found["records"] / found["seconds"],
               "client_cpu_s": found["client_cpu_s"]}
    figures.update({f"{name}_us": found["latency_us"][name]
                    for name in ("p50", "p90", "p99", "p999", "max") if "latency_us" in found})
    if "server" in found:
        figures.update(_server_figures(found["server"]))
    return figures


def _server_figures(server):
    """What the broker used in the very stretch that was counted."""
    return {"broker_cpu_s": server["cpu_s"], "rss_mib": server["rss_bytes"] / process.MIB,
            "peak_mib": server["peak_rss_bytes"] / process.MIB,
            "written_mib": server["written_bytes"] / process.MIB}


def sink(folder, seconds, size_bytes, chunk_bytes, connections):
    """The limit of the kernel: a file sent to sockets and nothing else."""
    words = [_binary("moldau_load"), "sink",
             *_options({"folder": folder, "seconds": seconds, "size": size_bytes,
                        "chunk": chunk_bytes, "connections": connections})]
    figures = load_figures(process.run(words, seconds + _GRACE_SECONDS))
    figures["mb_per_cpu_s"] = figures["mb"] / figures["broker_cpu_s"]
    return figures


# ---- librdkafka ----

def rdkafka_produce(broker, topic, **options):
    words = [_binary("rdkafka_produce"), "--bootstrap", broker.bootstrap, "--topic", topic,
             *_options(options)]
    return load_figures(process.run(words, options["seconds"] + _GRACE_SECONDS))


# ---- Apache Kafka's own ----

def _tool(name, *words):
    return ["java", "-Xmx512M", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp",
            f"{brokers.JARS / 'tools'}/*", f"org.apache.kafka.tools.{name}", *words]


_PRODUCED = re.compile(r"^(\d+) records sent, ([\d.]+) records/sec \(([\d.]+) MB/sec\), "
                       r"[\d.]+ ms avg latency, ([\d.]+) ms max latency, (\d+) ms 50th, "
                       r"\d+ ms 95th, (\d+) ms 99th, (\d+) ms 99\.9th", re.MULTILINE)


def producer_performance(broker, topic, records, record_size, acks):
    text = process.run(_tool("ProducerPerformance", "--bootstrap-server", broker.bootstrap,
                             "--topic", topic, "--num-records", records, "--record-size",
                             record_size, "--throughput", -1, "--command-property",
                             f"acks={acks}"), 600)
    found = _PRODUCED.findall(text)
    if not found or int(found[-1][0]) != records:
        raise RuntimeError(f"ProducerPerformance: {text[-2000:]}")
    _, rate, _, greatest, half, p99, p999 = found[-1]
    return {"mb": records * record_size / MB, "records": records, "records_per_s": float(rate),
            "mb_per_s": float(rate) * record_size / MB, "p50_us": 1000 * float(half),
            "p99_us": 1000 * float(p99), "p999_us": 1000 * float(p999),
            "max_us": 1000 * float(greatest)}


def consumer_performance(broker, topic, records, group):
    text = process.run(_tool("ConsumerPerformance", "--bootstrap-server", broker.bootstrap,
                             "--topic", topic, "--num-records", records, "--group", group,
                             "--hide-header"), 600)
    # start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s
    lines = [line.split(", ") for line in text.splitlines() if line.count(", ") == 9]
    if not lines or int(lines[-1][4]) < records:
        raise RuntimeError(f"ConsumerPerformance: {text[-2000:]}")
    mebibytes, fetch_rate = float(lines[-1][2]), float(lines[-1][8])
    return {"mb": mebibytes * process.MIB / MB, "records": int(lines[-1][4]),
            "mb_per_s": fetch_rate * process.MIB / MB, "records_per_s": float(lines[-1][9])}


_PERCENTILES = re.compile(r"Percentiles: 50th = (\d+), 99th = (\d+), 99\.9th = (\d+)")
_AVERAGE = re.compile(r"Avg latency: ([\d.]+) ms")


def end_to_end_latency(broker, topic, records, record_size, acks):
    """The tool rounds percentiles down to milliseconds; its mean is exact."""
    text = process.run(_tool("EndToEndLatency", "--bootstrap-server", broker.bootstrap, "--topic",
                             topic, "--num-records", records, "--producer-acks", acks,
                             "--record-size", record_size), 600)
    percentiles, average = _PERCENTILES.search(text), _AVERAGE.search(text)
    if not percentiles or not average:
        raise RuntimeError(f"EndToEndLatency: {text[-2000:]}")
    half, p99, p999 = (1000 * int(value) for value in percentiles.groups())
    return {"mean_us": 1000 * float(average.group(1)), "p50_us": half, "p99_us": p99,
            "p999_us": p999, "records": records}
