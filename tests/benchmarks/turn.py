"""One turn: one row of the table, run on one broker once. What the rows are written with.

Brokers outlive turns: a JVM is fast only when it has run for a while.
"""

import contextlib
import itertools
import pathlib
import shutil

import admin
import brokers
import generators
import machine

PAGE_CACHE = {"flush.messages": brokers.NEVER}  # Both answer from memory.
FSYNC = {"flush.messages": 1}                   # Both have the records on the disk when they answer.
AS_CONFIGURED = {}                              # Moldau syncs, Apache Kafka does not.


class Stage:
    """The brokers of a run and what was prepared on them."""

    def __init__(self, folder, options):
        self.folder = pathlib.Path(folder)
        self.options = options
        self._numbers = itertools.count(1)
        self._running = {}
        self._kept = {}
        self._all = []

    def new_broker(self, side):
        broker = brokers.Broker(side, self.folder / f"{side.name}-{next(self._numbers)}")
        self._all.append(broker)
        return broker

    def running(self, side):
        """The broker of this side that most rows share, warmed up when it is new."""
        if side.name in self._running and self._running[side.name].has_ended():
            self._end_running(side.name)
        if side.name not in self._running:
            broker = self.new_broker(side)
            self._running[side.name] = broker
            broker.start()
            self._warm_up(broker)
        return self._running[side.name]

    def _warm_up(self, broker):
        seconds = self.options.warmup_seconds
        admin.create_topic(broker, "warm-up", 16, PAGE_CACHE)
        generators.load(broker, "produce", "warm-up", partitions=16, producers=10, seconds=seconds,
                        record_size=1024, batch_records=16, rate=60_000)
        generators.load(broker, "produce", "warm-up", partitions=16, producers=10,
                        seconds=seconds / 4, record_size=100, batch_records=1, keyed=True)
        generators.load(broker, "consume", "warm-up", partitions=16, consumers=4,
                        records=int(30_000 * seconds))
        admin.delete_topic(broker, "warm-up")

    def kept(self, key, make):
        """What was made for this key before, or is made now."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def number(self):
        return next(self._numbers)

    def retire(self, broker):
        broker.close()
        self._all.remove(broker)

    def keep_only(self, names):
        """Ends the shared brokers that no later row needs."""
        for name in [name for name in self._running if name not in names]:
            self._end_running(name)

    def _end_running(self, name):
        """Its topics go with it; a broker that a row has for itself stays."""
        self.retire(self._running.pop(name))
        self._kept = {key: one for key, one in self._kept.items()
                      if key[0] != name or isinstance(one, brokers.Broker)}

    def forget(self, row_name):
        """Ends the brokers that were kept for one row."""
        for key in [key for key in self._kept if key[1] == row_name]:
            one = self._kept.pop(key)
            if isinstance(one, brokers.Broker):
                self.retire(one)

    def close(self):
        for broker in self._all:
            broker.close()
        self._all.clear()
        shutil.rmtree(self.folder, ignore_errors=True)


class Turn:
    def __init__(self, stage, side, row):
        self.stage = stage
        self.side = side
        self.row = row

    @property
    def options(self):
        return self.stage.options

    @property
    def seconds(self):
        return self.options.seconds

    @property
    def broker(self):
        return self.stage.running(self.side)

    @contextlib.contextmanager
    def topic(self, partitions, durability):
        """A new topic, gone afterwards."""
        name = f"{self.row.name}-{self.stage.number()}"
        admin.create_topic(self.broker, name, partitions, durability)
        try:
            machine.settle()
            yield name
        finally:
            if not self.broker.has_ended():
                admin.delete_topic(self.broker, name)

    def filled_topic(self, key, partitions, records, record_size, batch_records=16):
        """A topic with so many records, the same one in every turn on this side."""
        def make():
            name = f"{key}-{self.stage.number()}"
            admin.create_topic(self.broker, name, partitions, PAGE_CACHE)
            # Each partition gets the same number of batches.
            generators.load(self.broker, "produce", name, partitions=partitions,
                            producers=min(partitions, 16), record_size=record_size,
                            batch_records=batch_records, records=records)
            return name
        return self.stage.kept((self.side.name, key, records), make)

    @contextlib.contextmanager
    def measured(self, figures):
        """Adds to the figures what the broker uses meanwhile, where the client did not say."""
        usage = self.broker.usage()
        yield
        figures.update({**usage.figures(), **figures})
        wall = figures.pop("wall_s")
        if "mb" in figures and figures["broker_cpu_s"] > 0:
            figures["mb_per_cpu_s"] = figures["mb"] / figures["broker_cpu_s"]
        figures["cpu_percent"] = 100 * figures["broker_cpu_s"] / figures.get("seconds", wall)

    def own_broker(self, prepare):
        """A stopped broker that only this row has; prepare(broker) once, with it running."""
        def make():
            broker = self.stage.new_broker(self.side)
            try:
                broker.start()
                prepare(broker)
                broker.stop()
            except BaseException:
                self.stage.retire(broker)
                raise
            return broker
        return self.stage.kept((self.side.name, self.row.name), make)

    @contextlib.contextmanager
    def fresh_broker(self):
        broker = self.stage.new_broker(self.side)
        try:
            broker.start()
            yield broker
        finally:
            self.stage.retire(broker)

    def on(self, side_name):
        """The same row on another side."""
        return Turn(self.stage, brokers.SIDES[side_name], self.row)
