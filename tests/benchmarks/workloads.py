"""The table of work: what each row does, which figures count, and what it shall reach.

A row's work is a function of a Turn (one broker, one round) that returns figures by the names of
report.FIGURES. Batches are of about 16 KiB, a Java producer's default, unless the title says else.
"""

import dataclasses
import functools
import time
from typing import Callable

import admin
import generators
import machine
import process
from turn import AS_CONFIGURED, FSYNC, PAGE_CACHE

BOTH = ("moldau", "kafka")
WITH_TUNED = ("moldau", "kafka", "kafka-tuned")
OLD = ("moldau", "kafka-3.9")
do = functools.partial


@dataclasses.dataclass(frozen=True)
class Goal:
    """The median of a figure, divided by that of another side, is at least or at most so much."""

    figure: str
    at_least: float | None = None
    at_most: float | None = None
    than: str = "kafka"        # the side
    of_row: str | None = None  # where that side's figure is, if in another row
    absolute: bool = False     # the figure itself, not a ratio

    def is_met_by(self, value):
        return value >= self.at_least if self.at_least is not None else value <= self.at_most


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    title: str
    work: Callable
    figures: tuple
    goals: tuple = ()
    sides: tuple = BOTH
    rounds: int | None = None  # at most, for rows that take long
    by_default: bool = True
    group: str = ""


# ---- Producing -----------------------------------------------------------------------------------

def produce(turn, *, partitions=16, producers=10, record_size=1024, batch_records=16,
            request_batches=4, durability=PAGE_CACHE, acks=1, rate=None, **options):
    figures = {}
    with turn.topic(partitions, durability) as topic, turn.measured(figures):
        figures.update(generators.load(
            turn.broker, "produce", topic, partitions=partitions, producers=producers,
            record_size=record_size, batch_records=batch_records,
            request_batches=min(request_batches, partitions), acks=acks, rate=rate,
            seconds=turn.seconds, **options))
    return figures


# 30 producers, 180 partitions: small batches that go to a partition each, as keys make them.
keyed = do(produce, partitions=180, producers=30, record_size=256, batch_records=1,
                          request_batches=3, keyed=True, acks=-1)


def rdkafka_produce(turn):
    figures = {}
    with turn.topic(16, PAGE_CACHE) as topic, turn.measured(figures):
        figures.update(generators.rdkafka_produce(turn.broker, topic, seconds=turn.seconds,
                                                  record_size=1024, acks=1))
    return figures


def producer_performance(turn, acks, durability):
    figures = {}
    with turn.topic(16, durability) as topic, turn.measured(figures):
        figures.update(generators.producer_performance(turn.broker, topic,
                                                       turn.options.tool_records, 1024, acks))
    return figures


# ---- Consuming -----------------------------------------------------------------------------------

