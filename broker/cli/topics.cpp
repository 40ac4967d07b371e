// kafka-topics: creates, lists, describes, alters and deletes topics.
#include <algorithm>
#include <iostream>
#include <map>

#include "broker/cli/json.h"
#include "broker/cli/tool.h"
#include "broker/cli/topic_text.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/describe_topic_partitions.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace moldau::cli {
namespace {

constexpr int8_t kTopicResource = 2;
constexpr int32_t kTimeoutMs = 30'000;

using Topics = std::vector<MetadataResponse::Topic>;

// The topics that --topic names as a regular expression, by name.
absl::StatusOr<Topics> matching_topics(ToolRun& run, Client& client) {
  auto matches = topic_filter(run.options.value("topic"));
  if (!matches.ok()) return matches.status();
  auto metadata = client.metadata(nullptr);
  if (!metadata.ok()) return metadata.status();
  const bool excludes_internal = run.options.has("exclude-internal");
  Topics topics;
  for (auto& topic : metadata->topics)
    if (topic.name && (*matches)(*topic.name) && !(excludes_internal && topic.is_internal))
      topics.push_back(std::move(topic));
  std::ranges::sort(topics, {}, &MetadataResponse::Topic::name);
  return topics;
}

// The same, and an error if there is none though one was asked for.
absl::StatusOr<Topics> expected_topics(ToolRun& run, Client& client) {
  auto topics = matching_topics(run, client);
  const auto name = run.options.value("topic");
  if (topics.ok() && topics->empty() && name && !run.options.has("if-exists"))
    return absl::NotFoundError(absl::StrCat("Topic '", *name, "' does not exist as expected"));
  return topics;
}

absl::Status list(ToolRun& run, Client& client) {
  auto topics = matching_topics(run, client);
  if (!topics.ok()) return topics.status();
  std::vector<std::string> names;
  for (const auto& topic : *topics)
    names.push_back(run.prints_json ? json_string(*topic.name) : *topic.name);
  run.out << (run.prints_json ? json_array(names) : absl::StrJoin(names, "\n")) << '\n';
  return absl::OkStatus();
}

absl::StatusOr<CreateTopicsRequest::Topic> topic_to_create(const ToolRun& run) {
  CreateTopicsRequest::Topic topic{.name = *run.options.value("topic"),
                                   .num_partitions = -1,
                                   .replication_factor = -1,
                                   .assignments = {},
                                   .configs = {}};
  auto partitions = run.options.integer("partitions");
  if (!partitions.ok()) return partitions.status();
  auto replicas = run.options.integer("replication-factor");
  if (!replicas.ok()) return replicas.status();
  if (*partitions && **partitions < 1)
    return absl::InvalidArgumentError("The partitions must be greater than 0");
  if (*replicas && (**replicas < 1 || **replicas > INT16_MAX))
    return absl::InvalidArgumentError(
        "The replication factor must be between 1 and 32767 inclusive");
  if (*partitions) topic.num_partitions = static_cast<int32_t>(**partitions);
  if (*replicas) topic.replication_factor = static_cast<int16_t>(**replicas);
  if (const auto text = run.options.value("replica-assignment")) {
    auto assignment = parse_replica_assignment(*text);
    if (!assignment.ok()) return assignment.status();
    for (size_t i = 0; i < assignment->size(); ++i)
      topic.assignments.push_back(
          {.partition_index = static_cast<int32_t>(i), .broker_ids = (*assignment)[i]});
    topic.num_partitions = topic.replication_factor = -1;
  }
  auto configs = parse_pairs(run.options.values("config"));
  if (!configs.ok()) return configs.status();
  for (auto& [name, value] : *configs) topic.configs.push_back({.name = name, .value = value});
  return topic;
}

absl::Status create(ToolRun& run, Client& client) {
  auto topic = topic_to_create(run);
  if (!topic.ok()) return topic.status();
  const std::string name = topic->name;
  auto reply = client.call<CreateTopicsResponse>(
      CreateTopicsRequest{.topics = {*std::move(topic)}, .timeout_ms = kTimeoutMs},
      Client::kController);
  if (!reply.ok()) return reply.status();
  for (const auto& result : reply->message.topics) {
    absl::Status status = to_status(result.error_code, result.error_message);
    if (absl::IsAlreadyExists(status) && run.options.has("if-not-exists")) return absl::OkStatus();
    if (!status.ok()) return status;
  }
  run.out << "Created topic " << name << ".\n";
  return absl::OkStatus();
}

absl::StatusOr<CreatePartitionsRequest> partitions_to_create(const ToolRun& run,
                                                             const Topics& topics) {
  auto count = run.options.integer("partitions");
  if (!count.ok()) return count.status();
  if (!*count) return wrong_usage("Missing required argument \"[partitions]\"");
  CreatePartitionsRequest request{.topics = {}, .timeout_ms = kTimeoutMs};
  for (const auto& topic : topics) {
    CreatePartitionsRequest::Topic wanted{
        .name = *topic.name, .count = static_cast<int32_t>(**count), .assignments = {}};
    if (const auto text = run.options.value("replica-assignment")) {
      auto assignment = parse_replica_assignment(*text);
      if (!assignment.ok()) return assignment.status();
      wanted.assignments.emplace();
      for (size_t i = topic.partitions.size(); i < assignment->size(); ++i)
        wanted.assignments->push_back({.broker_ids = (*assignment)[i]});
    }
    request.topics.push_back(std::move(wanted));
  }
  return request;
}

absl::Status alter(ToolRun& run, Client& client) {
  auto topics = expected_topics(run, client);
  if (!topics.ok()) return topics.status();
  if (topics->empty()) return absl::OkStatus();
  auto request = partitions_to_create(run, *topics);
  if (!request.ok()) return request.status();
  auto reply = client.call<CreatePartitionsResponse>(*request, Client::kController);
  if (!reply.ok()) return reply.status();
  for (const auto& result : reply->message.topics)
    if (auto s = to_status(result.error_code, result.error_message); !s.ok()) return s;
  return absl::OkStatus();
}

absl::Status remove(ToolRun& run, Client& client) {
  auto topics = expected_topics(run, client);
  if (!topics.ok()) return topics.status();
  if (topics->empty()) return absl::OkStatus();
  DeleteTopicsRequest request{.topics = {}, .topic_names = {}, .timeout_ms = kTimeoutMs};
  for (const auto& topic : *topics) {  // Versions before 6 name them in the second list.
    request.topics.push_back({.name = topic.name});
    request.topic_names.push_back(*topic.name);
  }
  auto reply = client.call<DeleteTopicsResponse>(request, Client::kController);
  if (!reply.ok()) return reply.status();
  for (const auto& result : reply->message.topics)
    if (auto s = to_status(result.error_code, result.error_message); !s.ok()) return s;
  return absl::OkStatus();
}

// What differs from the defaults, by topic.
absl::StatusOr<std::map<std::string, std::vector<ConfigPair>>> topic_configs(Client& client,
                                                                             const Topics& topics) {
  DescribeConfigsRequest request;
  for (const auto& topic : topics)
    request.resources.push_back(
        {.resource_type = kTopicResource, .resource_name = *topic.name, .configuration_keys = {}});
  std::map<std::string, std::vector<ConfigPair>> configs;
  if (topics.empty()) return configs;
  auto reply = client.call<DescribeConfigsResponse>(request);
  if (!reply.ok()) return reply.status();
  for (const auto& result : reply->message.results) {
    if (auto s = to_status(result.error_code, result.error_message); !s.ok()) return s;
    for (const auto& config : result.configs) {
      constexpr int8_t kDefault = 5, kNotSaid = -1;  // Version 0 says is_default alone.
      const bool is_default =
          config.config_source == kNotSaid ? config.is_default : config.config_source == kDefault;
      if (!is_default)
        configs[result.resource_name].push_back({config.name, config.value.value_or("null")});
    }
  }
  return configs;
}

TopicText::Partition partition_text(const MetadataResponse::Partition& partition) {
  return {.index = partition.partition_index,
          .leader = partition.leader_id,
          .replicas = partition.replica_nodes,
          .isr = partition.isr_nodes};
}

// From a broker that knows them: the replicas that may lead though out of sync (KIP-966).
absl::Status add_eligible_replicas(Client& client, std::map<std::string, TopicText>& topics) {
  DescribeTopicPartitionsRequest request;
  for (const auto& [name, topic] : topics) request.topics.push_back({.name = name});
  while (true) {
    auto reply = client.call<DescribeTopicPartitionsResponse>(request);
    if (absl::IsUnimplemented(reply.status())) return absl::OkStatus();
    if (!reply.ok()) return reply.status();
    for (const auto& topic : reply->message.topics)
      for (const auto& partition : topic.partitions)
        for (auto& text : topics[topic.name.value_or("")].partitions) {
          if (text.index != partition.partition_index) continue;
          text.eligible = partition.eligible_leader_replicas.value_or(std::vector<int32_t>{});
          text.last_known_eligible = partition.last_known_elr.value_or(std::vector<int32_t>{});
        }
    if (!reply->message.next_cursor) return absl::OkStatus();
    request.cursor = {.topic_name = reply->message.next_cursor->topic_name,
                      .partition_index = reply->message.next_cursor->partition_index};
  }
}

absl::StatusOr<std::map<std::string, TopicText>> topic_texts(Client& client, const Topics& topics) {
  auto configs = topic_configs(client, topics);
  if (!configs.ok()) return configs.status();
  std::map<std::string, TopicText> texts;
  for (const auto& topic : topics) {
    TopicText text{.name = *topic.name,
                   .topic_id = to_string(topic.topic_id),
                   .configs = (*configs)[*topic.name],
                   .partitions = {}};
    for (const auto& partition : topic.partitions)
      text.partitions.push_back(partition_text(partition));
    std::ranges::sort(text.partitions, {}, &TopicText::Partition::index);
    texts.emplace(*topic.name, std::move(text));
  }
  if (!texts.empty())
    if (auto s = add_eligible_replicas(client, texts); !s.ok()) return s;
  return texts;
}

DescribeFilter describe_filter(const ToolRun& run, const Client& client) {
  DescribeFilter filter{.under_replicated = run.options.has("under-replicated-partitions"),
                        .unavailable = run.options.has("unavailable-partitions"),
                        .under_min_isr = run.options.has("under-min-isr-partitions"),
                        .at_min_isr = run.options.has("at-min-isr-partitions"),
                        .with_overrides = run.options.has("topics-with-overrides")};
  for (const auto& broker : client.last_metadata().brokers)
    filter.live_brokers.push_back(broker.node_id);
  return filter;
}

absl::Status describe(ToolRun& run, Client& client) {
  auto topics = expected_topics(run, client);
  if (!topics.ok()) return topics.status();
  auto texts = topic_texts(client, *topics);
  if (!texts.ok()) return texts.status();
  const DescribeFilter filter = describe_filter(run, client);
  std::vector<std::string> objects;
  for (const auto& [name, text] : *texts) {
    if (run.prints_json) {
      objects.push_back(describe_json(text));
    } else {
      run.out << describe_text(text, filter);
    }
  }
  if (run.prints_json) run.out << json_array(objects) << '\n';
  return absl::OkStatus();
}

struct Action {
  const char* name;
  bool wants_topic;
  absl::Status (*carry_out)(ToolRun&, Client&);
};
constexpr Action kActions[] = {{"list", false, list},
                               {"describe", false, describe},
                               {"create", true, create},
                               {"alter", true, alter},
                               {"delete", true, remove}};

}  // namespace

