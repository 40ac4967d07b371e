#include "broker/apis.h"

#include "broker/broker.h"
#include "broker/handlers/api_versions.h"
#include "broker/handlers/handlers.h"

namespace moldau {
namespace {

ApiVersionsFacts facts_of(Broker& broker) {
  const auto image = broker.image();
  ApiVersionsFacts facts{.cluster_id = broker.cluster_id(),
                         .node_id = broker.node_id(),
                         .finalized_features_epoch = image->offset()};
  facts.supported_features.push_back({.name = kMetadataVersionFeature,
                                      .min_version = kMinMetadataVersion,
                                      .max_version = kMaxMetadataVersion});
  facts.supported_features.push_back(
      {.name = kGroupVersionFeature, .min_version = 0, .max_version = kGroupVersion});
  for (const char* name : {kMetadataVersionFeature, kGroupVersionFeature})
    if (const int16_t level = image->feature(name); level > 0)
      facts.finalized_features.push_back(
          {.name = name, .max_version_level = level, .min_version_level = level});
  return facts;
}

}  // namespace

ApiTable served_apis() {
  std::vector<ServedApi> apis;
  // Records.
  apis.push_back(api<ProduceRequest>(handle_produce, {.overlaps = true}));
  apis.push_back(api<FetchRequest>(handle_fetch));
  apis.push_back(api<ListOffsetsRequest>(handle_list_offsets));
  apis.push_back(api<DeleteRecordsRequest>(handle_delete_records));
  apis.push_back(api<OffsetForLeaderEpochRequest>(handle_offset_for_leader_epoch));
  apis.push_back(api<InitProducerIdRequest>(handle_init_producer_id));
  apis.push_back(api<DescribeProducersRequest>(handle_describe_producers));
  // The cluster.
  apis.push_back(serve_api_versions(facts_of));
  apis.push_back(api<MetadataRequest>(handle_metadata));
  apis.push_back(api<DescribeClusterRequest>(handle_describe_cluster));
  apis.push_back(api<DescribeTopicPartitionsRequest>(handle_describe_topic_partitions));
  apis.push_back(api<DescribeLogDirsRequest>(handle_describe_log_dirs));
  // Topics and their configuration.
  apis.push_back(api<CreateTopicsRequest>(handle_create_topics));
  apis.push_back(api<DeleteTopicsRequest>(handle_delete_topics));
  apis.push_back(api<CreatePartitionsRequest>(handle_create_partitions));
  apis.push_back(api<DescribeConfigsRequest>(handle_describe_configs));
  apis.push_back(api<AlterConfigsRequest>(handle_alter_configs));
  apis.push_back(api<IncrementalAlterConfigsRequest>(handle_incremental_alter_configs));
  apis.push_back(api<ListConfigResourcesRequest>(handle_list_config_resources));
  // Committed offsets.
  apis.push_back(api<FindCoordinatorRequest>(handle_find_coordinator));
  apis.push_back(api<OffsetCommitRequest>(handle_offset_commit));
  apis.push_back(api<OffsetFetchRequest>(handle_offset_fetch));
  apis.push_back(api<OffsetDeleteRequest>(handle_offset_delete));
  // Groups.
  apis.push_back(api<JoinGroupRequest>(handle_join_group));
  apis.push_back(api<SyncGroupRequest>(handle_sync_group));
  apis.push_back(api<HeartbeatRequest>(handle_heartbeat));
  apis.push_back(api<LeaveGroupRequest>(handle_leave_group));
  apis.push_back(api<ConsumerGroupHeartbeatRequest>(handle_consumer_group_heartbeat));
  apis.push_back(api<ListGroupsRequest>(handle_list_groups));
  apis.push_back(api<DescribeGroupsRequest>(handle_describe_groups));
  apis.push_back(api<ConsumerGroupDescribeRequest>(handle_consumer_group_describe));
  apis.push_back(api<DeleteGroupsRequest>(handle_delete_groups));
  return ApiTable(std::move(apis));
}

}  // namespace moldau
