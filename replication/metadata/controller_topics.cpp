// Creating and deleting topics, adding partitions.
#include <algorithm>
#include <limits>

#include "replication/metadata/controller.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace moldau {
namespace {

constexpr size_t kMaxTopicName = 249;
constexpr const char* kMetadataTopic = "__cluster_metadata";

struct Refusal {
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> message;
};

bool is_legal(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

std::string collision_key(std::string_view name) {
  std::string key(name);
  std::ranges::replace(key, '.', '_');
  return key;
}

// Names in order of first appearance, with how often each comes.
template <class Items, class NameOf>
std::vector<std::pair<std::string, int>> counted(const Items& items, NameOf name_of) {
  std::vector<std::pair<std::string, int>> out;
  std::map<std::string, size_t> index;
  for (const auto& item : items) {
    const std::string& name = name_of(item);
    const auto [it, is_new] = index.try_emplace(name, out.size());
    if (is_new) out.emplace_back(name, 0);
    ++out[it->second].second;
  }
  return out;
}

template <class Result>
void refuse(Result& result, ErrorCode error, std::optional<std::string> message = std::nullopt) {
  result.error_code = code(error);
  result.error_message = std::move(message);
}

void refuse_all(CreateTopicsResponse& response, ErrorCode error, const std::string& message) {
  for (auto& topic : response.topics) {
    CreateTopicsResponse::Topic refused;
    refused.name = topic.name;
    refuse(refused, error, message);
    topic = std::move(refused);
  }
}

}  // namespace

std::optional<std::string> topic_name_error(std::string_view name) {
  std::string reason;
  if (name.empty()) {
    reason = "the empty string is not allowed";
  } else if (name == ".") {
    reason = "'.' is not allowed";
  } else if (name == "..") {
    reason = "'..' is not allowed";
  } else if (name.size() > kMaxTopicName) {
    reason = absl::StrCat("the length of '", std::string(name),
                          "' is longer than the max allowed length ", kMaxTopicName);
  } else if (!std::ranges::all_of(name, is_legal)) {
    reason = absl::StrCat("'", std::string(name),
                          "' contains one or more characters other than ASCII alphanumerics, '.', "
                          "'_' and '-'");
  } else {
    return std::nullopt;
  }
  return absl::StrCat("Topic name is invalid: ", reason);
}

bool topic_names_collide(std::string_view a, std::string_view b) {
  return collision_key(a) == collision_key(b);
}

// Replicas of the partitions to be, or why there are none.
struct Controller::Placement {
  Refusal refusal;
  std::vector<std::vector<int32_t>> replicas;
};

std::vector<int32_t> Controller::active_among(const std::vector<int32_t>& brokers) const {
  std::vector<int32_t> active;
  for (int32_t id : brokers) {
    const BrokerImage* broker = image_.broker(id);
    if (broker != nullptr && !broker->fenced && !broker->in_controlled_shutdown) {
      active.push_back(id);
    }
  }
  return active;
}

// Leaders go round the active brokers; further replicas follow on, fenced brokers last. The first
// broker moves on with the number of topics, so that topics of one partition spread.
Controller::Placement Controller::place(int32_t partitions, int32_t first_partition,
                                        int16_t replication_factor) const {
  std::vector<int32_t> active, rest;
  for (const auto& [id, broker] : image_.brokers()) {
    (broker.fenced || broker.in_controlled_shutdown ? rest : active).push_back(id);
  }
  const auto refused = [&](const std::string& why) {
    return Placement{
        {ErrorCode::kInvalidReplicationFactor,
         absl::StrCat("Unable to replicate the partition ", replication_factor, " time(s): ", why)},
        {}};
  };
  if (active.empty()) {
    return refused("All brokers are currently fenced.");
  }
  const size_t registered = active.size() + rest.size();
  if (static_cast<size_t>(replication_factor) > registered) {
    // In the words of the brokers before KRaft: programs match them.
    return Placement{{ErrorCode::kInvalidReplicationFactor,
                      absl::StrCat("Replication factor: ", replication_factor,
                                   " larger than available brokers: ", registered, ".")},
                     {}};
  }
  Placement placement;
  const size_t start = image_.topics().size() + static_cast<size_t>(first_partition);
  for (size_t p = 0; p < static_cast<size_t>(partitions); ++p) {
    auto& replicas = placement.replicas.emplace_back();
    for (size_t r = 0; r < static_cast<size_t>(replication_factor); ++r) {
      replicas.push_back(r < active.size() ? active[(start + p + r) % active.size()]
                                           : rest[(start + p + r) % rest.size()]);
    }
  }
  return placement;
}

// `expected_replicas`: of the partitions before; 0 if this is the first.
std::optional<std::string> Controller::assignment_error(const std::vector<int32_t>& brokers,
                                                        size_t expected_replicas) const {
  if (brokers.empty()) return "The manual partition assignment includes an empty replica list.";
  std::set<int32_t> seen;
  for (int32_t id : brokers) {
    if (image_.broker(id) == nullptr) {
      return absl::StrCat("The manual partition assignment includes broker ", id,
                          ", but no such broker is registered.");
    }
    if (!seen.insert(id).second) {
      return absl::StrCat("The manual partition assignment includes the broker ", id,
                          " more than once.");
    }
  }
  if (expected_replicas != 0 && brokers.size() != expected_replicas) {
    return absl::StrCat("The manual partition assignment includes a partition with ",
                        brokers.size(),
                        " replica(s), but this is not consistent with previous partitions, which "
                        "have ",
                        expected_replicas, " replica(s).");
  }
  return std::nullopt;
}

PartitionRecord Controller::new_partition(const Uuid& topic_id, int32_t number,
                                          const std::vector<int32_t>& replicas) const {
  PartitionRecord record;
  record.partition_id = number;
  record.topic_id = topic_id;
  record.replicas = replicas;
  record.isr = active_among(replicas);
  record.leader = record.isr.front();
  record.leader_epoch = 0;
  record.partition_epoch = 0;
  // With one directory there is no doubt where the replica goes; else the broker decides.
  for (int32_t id : replicas) {
    const auto& directories = image_.broker(id)->log_dirs;
    record.directories.push_back(directories.size() == 1 ? directories.front() : kDirUnassigned);
  }
  return record;
}

Controller::Placement Controller::place_as_asked(const CreateTopicsRequest::Topic& topic) const {
  const auto refused = [](ErrorCode error, const std::string& why) {
    return Placement{{error, why}, {}};
  };
  if (topic.replication_factor != -1) {
    return refused(ErrorCode::kInvalidRequest,
                   "A manual partition assignment was specified, but replication factor was not "
                   "set to -1.");
  }
  if (topic.num_partitions != -1) {
    return refused(ErrorCode::kInvalidRequest,
                   "A manual partition assignment was specified, but numPartitions was not set to "
                   "-1.");
  }
  std::map<int32_t, std::vector<int32_t>> by_partition;
  size_t replicas = 0;
  for (const auto& assignment : topic.assignments) {
    const int32_t index = assignment.partition_index;
    if (by_partition.contains(index)) {
      return refused(
          ErrorCode::kInvalidReplicaAssignment,
          absl::StrCat("Found multiple manual partition assignments for partition ", index));
    }
    if (auto error = assignment_error(assignment.broker_ids, replicas)) {
      return refused(ErrorCode::kInvalidReplicaAssignment, *error);
    }
    replicas = assignment.broker_ids.size();
    if (active_among(assignment.broker_ids).empty()) {
      return refused(ErrorCode::kInvalidReplicaAssignment,
                     absl::StrCat("All brokers specified in the manual partition assignment for "
                                  "partition ",
                                  index, " are fenced or in controlled shutdown."));
    }
    by_partition[index] = assignment.broker_ids;
  }
  Placement placement;
  for (auto& [index, brokers] : by_partition) {
    if (index != static_cast<int32_t>(placement.replicas.size())) {
      return refused(ErrorCode::kInvalidReplicaAssignment,
                     "partitions should be a consecutive 0-based integer sequence");
    }
    placement.replicas.push_back(std::move(brokers));
  }
  return placement;
}

Controller::Placement Controller::place_topic(const CreateTopicsRequest::Topic& topic) const {
  if (!topic.assignments.empty()) return place_as_asked(topic);
  if (topic.replication_factor < -1 || topic.replication_factor == 0) {
    return {{ErrorCode::kInvalidReplicationFactor,
             "Replication factor must be larger than 0, or -1 to use the default value."},
            {}};
  }
  if (topic.num_partitions < -1 || topic.num_partitions == 0) {
    return {{ErrorCode::kInvalidPartitions,
             "Number of partitions was set to an invalid non-positive value."},
            {}};
  }
  const int32_t partitions =
      topic.num_partitions == -1 ? options_.default_partitions : topic.num_partitions;
  // More than that is refused as a whole; do not even lay them out.
  const int32_t bounded =
      std::min(partitions, static_cast<int32_t>(kMaxRecordsPerUserOperation) + 1);
  return place(bounded, 0,
               topic.replication_factor == -1 ? options_.default_replication_factor
                                              : topic.replication_factor);
}

std::optional<std::string> Controller::name_collision(
    const std::string& name, const std::map<std::string, std::string>& in_request) const {
  if (name.find_first_of("._") == std::string::npos) return std::nullopt;
  const std::string key = collision_key(name);
  if (const auto it = in_request.find(key); it != in_request.end()) return it->second;
  // Names that collide share everything up to their first '.' or '_'.
  const std::string prefix = name.substr(0, name.find_first_of("._"));
  const auto& topics = image_.topics();
  for (auto it = topics.lower_bound(prefix); it != topics.end() && it->first.starts_with(prefix);
       ++it) {
    if (it->first != name && collision_key(it->first) == key) return it->first;
  }
  return std::nullopt;
}

CreateTopicsResponse::Topic Controller::create_topic(const CreateTopicsRequest::Topic& topic,
                                                     std::map<std::string, std::string>& names,
                                                     std::vector<MetadataRecord>& records) const {
  CreateTopicsResponse::Topic result;
  result.name = topic.name;
  const auto refused = [&](ErrorCode error, std::string message) {
    refuse(result, error, std::move(message));
    return result;
  };
  if (auto error = topic_name_error(topic.name)) {
    return refused(ErrorCode::kInvalidTopic, *error);
  }
  if (auto other = name_collision(topic.name, names)) {
    return refused(ErrorCode::kInvalidTopic,
                   absl::StrCat("Topic '", topic.name, "' collides with existing topic: ", *other));
  }
  if (image_.topic(topic.name) != nullptr) {
    return refused(ErrorCode::kTopicAlreadyExists,
                   absl::StrCat("Topic '", topic.name, "' already exists."));
  }

  Configs configs;
  std::vector<std::string> nulls;
  for (const auto& config : topic.configs) {
    if (!config.value) nulls.push_back(config.name);
    configs[config.name] = config.value.value_or("");
  }
  if (!nulls.empty()) {
    return refused(
        ErrorCode::kInvalidConfig,
        absl::StrCat("Null value not supported for topic configs: ", absl::StrJoin(nulls, ",")));
  }
  const ConfigResource resource{ConfigResourceType::kTopic, topic.name};
  if (auto error = options_.configs->error(resource, configs)) {
    return refused(ErrorCode::kInvalidConfig, *error);
  }
  Placement placement = place_topic(topic);
  if (placement.refusal.error != ErrorCode::kNone) {
    return refused(placement.refusal.error, *placement.refusal.message);
  }

  names[collision_key(topic.name)] = topic.name;
  TopicRecord record;
  record.name = topic.name;
  record.topic_id = result.topic_id = options_.new_uuid();
  records.emplace_back(std::move(record));
  for (const auto& [name, value] : configs) {
    ConfigRecord config;
    config.resource_type = static_cast<int8_t>(ConfigResourceType::kTopic);
    config.resource_name = topic.name;
    config.name = name;
    config.value = value;
    records.emplace_back(std::move(config));
  }
  for (size_t i = 0; i < placement.replicas.size(); ++i) {
    records.emplace_back(
        new_partition(result.topic_id, static_cast<int32_t>(i), placement.replicas[i]));
  }
  result.num_partitions = static_cast<int32_t>(placement.replicas.size());
  result.replication_factor = static_cast<int16_t>(placement.replicas.front().size());
  result.configs = options_.configs->describe_topic(configs);
  return result;
}

Decision<CreateTopicsResponse> Controller::create_topics(const CreateTopicsRequest& request) const {
  Decision<CreateTopicsResponse> decision;
  const auto counts =
      counted(request.topics, [](const auto& t) -> const std::string& { return t.name; });
  std::map<std::string, std::string> names;  // Of what this request creates, by collision key.
  for (const auto& [name, count] : counts) {
    auto& result = decision.response.topics.emplace_back();
    result.name = name;
    if (count > 1) {
      refuse(result, ErrorCode::kInvalidRequest, "Duplicate topic name.");
    } else if (name == kMetadataTopic) {
      refuse(result, ErrorCode::kInvalidRequest,
             absl::StrCat("Creation of internal topic ", kMetadataTopic, " is prohibited."));
    } else {
      const auto topic = std::ranges::find(request.topics, name, &CreateTopicsRequest::Topic::name);
      result = create_topic(*topic, names, decision.records);
    }
    if (decision.records.size() > kMaxRecordsPerUserOperation) break;
  }
  if (decision.records.size() > kMaxRecordsPerUserOperation) {
    decision.response.topics.clear();
    for (const auto& [name, count] : counts) decision.response.topics.emplace_back().name = name;
    refuse_all(decision.response, ErrorCode::kPolicyViolation,
               "Excessively large number of partitions per request.");
    decision.records.clear();
  }
  if (request.validate_only) {
    decision.records.clear();
    for (auto& topic : decision.response.topics) topic.topic_id = kZeroUuid;
  }
  return decision;
}

Decision<DeleteTopicsResponse> Controller::delete_topics(const DeleteTopicsRequest& request) const {
  Decision<DeleteTopicsResponse> decision;
  std::vector<DeleteTopicsRequest::Topic> asked = request.topics;
  for (const auto& name : request.topic_names) asked.push_back({.name = name});

  std::map<std::string, int> names;
  std::map<Uuid, int> ids;
  for (const auto& t : asked) {
    if (t.name && t.topic_id == kZeroUuid) ++names[*t.name];
    if (!t.name && t.topic_id != kZeroUuid) ++ids[t.topic_id];
  }
  std::set<std::string> answered_names;
  std::set<Uuid> answered_ids;
  for (const auto& t : asked) {
    const bool by_id = t.topic_id != kZeroUuid;
    if (t.name && !by_id && !answered_names.insert(*t.name).second) continue;
    if (!t.name && by_id && !answered_ids.insert(t.topic_id).second) continue;
    auto& result = decision.response.topics.emplace_back();
    result.name = t.name;
    result.topic_id = t.topic_id;
    if (t.name && by_id) {
      refuse(result, ErrorCode::kInvalidRequest,
             "You may not specify both topic name and topic id.");
      continue;
    }
    if (!t.name && !by_id) {
      refuse(result, ErrorCode::kInvalidRequest, "Neither topic name nor id were specified.");
      continue;
    }
    if ((by_id ? ids[t.topic_id] : names[*t.name]) > 1) {
      refuse(result, ErrorCode::kInvalidRequest,
             by_id ? "Duplicate topic id." : "Duplicate topic name.");
      continue;
    }
    const TopicPointer topic = by_id ? image_.topic(t.topic_id) : image_.topic(*t.name);
    if (topic == nullptr) {
      const ErrorCode error =
          by_id ? ErrorCode::kUnknownTopicId : ErrorCode::kUnknownTopicOrPartition;
      refuse(result, error, default_message(error));
      continue;
    }
    if (!by_id && ids.contains(topic->id)) {
      refuse(result, ErrorCode::kInvalidRequest,
             "The provided topic name maps to an ID that was already supplied.");
      continue;
    }
    result.name = topic->name;
    result.topic_id = topic->id;
    RemoveTopicRecord record;
    record.topic_id = topic->id;
    decision.records.emplace_back(record);
  }
  return decision;
}

CreatePartitionsResponse::Topic Controller::add_partitions(
    const CreatePartitionsRequest::Topic& asked, std::vector<MetadataRecord>& records) const {
  CreatePartitionsResponse::Topic result;
  result.name = asked.name;
  const auto refused = [&](ErrorCode error, std::optional<std::string> message) {
    refuse(result, error, std::move(message));
    return result;
  };
  const TopicPointer topic = image_.topic(asked.name);
  if (topic == nullptr) return refused(ErrorCode::kUnknownTopicOrPartition, std::nullopt);
  const auto have = static_cast<int32_t>(topic->partitions.size());
  if (asked.count == have) {
    return refused(ErrorCode::kInvalidPartitions,
                   absl::StrCat("Topic already has ", have, " partition(s)."));
  }
  if (asked.count < have) {
    return refused(ErrorCode::kInvalidPartitions,
                   absl::StrCat("The topic ", asked.name, " currently has ", have,
                                " partition(s); ", asked.count, " would not be an increase."));
  }
  const int32_t additional = asked.count - have;
  if (asked.assignments && asked.assignments->size() != static_cast<size_t>(additional)) {
    return refused(
        ErrorCode::kInvalidReplicaAssignment,
        absl::StrCat("Attempted to add ", additional, " additional partition(s), but only ",
                     asked.assignments->size(), " assignment(s) were specified."));
  }
  const size_t replication_factor = topic->partitions.front().replicas.size();
  Placement placement;
  if (asked.assignments) {
    for (const auto& assignment : *asked.assignments) {
      if (auto error = assignment_error(assignment.broker_ids, replication_factor)) {
        return refused(ErrorCode::kInvalidReplicaAssignment, *error);
      }
      if (active_among(assignment.broker_ids).empty()) {
        return refused(ErrorCode::kInvalidReplicaAssignment,
                       "All brokers specified in the manual partition assignment for partition " +
                           std::to_string(have + static_cast<int>(placement.replicas.size())) +
                           " are fenced or in controlled shutdown.");
      }
      placement.replicas.push_back(assignment.broker_ids);
    }
  } else {
    const int32_t bounded =
        std::min(additional, static_cast<int32_t>(kMaxRecordsPerUserOperation) + 1);
    placement = place(bounded, have, static_cast<int16_t>(replication_factor));
    if (placement.refusal.error != ErrorCode::kNone) {
      return refused(placement.refusal.error, placement.refusal.message);
    }
  }
  for (size_t i = 0; i < placement.replicas.size(); ++i) {
    records.emplace_back(
        new_partition(topic->id, have + static_cast<int32_t>(i), placement.replicas[i]));
  }
  return result;
}

Decision<CreatePartitionsResponse> Controller::create_partitions(
    const CreatePartitionsRequest& request) const {
  Decision<CreatePartitionsResponse> decision;
  const auto counts =
      counted(request.topics, [](const auto& t) -> const std::string& { return t.name; });
  for (const auto& [name, count] : counts) {
    auto& result = decision.response.topics.emplace_back();
    result.name = name;
    if (count > 1) {
      refuse(result, ErrorCode::kInvalidRequest, "Duplicate topic name.");
      continue;
    }
    const auto topic =
        std::ranges::find(request.topics, name, &CreatePartitionsRequest::Topic::name);
    result = add_partitions(*topic, decision.records);
    if (decision.records.size() > kMaxRecordsPerUserOperation) break;
  }
  if (decision.records.size() > kMaxRecordsPerUserOperation) {
    decision.response.topics.clear();
    for (const auto& [name, count] : counts) {
      auto& result = decision.response.topics.emplace_back();
      result.name = name;
      refuse(result, ErrorCode::kPolicyViolation,
             "Excessively large number of additional partitions per request.");
    }
    decision.records.clear();
  }
  if (request.validate_only) decision.records.clear();
  return decision;
}

}  // namespace moldau