const std::vector<OptionSpec>& topics_options() {
  using enum OptionKind;
  static const auto* const kOptions = new std::vector<OptionSpec>(with_common_options({
      {"list", kFlag, "prints the names of all topics"},
      {"describe", kFlag, "prints topics with their partitions"},
      {"create", kFlag, "makes a topic"},
      {"alter", kFlag, "gives a topic more partitions"},
      {"delete", kFlag, "deletes a topic"},
      {"topic", kValue, "the topic; a regular expression except with --create"},
      {"topic-id", kValue, ""},
      {"partitions", kValue, "number of partitions; without it the broker's default"},
      {"replication-factor", kValue, "copies of each partition; without it the broker's default"},
      {"replica-assignment", kValue, "brokers of each partition: 1:2,2:3 is two partitions"},
      {"config", kValue, "name=value of the new topic; may be given several times"},
      {"if-exists", kFlag, "a topic that is not there is no error"},
      {"if-not-exists", kFlag, "a topic that is there already is no error"},
      {"exclude-internal", kFlag, "leaves out the broker's own topics"},
      {"under-replicated-partitions", kFlag, "describes only partitions with replicas behind"},
      {"unavailable-partitions", kFlag, "describes only partitions without a leader"},
      {"under-min-isr-partitions", kFlag, "describes only partitions below min.insync.replicas"},
      {"at-min-isr-partitions", kFlag, "describes only partitions at min.insync.replicas"},
      {"topics-with-overrides", kFlag, "describes only topics with configs of their own"},
      {"broker-list", kValue, ""},
      {"force", kFlag, ""},
      {"disable-rack-aware", kFlag, ""},
      {"partition-size-limit-per-response", kValue, ""},
  }));
  return *kOptions;
}

absl::Status run_topics(ToolRun& run) {
  const Action* chosen = nullptr;
  int count = 0;
  for (const auto& action : kActions) {
    if (!run.options.has(action.name)) continue;
    chosen = &action;
    ++count;
  }
  if (count != 1)
    return wrong_usage(
        "Command must include exactly one action: --list, --describe, --create, --alter or "
        "--delete");
  if (chosen->wants_topic && !run.options.has("topic"))
    return wrong_usage("Missing required argument \"[topic]\"");
  auto client = run.connect();
  if (!client.ok()) return client.status();
  return chosen->carry_out(run, **client);
}

}  // namespace moldau::cli
