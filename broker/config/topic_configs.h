// Every topic config, with the broker configs that give its default, strongest first: those of
// Apache Kafka 4.4 and the three of Kafka 3 that clients still set. By name. Defaults that differ
// from Kafka's: flush.messages (1: acks=all answers on durable bytes); segment.bytes allows what
// Kafka 3 allowed.
#pragma once

#include "broker/config/definition.h"

namespace moldau {
namespace topic_config_rows {

using enum ConfigType;
using enum UpdateMode;
using enum Support;

inline constexpr TopicConfigDefinition kRows[] = {
    {{"cleanup.policy", kList, "delete", "compact|delete", kClusterWide, kWorks,
      "What happens to old segments: delete drops them by age and size, compact keeps "
      "the last record of each key; both may be named."},
     {{"log.cleanup.policy"}}},
    {{"compression.gzip.level", kInt, "-1", "-1|1..9", kClusterWide, kWorks,
      "Level when the broker compresses with gzip; -1 is zlib's own choice."},
     {{"compression.gzip.level"}}},
    {{"compression.lz4.level", kInt, "9", "1..17", kClusterWide, kWorks,
      "Level when the broker compresses with lz4."},
     {{"compression.lz4.level"}}},
    {{"compression.type", kString, "producer", "uncompressed|zstd|lz4|snappy|gzip|producer",
      kClusterWide, kWorks,
      "How batches are stored: producer keeps what the producer chose, the others "
      "recompress."},
     {{"compression.type"}}},
    {{"compression.zstd.level", kInt, "3", "-131072..22", kClusterWide, kWorks,
      "Level when the broker compresses with zstd."},
     {{"compression.zstd.level"}}},
    {{"delete.retention.ms", kLong, "86400000", "0..", kClusterWide, kAccepted,
      "How long the tombstone of a deleted key stays in a compacted topic, for consumers "
      "that are behind."},
     {{"log.cleaner.delete.retention.ms"}}},
    {{"errors.deadletterqueue.group.enable", kBoolean, "false", "", kClusterWide, kAccepted,
      "Whether share groups may use this topic as their dead-letter queue."},
     {}},
    {{"file.delete.delay.ms", kLong, "60000", "0..", kClusterWide, kWorks,
      "How long files stay on disk after they were deleted from the log."},
     {{"log.segment.delete.delay.ms"}}},
    {{"flush.messages", kLong, "1", "1..", kClusterWide, kWorks,
      "Records after which the log is synced to disk. With 1, Moldau's default, acks=all "
      "is answered once the records are durable; with more, once they are in memory, as "
      "in Kafka."},
     {{"log.flush.interval.messages"}}},
    {{"flush.ms", kLong, "9223372036854775807", "0..", kClusterWide, kWorks,
      "Time after which the log is synced to disk, where flush.messages is not 1."},
     {{"log.flush.interval.ms"}, {"log.flush.scheduler.interval.ms"}}},
    {{"follower.replication.throttled.replicas", kList, "", "", kClusterWide, kAccepted,
      "Replicas whose fetching is throttled, as partition:broker with commas between, or "
      "* for all."},
     {}},
    {{"index.interval.bytes", kInt, "4096", "0..", kClusterWide, kWorks,
      "Bytes of records between two entries of the offset index."},
     {{"log.index.interval.bytes"}}},
    {{"leader.replication.throttled.replicas", kList, "", "", kClusterWide, kAccepted,
      "Replicas that leaders serve throttled, as partition:broker with commas between, "
      "or * for all."},
     {}},
    {{"local.retention.bytes", kLong, "-2", "-2..", kClusterWide, kAccepted,
      "Bytes of a tiered partition kept on the broker; -2 for as many as retention.bytes."},
     {{"log.local.retention.bytes"}}},
    {{"local.retention.ms", kLong, "-2", "-2..", kClusterWide, kAccepted,
      "How long a tiered partition's records stay on the broker; -2 for as long as "
      "retention.ms."},
     {{"log.local.retention.ms"}}},
    {{"max.compaction.lag.ms", kLong, "9223372036854775807", "1..", kClusterWide, kAccepted,
      "After so long a record is compacted however little there is to gain."},
     {{"log.cleaner.max.compaction.lag.ms"}}},
    {{"max.decompressed.message.bytes", kInt, "2147483639", "1..2147483639", kClusterWide,
      kAccepted, "Bytes that a batch may grow to when it is decompressed."},
     {{"max.decompressed.message.bytes"}}},
    {{"max.message.bytes", kInt, "1048588", "0..", kClusterWide, kWorks,
      "The largest batch of records that is taken, after compression."},
     {{"message.max.bytes"}}},
    {{"message.downconversion.enable", kBoolean, "true", "", kClusterWide, kWorks,
      "Whether consumers that only know the message formats 0 and 1 are served, by "
      "conversion."},
     {{"log.message.downconversion.enable"}}},
    {{"message.format.version", kString, "3.0-IV1", "", kClusterWide, kIgnored,
      "Format of the records on disk in Kafka 2. Here it is always format 2."},
     {}},
    {{"message.timestamp.after.max.ms", kLong, "3600000", "0..", kClusterWide, kWorks,
      "How far a record's timestamp may lie in the broker's future."},
     {{"log.message.timestamp.after.max.ms"}}},
    {{"message.timestamp.before.max.ms", kLong, "9223372036854775807", "0..", kClusterWide, kWorks,
      "How far a record's timestamp may lie in the broker's past."},
     {{"log.message.timestamp.before.max.ms"}}},
    {{"message.timestamp.difference.max.ms", kLong, "9223372036854775807", "0..", kClusterWide,
      kIgnored, "Older form of the two limits before and after."},
     {}},
    {{"message.timestamp.type", kString, "CreateTime", "CreateTime|LogAppendTime", kClusterWide,
      kWorks,
      "Whose clock a record's timestamp is from: CreateTime is the producer's, "
      "LogAppendTime the broker's."},
     {{"log.message.timestamp.type"}}},
    {{"min.cleanable.dirty.ratio", kDouble, "0.5", "0..1", kClusterWide, kAccepted,
      "Share of a log that must be uncompacted before it is compacted again."},
     {{"log.cleaner.min.cleanable.ratio"}}},
    {{"min.compaction.lag.ms", kLong, "0", "0..", kClusterWide, kAccepted,
      "A record younger than this is not compacted."},
     {{"log.cleaner.min.compaction.lag.ms"}}},
    {{"min.insync.replicas", kInt, "1", "1..", kClusterWide, kWorks,
      "Replicas, the leader included, that must have a record before acks=all is "
      "answered; with fewer in sync, such writes are refused."},
     {{"min.insync.replicas"}}},
    {{"preallocate", kBoolean, "false", "", kClusterWide, kAccepted,
      "Whether a new segment's file gets its full size at once."},
     {{"log.preallocate"}}},
    {{"remote.copy.lag.bytes", kLong, "-1", "-1..", kClusterWide, kAccepted,
      "Bytes that a closed segment may wait before it goes to tiered storage; -1 follows "
      "local.retention.bytes."},
     {{"log.remote.copy.lag.bytes"}}},
    {{"remote.copy.lag.ms", kLong, "0", "-1..", kClusterWide, kAccepted,
      "How long a closed segment may wait before it goes to tiered storage; -1 follows "
      "local.retention.ms."},
     {{"log.remote.copy.lag.ms"}}},
    {{"remote.log.copy.disable", kBoolean, "false", "", kClusterWide, kAccepted,
      "Whether no more segments of this topic go to tiered storage."},
     {}},
    {{"remote.log.delete.on.disable", kBoolean, "false", "", kClusterWide, kAccepted,
      "Whether its tiered segments go when tiered storage is turned off for the topic."},
     {}},
    {{"remote.storage.enable", kBoolean, "false", "", kClusterWide, kAccepted,
      "Whether this topic uses tiered storage."},
     {}},
    {{"retention.bytes", kLong, "-1", "", kClusterWide, kWorks,
      "Bytes of a partition beyond which its oldest segments are deleted; -1 for no "
      "limit."},
     {{"log.retention.bytes"}}},
    {{"retention.ms", kLong, "604800000", "-1..", kClusterWide, kWorks,
      "How long records are kept; -1 for ever."},
     {{"log.retention.ms"}, {"log.retention.minutes", 60000}, {"log.retention.hours", 3600000}}},
    {{"segment.bytes", kInt, "1073741824", "14..", kClusterWide, kWorks,
      "Size at which a segment is closed and a new one begun."},
     {{"log.segment.bytes"}}},
    {{"segment.index.bytes", kInt, "10485760", "4..", kClusterWide, kWorks,
      "The most that an index file may grow to."},
     {{"log.index.size.max.bytes"}}},
    {{"segment.jitter.ms", kLong, "0", "0..", kClusterWide, kWorks,
      "How much earlier, at random, segments are closed by time, so that not all are at "
      "once."},
     {{"log.roll.jitter.ms"}, {"log.roll.jitter.hours", 3600000}}},
    {{"segment.ms", kLong, "604800000", "1..", kClusterWide, kWorks,
      "Age at which a segment is closed and a new one begun."},
     {{"log.roll.ms"}, {"log.roll.hours", 3600000}}},
    {{"unclean.leader.election.enable", kBoolean, "false", "", kClusterWide, kAccepted,
      "Whether a replica that is not in sync may lead when no other is left, losing "
      "records."},
     {{"unclean.leader.election.enable"}}},
};

}  // namespace topic_config_rows

inline constexpr auto& kTopicConfigs = topic_config_rows::kRows;

}  // namespace moldau
