// One consumer group under test: requests in, answers as a line of text out.
//
// Every event is also given to a second group that was made of the records alone, as after a
// restart: it has to give the same answer and the same records.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/groups/consumer_group.h"
#include "broker/groups/topic_partitions.h"
#include "protocol/records/frame.h"
#include "replication/metadata/image.h"

namespace moldau {

// Topics by name; ids are {1}, {2}, ... in the order of their creation.
class TestCluster {
 public:
  Uuid create(const std::string& name, int32_t partitions) {
    const Uuid id{++last_id_};
    ids_[name] = id;
    change({TopicRecord{.name = name, .topic_id = id}});
    grow(name, 0, partitions);
    return id;
  }
  void grow(const std::string& name, int32_t from, int32_t to) {
    std::vector<MetadataRecord> records;
    for (int32_t p = from; p < to; ++p) {
      PartitionRecord record;
      record.partition_id = p;
      record.topic_id = ids_.at(name);
      record.replicas = record.isr = {1};
      record.leader = 1;
      records.push_back(record);
    }
    change(records);
  }
  void remove(const std::string& name) { change({RemoveTopicRecord{.topic_id = ids_.at(name)}}); }
  void configure(const std::string& group, const std::string& key, const std::string& value) {
    ConfigRecord record;
    record.resource_type = static_cast<int8_t>(ConfigResourceType::kGroup);
    record.resource_name = group;
    record.name = key;
    record.value = value;
    change({record});
  }
  std::shared_ptr<const ClusterImage> image() const {
    return std::make_shared<const ClusterImage>(image_);
  }
  Uuid id(const std::string& name) const { return ids_.at(name); }
  std::string name(const Uuid& id) const {
    for (const auto& [name, known] : ids_)
      if (known == id) return name;
    return "?";
  }

 private:
  void change(const std::vector<MetadataRecord>& records) {
    EXPECT_TRUE(image_.apply(records).ok());
    image_.set_position(image_.offset() + 1, 0);
  }
  ClusterImage image_;
  std::map<std::string, Uuid> ids_;
  uint8_t last_id_ = 0;
};

using Partitions = std::map<std::string, std::vector<int32_t>>;  // By topic name.

class ConsumerGroupTest : public testing::Test {
 protected:
  using Request = ConsumerGroupHeartbeatRequest;

  // --- Requests

  Request joining(const std::string& member, std::vector<std::string> topics) {
    Request request = beating(member, 0);
    request.rebalance_timeout_ms = 60'000;
    request.subscribed_topic_names = std::move(topics);
    request.topic_partitions.emplace();
    return request;
  }
  Request beating(const std::string& member, int32_t epoch) {
    Request request;
    request.group_id = "g";
    request.member_id = member;
    request.member_epoch = epoch;
    return request;
  }
  Request owning(const std::string& member, int32_t epoch, const Partitions& owned) {
    Request request = beating(member, epoch);
    request.topic_partitions.emplace();
    for (const auto& [topic, partitions] : owned)
      request.topic_partitions->push_back(
          {.topic_id = cluster_.id(topic), .partitions = partitions});
    return request;
  }
  std::string join(const std::string& member, std::vector<std::string> topics) {
    return send(joining(member, std::move(topics)));
  }
  std::string beat(const std::string& member, int32_t epoch) {
    return send(beating(member, epoch));
  }
  std::string beat(const std::string& member, int32_t epoch, const Partitions& owned) {
    return send(owning(member, epoch, owned));
  }

  // "member @epoch", with " orders 0 1" for each topic if the answer has an assignment and " -" if
  // that is empty; or the name of the error.
  std::string send(const Request& request, Version version = 1) {
    last_ = std::get<ConsumerGroupHeartbeatResponse>(
        run(ConsumerGroupHeartbeat{.request = request,
                                   .caller = {"client", "/127.0.0.1", version},
                                   .fresh_uuid = "fresh",
                                   .image = cluster_.image()},
            [](ConsumerGroup& group, const auto& event, Time now) {
              return group.heartbeat(7, event, now);
            }));
    return line_of(last_);
  }
  std::string line_of(const ConsumerGroupHeartbeatResponse& response) const {
    if (response.error_code != 0) return name(static_cast<ErrorCode>(response.error_code));
    std::string line = *response.member_id + " @" + std::to_string(response.member_epoch);
    if (!response.assignment) return line;
    if (response.assignment->topic_partitions.empty()) return line + " -";
    for (const auto& topic : response.assignment->topic_partitions) {
      line += " " + cluster_.name(topic.topic_id);
      for (const int32_t partition : topic.partitions) line += " " + std::to_string(partition);
    }
    return line;
  }

  // --- Running

  template <class Event, class Step>
  GroupReply run(const Event& event, Step step) {
    std::optional<ConsumerGroup> twin;
    if (has_twin_) twin = restored();
    GroupOutcome outcome = step(group_, event, now_);
    EXPECT_EQ(outcome.answers.size(), 1u);
    EXPECT_EQ(outcome.answers.at(0).ticket, 7u);
    if (twin) {
      const GroupOutcome again = step(*twin, event, now_);
      EXPECT_EQ(again.records, outcome.records);
      EXPECT_EQ(text_of(again.answers.at(0).reply), text_of(outcome.answers.at(0).reply));
    }
    keep(outcome.records);
    return std::move(outcome.answers.at(0).reply);
  }
  void pass(int64_t ms) {
    now_.wall_ms += ms;
    now_.steady_ms += ms;
    while (group_.wake_at() && *group_.wake_at() <= now_.steady_ms) {
      const GroupOutcome outcome = group_.wake(now_);
      EXPECT_TRUE(outcome.answers.empty());
      keep(outcome.records);
    }
  }
  void restart() { group_ = restored(); }
  ConsumerGroup restored() const {
    ConsumerGroup group("g", limits_);
    // The other way round than they are written: no order of keys may matter.
    for (auto it = log_.rbegin(); it != log_.rend(); ++it)
      group.load({.key = it->first, .value = it->second});
    group.begin(now_);
    return group;
  }
  void keep(const std::vector<CoordinatorRecord>& records) {
    records_ = records;
    for (const auto& record : records) {
      if (record.value) {
        log_[record.key] = *record.value;
      } else {
        log_.erase(record.key);
      }
    }
  }
  static std::string text_of(const GroupReply& reply) {
    return std::visit(
        [](const auto& r) -> std::string {
          if constexpr (requires { r.kApi; }) {
            return debug_string(r, r.kApi.last);
          } else if constexpr (requires { r.response.kApi; }) {
            return debug_string(r.response, r.response.kApi.last);
          } else {
            ADD_FAILURE() << "not an answer of a group";
            return "";
          }
        },
        reply);
  }
  // The types of the records of the last step, "~" before a tombstone: "5 3 7 6 8".
  std::string types() const {
    std::string line;
    for (const auto& record : records_) {
      if (!line.empty()) line += " ";
      if (!record.value) line += "~";
      line += std::to_string(*read_int16_prefix(as_bytes(record.key)));
    }
    return line;
  }

  TestCluster cluster_;
  Time now_{.wall_ms = 1'000'000, .steady_ms = 5'000};
  ConsumerLimits limits_;
  ConsumerGroup group_{"g", limits_};
  bool has_twin_ = true;
  std::map<std::string, std::string> log_;  // Compacted.
  std::vector<CoordinatorRecord> records_;  // Of the last step.
  ConsumerGroupHeartbeatResponse last_;
};

}  // namespace moldau
