"""kcat, Debian's: librdkafka from a shell."""

import json
import subprocess

from serve import records, serve, write, write_record

SECONDS = 20


def _kcat(*words, given=None):
    done = subprocess.run(["kcat", *words], input=given, capture_output=True, text=True,
                          timeout=SECONDS, check=False)
    if done.returncode != 0 or "ERROR" in done.stderr:
        raise RuntimeError(f"kcat ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def produce(arguments, options):
    bootstrap, topic, partition, codec, count, prefix = arguments
    # kcat says nothing of offsets: the end of the partition before and after tells.
    acks = options.get("acks", "all")
    before = _end(bootstrap, topic, partition)
    text = "".join(f"{key}\x02{value}\x03" for key, value, _ in records(count, prefix, options))
    _kcat("-P", "-b", bootstrap, "-t", topic, "-p", partition, "-z", codec, "-K", "\x02",
          "-D", "\x03", "-X", f"acks={acks}", "-X", "linger.ms=20",
          "-X", "message.max.bytes=100000000", "-X", "message.timeout.ms=10000",
          "-X", f"enable.idempotence={options.get('idempotence', 'false')}", given=text)
    if acks == "0":
        return
    for offset in range(before, _end(bootstrap, topic, partition)):
        write({"partition": int(partition), "offset": offset})


def _end(bootstrap, topic, partition):
    return _offset(bootstrap, topic, partition, "-1")


def _offset(bootstrap, topic, partition, at):
    text = _kcat("-Q", "-b", bootstrap, "-t", f"{topic}:{partition}:{at}")
    return int(text.strip().rsplit(" ", 1)[1])


def consume(arguments, _options):
    bootstrap, topic, partitions, offset, count = arguments
    for partition in partitions.split(","):
        text = _kcat("-C", "-q", "-J", "-b", bootstrap, "-t", topic, "-p", partition, "-o", offset,
                     "-c", count, "-X", "fetch.wait.max.ms=100")
        for line in text.splitlines():
            record = json.loads(line)
            headers = record.get("headers") or []
            write_record(record["partition"], record["offset"], record["key"], record["payload"],
                         record["ts"], list(zip(headers[::2], headers[1::2])))


def offset_at(arguments, _options):
    write({"offset": _offset(*arguments)})


def topics(arguments, _options):
    found = json.loads(_kcat("-L", "-J", "-b", arguments[0]))
    write({"topics": {topic["topic"]: len(topic["partitions"]) for topic in found["topics"]}})


serve({"produce": produce, "consume": consume, "offset": offset_at, "topics": topics})
