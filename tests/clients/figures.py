#!/usr/bin/env python3
"""Prints figures of the broker on this machine: time to ready, memory, throughput, latency.

    figures.py [RECORDS]      records of 1 KiB for each throughput figure (1000000)

The client (franz-go) runs on the same machine and shares its cores. MOLDAU_TEST_BROKER=apache-new
gives the same figures of Apache Kafka. Figures are medians of three where they are quick.
"""

import statistics
import sys
import time

import broker as broker_under_test
from clients import FRANZ_GO, JAVA_NEW

SIZE = 1024


def main():
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    broker = broker_under_test.make()
    try:
        line("start to ready, new folder", f"{started(broker):.0f} ms")
        line("start to ready again", f"{restarted(broker):.0f} ms")
        time.sleep(3)
        line("resident, idle", f"{broker.rss_kib() / 1024:.1f} MiB")
        for acks in ("1", "all"):
            topic = f"produce-{acks}"
            JAVA_NEW.run("admin", broker.bootstrap, "create", topic, 6)
            third = records // 3
            words = [broker.bootstrap, topic, third, SIZE, f"acks={acks}"]
            line(f"produce, acks={acks}", median("measure-produce", words, "mb_per_second"))
            words = [broker.bootstrap, topic, 3 * third, SIZE]
            line(f"consume what was produced with acks={acks}",
                 median("measure-consume", words, "mb_per_second"))
        JAVA_NEW.run("admin", broker.bootstrap, "create", "latency", 1)
        for acks in ("1", "all"):
            words = [broker.bootstrap, "latency", 5000, 100, f"acks={acks}"]
            found, = FRANZ_GO.run("measure-latency", *words, seconds=300)
            line(f"one record at a time, acks={acks}",
                 f"p50 {found['p50_us']} us, p99 {found['p99_us']} us, p99.9 {found['p999_us']} us")
        line("resident, after all this", f"{broker.rss_kib() / 1024:.1f} MiB")
    finally:
        broker.close()
        FRANZ_GO.close()
        JAVA_NEW.close()


def line(name, figure):
    print(f"{name:45} {figure}", flush=True)


def started(broker):
    began = time.monotonic()
    broker.start()
    return (time.monotonic() - began) * 1000


def restarted(broker):
    times = []
    for _ in range(3):
        broker.stop()
        times.append(started(broker))
    return statistics.median(times)


def median(verb, words, field):
    figures = [FRANZ_GO.run(verb, *words, seconds=600)[0][field] for _ in range(3)]
    return f"{statistics.median(figures):.0f} MB/s (1 KiB records)"


if __name__ == "__main__":
    main()