def consume(turn, *, record_size=1024, batch_records=16, partitions=16, consumers=4, hot=True,
            fan_out=False, share=1, **options):
    """Reads a filled topic from its beginning; share: the part of the usual size that it has."""
    records = int(turn.options.fill_mib * share) * process.MIB // record_size
    per_round = partitions * batch_records
    records = -(-records // per_round) * per_round
    topic = turn.filled_topic(f"fill-{record_size}-{partitions}", partitions, records, record_size,
                              batch_records)
    files = turn.broker.files(topic)
    machine.settle()
    (machine.read_into_page_cache if hot else machine.drop_page_cache)(files)
    figures = {}
    with turn.measured(figures):
        figures.update(generators.load(
            turn.broker, "consume", topic, partitions=partitions, consumers=consumers,
            fan_out=fan_out, records=records * (consumers if fan_out else 1), **options))
    return figures


def consume_at_tail(turn, consumers=4, fan_out=False, rate=50_000):
    """Records go in at a fixed rate and out at once; CPU is that of both, bytes those read."""
    figures = {}
    with turn.topic(16, PAGE_CACHE) as topic, turn.measured(figures):
        reader = process.client(generators.load_command(
            turn.broker, "consume", topic, partitions=16, consumers=consumers, fan_out=fan_out,
            seconds=turn.seconds + 0.5, **{"from": "latest"}))
        try:
            time.sleep(0.4)
            generators.load(turn.broker, "produce", topic, partitions=16, producers=10,
                            record_size=1024, batch_records=16, rate=rate, seconds=turn.seconds)
        finally:
            text = process.finish(reader, turn.seconds + 60)
        figures.update(generators.load_figures(text))
    return figures


def sendfile(turn):
    size = turn.options.fill_mib * process.MIB
    return generators.sink(turn.stage.folder, turn.seconds, size, 1 << 20, 4)


def consumer_performance(turn):
    records = turn.options.tool_records
    topic = turn.filled_topic("tool", 16, records // 256 * 256, 1024)
    machine.settle()
    machine.read_into_page_cache(turn.broker.files(topic))
    figures = {}
    with turn.measured(figures):
        figures.update(generators.consumer_performance(
            turn.broker, topic, records // 256 * 256, f"group-{turn.stage.number()}"))
    return figures


# ---- End to end ----------------------------------------------------------------------------------

def end_to_end(turn, rate=None, partitions=16, batch_records=16, producers=10, consumers=4):
    figures = {}
    rate = rate or half_load(turn)
    with turn.topic(partitions, PAGE_CACHE) as topic, turn.measured(figures):
        figures.update(generators.load(
            turn.broker, "end-to-end", topic, partitions=partitions, producers=producers,
            consumers=consumers, record_size=1024, batch_records=batch_records, rate=rate,
            warmup=0.5, seconds=turn.seconds))
    return figures


def half_load(turn):
    """Half of what the slowest of the row's brokers takes: the same rate for all of them."""
    def measure():
        rates = []
        for name in turn.row.sides:
            other = turn.on(name)
            with other.topic(16, PAGE_CACHE) as topic:
                found = generators.load(other.broker, "produce", topic, partitions=16,
                                        producers=10, record_size=1024, batch_records=16,
                                        request_batches=1, acks=1, seconds=turn.seconds)
            rates.append(found["records_per_s"])
        return int(min(rates) / 2)
    return turn.stage.kept(("", "half-load"), measure)


def end_to_end_latency(turn):
    figures = {}
    with turn.topic(1, PAGE_CACHE) as topic, turn.measured(figures):
        figures.update(generators.end_to_end_latency(turn.broker, topic,
                                                     turn.options.tool_records // 200, 100, "1"))
    return figures


# ---- Starting and idling -------------------------------------------------------------------------

_PARTITIONS_A_TOPIC = 1000  # A KRaft controller takes fewer than 10,000 at a time.


def topics_of(partitions):
    count = -(-partitions // _PARTITIONS_A_TOPIC)
    return {f"start-{number}": partitions // count for number in range(count)}


def fill_each(broker, topics):
    """Records for every partition, and the topics if they are not there."""
    for name, partitions in topics.items():
        generators.load(broker, "produce", name, partitions=partitions, record_size=1024,
                        batch_records=1, request_batches=min(partitions, 100),
                        records=10 * partitions)


def start(turn, partitions):
    """From the start of the process until every partition answers, and from SIGTERM to its end."""
    topics = topics_of(partitions)

    def prepare(broker):
        for name, count in topics.items():
            admin.create_topic(broker, name, count)
        fill_each(broker, topics)

    broker = turn.own_broker(prepare)
    machine.settle()
    figures = {"clean_start_ms": 1000 * broker.start(topics)}
    figures["rss_mib"] = broker.usage().figures()["rss_mib"]
    fill_each(broker, topics)
    broker.kill()
    machine.settle()
    figures["kill_start_ms"] = 1000 * broker.start(topics)
    fill_each(broker, topics)
    figures["stop_ms"] = 1000 * broker.stop()
    return figures


def idle(turn, partitions):
    """CPU and memory of a broker that nobody uses, after a while."""
    with turn.fresh_broker() as broker:
        if partitions:
            admin.create_topic(broker, "loaded", partitions)
            generators.load(broker, "produce", "loaded", partitions=partitions, producers=10,
                            record_size=1024, batch_records=4, request_batches=16,
                            rate=20_000, seconds=turn.options.idle_seconds / 2)
        time.sleep(turn.options.idle_seconds / 2)
        usage = broker.usage()
        time.sleep(turn.options.idle_seconds)
        figures = usage.figures()
    figures["cpu_percent"] = 100 * figures["broker_cpu_s"] / figures.pop("wall_s")
    return figures


# ---- The table -----------------------------------------------------------------------------------

def row(name, title, work, figures, *goals, **rest):
    return Row(name, title, work, figures, goals, **rest)


THROUGHPUT = ("mb_per_s", "mb_per_cpu_s", "peak_mib", "written_mib")
LATENCY = ("p50_us", "p99_us", "p999_us", "cpu_percent", "written_mib")
TOOL_LATENCY = ("mean_us", "p50_us", "p99_us", "cpu_percent")
START = ("clean_start_ms", "kill_start_ms", "stop_ms", "rss_mib")
IDLE = ("cpu_percent", "rss_mib")

SWEEP_RATES = (1_000, 20_000, 50_000, 100_000, 200_000, 300_000)

ROWS = (
    row("start-1", "start to ready, 1 partition", do(start, partitions=1), START,
        Goal("clean_start_ms", at_most=1 / 20)),
    row("start-1000", "start to ready, 1,000 partitions", do(start, partitions=1000), START, rounds=3),
    row("start-10000", "start to ready, 10,000 partitions", do(start, partitions=10_000), START,
        Goal("kill_start_ms", at_most=1 / 5), rounds=1),
    row("idle-empty", "idle, empty", do(idle, partitions=0), IDLE,
        Goal("rss_mib", at_most=1 / 10), Goal("cpu_percent", at_most=0.2, absolute=True),
        rounds=1),
    row("idle-1000", "idle, 1,000 partitions loaded", do(idle, partitions=1000), IDLE,
        Goal("rss_mib", at_most=1 / 10), Goal("cpu_percent", at_most=0.2, absolute=True),
        rounds=1),

    row("produce-1k", "produce 1 KiB, acks=1, page cache", produce, THROUGHPUT,
        Goal("mb_per_cpu_s", at_least=3), Goal("mb_per_s", at_least=1), sides=WITH_TUNED),
    row("produce-100b", "produce 100 B, acks=1, page cache",
        do(produce, record_size=100, batch_records=140), THROUGHPUT),
    row("produce-10k", "produce 10 KiB, acks=1, page cache, a record a batch",
        do(produce, record_size=10_240, batch_records=1), THROUGHPUT),
    row("produce-acks0", "produce 1 KiB, acks=0, page cache", do(produce, acks=0), THROUGHPUT),
    row("produce-1x1", "produce 1 KiB, acks=1, one producer, one partition",
        do(produce, partitions=1, producers=1), THROUGHPUT),
    row("produce-1000p", "produce 1 KiB, acks=1, 1,000 partitions",
        do(produce, partitions=1000, request_batches=16), THROUGHPUT),
    row("produce-500", "produce 1 KiB, acks=1, 500 producers",
        do(produce, producers=500, request_batches=1, in_flight=1), THROUGHPUT),
    row("produce-unbatched", "produce 100 B, acks=1, a record a request (linger 0)",
        do(produce, record_size=100, batch_records=1, request_batches=1),
        ("records_per_s", "mb_per_cpu_s", "peak_mib", "written_mib")),
    row("produce-lz4", "produce 1 KiB, acks=1, lz4", do(produce, compression="lz4"), THROUGHPUT),
    row("produce-zstd", "produce 1 KiB, acks=1, zstd", do(produce, compression="zstd"),
        THROUGHPUT),
    row("produce-snappy", "produce 1 KiB, acks=1, snappy", do(produce, compression="snappy"),
        THROUGHPUT, by_default=False),
    row("produce-gzip", "produce 1 KiB, acks=1, gzip", do(produce, compression="gzip"),
        THROUGHPUT, by_default=False),

    row("durable-all", "produce 1 KiB, acks=all: synced here, not in Kafka",
        do(produce, acks=-1, durability=AS_CONFIGURED), THROUGHPUT,
        Goal("mb_per_s", at_least=1), sides=WITH_TUNED),
    row("durable-keyed", "produce keyed over 180 partitions, acks=all: synced here, not in Kafka",
        do(keyed, durability=AS_CONFIGURED), ("records_per_s", "mb_per_cpu_s", "written_mib"),
        Goal("records_per_s", at_least=0.8), sides=WITH_TUNED),
    row("durable-keyed-rate", "the same at 500 records/s of each of 30 producers",
        do(keyed, durability=AS_CONFIGURED, rate=15_000, warmup=0.5), LATENCY),
    row("fsync-all", "produce 1 KiB, acks=all, both synced",
        do(produce, acks=-1, durability=FSYNC), THROUGHPUT, Goal("mb_per_s", at_least=10)),
    row("fsync-keyed", "produce keyed over 180 partitions, acks=all, both synced",
        do(keyed, durability=FSYNC), ("records_per_s", "mb_per_cpu_s", "written_mib"),
        Goal("records_per_s", at_least=10)),

    row("latency-1000", "unbatched produce at 1,000 records/s, page cache",
        do(produce, record_size=100, batch_records=1, request_batches=1, rate=1000, warmup=0.5),
        LATENCY, Goal("p99_us", at_most=1 / 3), sides=WITH_TUNED),
    row("end-to-end-half", "end to end at half of the slower broker's load", end_to_end,
        LATENCY, Goal("p99_us", at_most=1 / 3)),
    row("end-to-end-1000", "end to end, unbatched, 1,000 records/s",
        do(end_to_end, rate=1000, batch_records=1), LATENCY),

    row("sendfile", "a file sent to four sockets, no broker", sendfile, ("mb_per_s", "mb_per_cpu_s"),
        sides=("bare",)),
    row("consume-cache", "consume 1 KiB from the page cache", consume, THROUGHPUT,
        Goal("mb_per_cpu_s", at_least=2),
        Goal("mb_per_s", at_least=0.85, than="bare", of_row="sendfile"), sides=WITH_TUNED),
    row("consume-tail", "consume at the tail, 50,000 records/s", consume_at_tail,
        ("mb_per_s", "mb_per_cpu_s", "cpu_percent"), Goal("mb_per_cpu_s", at_least=2)),
    row("consume-disk", "catch up from the disk, page cache dropped", do(consume, hot=False),
        THROUGHPUT),
    row("consume-20", "20 consumers, each reads the whole topic",
        do(consume, consumers=20, fan_out=True, share=1 / 8), THROUGHPUT),
    row("consume-tail-20", "20 consumers at the tail, 5,000 records/s",
        do(consume_at_tail, consumers=20, fan_out=True, rate=5000),
        ("mb_per_s", "mb_per_cpu_s", "cpu_percent")),

    row("tool-producer", "Kafka's ProducerPerformance, 1 KiB, acks=1",
        do(producer_performance, acks=1, durability=PAGE_CACHE),
        ("mb_per_s", "mb_per_cpu_s", "p50_us", "p99_us"), rounds=3),
    row("tool-producer-all", "Kafka's ProducerPerformance, acks=all: synced here, not in Kafka",
        do(producer_performance, acks="all", durability=AS_CONFIGURED),
        ("mb_per_s", "mb_per_cpu_s", "p50_us", "p99_us"), rounds=3),
    row("tool-consumer", "Kafka's ConsumerPerformance", consumer_performance,
        ("mb_per_s", "mb_per_cpu_s"), rounds=3),
    row("tool-end-to-end", "Kafka's EndToEndLatency, 100 B, acks=1", end_to_end_latency,
        TOOL_LATENCY, rounds=3),
    row("rdkafka-producer", "librdkafka, 1 KiB, acks=1: where the client is the limit",
        rdkafka_produce, ("mb_per_s", "mb_per_cpu_s", "client_cpu_s"), rounds=3),

    *(row(f"sweep-{rate}", f"produce 1 KiB, acks=1, at {rate:,} records/s",
          do(produce, rate=rate, warmup=0.3, request_batches=1),
          ("mb_per_s", "p50_us", "p99_us", "cpu_percent"), group="sweep", rounds=3)
      for rate in SWEEP_RATES),

    row("old-consume", "consume with Fetch v3: records are converted down", do(
        consume, fetch_version=3, share=1 / 4), THROUGHPUT, sides=OLD),
    row("old-produce", "produce with Produce v2: records are converted up",
        do(produce, produce_version=2), THROUGHPUT, sides=OLD),
)
