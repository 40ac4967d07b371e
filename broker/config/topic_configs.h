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
    {{"cleanup.policy", kList, "delete", "compact|delete", kClusterWide, kWorks, ""},
     {{"log.cleanup.policy"}}},
    {{"compression.gzip.level", kInt, "-1", "-1|1..9", kClusterWide, kWorks, ""},
     {{"compression.gzip.level"}}},
    {{"compression.lz4.level", kInt, "9", "1..17", kClusterWide, kWorks, ""},
     {{"compression.lz4.level"}}},
    {{"compression.type", kString, "producer", "uncompressed|zstd|lz4|snappy|gzip|producer",
      kClusterWide, kWorks, ""},
     {{"compression.type"}}},
    {{"compression.zstd.level", kInt, "3", "-131072..22", kClusterWide, kWorks, ""},
     {{"compression.zstd.level"}}},
    {{"delete.retention.ms", kLong, "86400000", "0..", kClusterWide, kWorks, ""},
     {{"log.cleaner.delete.retention.ms"}}},
    {{"errors.deadletterqueue.group.enable", kBoolean, "false", "", kClusterWide, kAccepted, ""},
     {}},
    {{"file.delete.delay.ms", kLong, "60000", "0..", kClusterWide, kWorks, ""},
     {{"log.segment.delete.delay.ms"}}},
    {{"flush.messages", kLong, "1", "1..", kClusterWide, kWorks, ""},
     {{"log.flush.interval.messages"}}},
    {{"flush.ms", kLong, "9223372036854775807", "0..", kClusterWide, kWorks, ""},
     {{"log.flush.interval.ms"}, {"log.flush.scheduler.interval.ms"}}},
    {{"follower.replication.throttled.replicas", kList, "", "", kClusterWide, kAccepted, ""}, {}},
    {{"index.interval.bytes", kInt, "4096", "0..", kClusterWide, kWorks, ""},
     {{"log.index.interval.bytes"}}},
    {{"leader.replication.throttled.replicas", kList, "", "", kClusterWide, kAccepted, ""}, {}},
    {{"local.retention.bytes", kLong, "-2", "-2..", kClusterWide, kAccepted, ""},
     {{"log.local.retention.bytes"}}},
    {{"local.retention.ms", kLong, "-2", "-2..", kClusterWide, kAccepted, ""},
     {{"log.local.retention.ms"}}},
    {{"max.compaction.lag.ms", kLong, "9223372036854775807", "1..", kClusterWide, kWorks, ""},
     {{"log.cleaner.max.compaction.lag.ms"}}},
    {{"max.decompressed.message.bytes", kInt, "2147483639", "1..2147483639", kClusterWide,
      kAccepted, ""},
     {{"max.decompressed.message.bytes"}}},
    {{"max.message.bytes", kInt, "1048588", "0..", kClusterWide, kWorks, ""},
     {{"message.max.bytes"}}},
    {{"message.downconversion.enable", kBoolean, "true", "", kClusterWide, kWorks, ""},
     {{"log.message.downconversion.enable"}}},
    {{"message.format.version", kString, "3.0-IV1", "", kClusterWide, kIgnored, ""}, {}},
    {{"message.timestamp.after.max.ms", kLong, "3600000", "0..", kClusterWide, kWorks, ""},
     {{"log.message.timestamp.after.max.ms"}}},
    {{"message.timestamp.before.max.ms", kLong, "9223372036854775807", "0..", kClusterWide, kWorks,
      ""},
     {{"log.message.timestamp.before.max.ms"}}},
    {{"message.timestamp.difference.max.ms", kLong, "9223372036854775807", "0..", kClusterWide,
      kIgnored, ""},
     {}},
    {{"message.timestamp.type", kString, "CreateTime", "CreateTime|LogAppendTime", kClusterWide,
      kWorks, ""},
     {{"log.message.timestamp.type"}}},
    {{"min.cleanable.dirty.ratio", kDouble, "0.5", "0..1", kClusterWide, kWorks, ""},
     {{"log.cleaner.min.cleanable.ratio"}}},
    {{"min.compaction.lag.ms", kLong, "0", "0..", kClusterWide, kWorks, ""},
     {{"log.cleaner.min.compaction.lag.ms"}}},
    {{"min.insync.replicas", kInt, "1", "1..", kClusterWide, kWorks, ""},
     {{"min.insync.replicas"}}},
    {{"preallocate", kBoolean, "false", "", kClusterWide, kAccepted, ""}, {{"log.preallocate"}}},
    {{"remote.copy.lag.bytes", kLong, "-1", "-1..", kClusterWide, kAccepted, ""},
     {{"log.remote.copy.lag.bytes"}}},
    {{"remote.copy.lag.ms", kLong, "0", "-1..", kClusterWide, kAccepted, ""},
     {{"log.remote.copy.lag.ms"}}},
    {{"remote.log.copy.disable", kBoolean, "false", "", kClusterWide, kAccepted, ""}, {}},
    {{"remote.log.delete.on.disable", kBoolean, "false", "", kClusterWide, kAccepted, ""}, {}},
    {{"remote.storage.enable", kBoolean, "false", "", kClusterWide, kAccepted, ""}, {}},
    {{"retention.bytes", kLong, "-1", "", kClusterWide, kWorks, ""}, {{"log.retention.bytes"}}},
    {{"retention.ms", kLong, "604800000", "-1..", kClusterWide, kWorks, ""},
     {{"log.retention.ms"}, {"log.retention.minutes", 60000}, {"log.retention.hours", 3600000}}},
    {{"segment.bytes", kInt, "1073741824", "14..", kClusterWide, kWorks, ""},
     {{"log.segment.bytes"}}},
    {{"segment.index.bytes", kInt, "10485760", "4..", kClusterWide, kWorks, ""},
     {{"log.index.size.max.bytes"}}},
    {{"segment.jitter.ms", kLong, "0", "0..", kClusterWide, kWorks, ""},
     {{"log.roll.jitter.ms"}, {"log.roll.jitter.hours", 3600000}}},
    {{"segment.ms", kLong, "604800000", "1..", kClusterWide, kWorks, ""},
     {{"log.roll.ms"}, {"log.roll.hours", 3600000}}},
    {{"unclean.leader.election.enable", kBoolean, "false", "", kClusterWide, kWorks, ""},
     {{"unclean.leader.election.enable"}}},
};
// clang-format on

}  // namespace topic_config_rows

inline constexpr auto& kTopicConfigs = topic_config_rows::kRows;

}  // namespace moldau
