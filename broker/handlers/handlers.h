// Every request handler: one function an API, each in the file of its name. apis.cpp is the table
// of them.
//
// A handler runs on the shard of its connection, reads the request (whose Bytes borrow from the
// frame) and returns the response. Whatever the response borrows is kept alive with
// RequestContext::keep().
#pragma once

#include "broker/network/request.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/consumer_group_describe.h"
#include "protocol/messages/consumer_group_heartbeat.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_groups.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/describe_groups.h"
#include "protocol/messages/describe_log_dirs.h"
#include "protocol/messages/describe_producers.h"
#include "protocol/messages/describe_topic_partitions.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/leave_group.h"
#include "protocol/messages/list_config_resources.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_delete.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/messages/offset_for_leader_epoch.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/sync_group.h"

#include "boost/asio/awaitable.hpp"

namespace moldau {

namespace asio = boost::asio;

// Records.
asio::awaitable<ProduceResponse> handle_produce(RequestContext&, ProduceRequest&);
asio::awaitable<FetchResponse> handle_fetch(RequestContext&, FetchRequest&);
asio::awaitable<ListOffsetsResponse> handle_list_offsets(RequestContext&, ListOffsetsRequest&);
asio::awaitable<DeleteRecordsResponse> handle_delete_records(RequestContext&,
                                                             DeleteRecordsRequest&);
asio::awaitable<OffsetForLeaderEpochResponse> handle_offset_for_leader_epoch(
    RequestContext&, OffsetForLeaderEpochRequest&);
asio::awaitable<InitProducerIdResponse> handle_init_producer_id(RequestContext&,
                                                                InitProducerIdRequest&);
asio::awaitable<DescribeProducersResponse> handle_describe_producers(RequestContext&,
                                                                     DescribeProducersRequest&);

// The cluster.
asio::awaitable<ApiVersionsResponse> handle_api_versions(RequestContext&, ApiVersionsRequest&);
asio::awaitable<MetadataResponse> handle_metadata(RequestContext&, MetadataRequest&);
asio::awaitable<DescribeClusterResponse> handle_describe_cluster(RequestContext&,
                                                                 DescribeClusterRequest&);
asio::awaitable<DescribeTopicPartitionsResponse> handle_describe_topic_partitions(
    RequestContext&, DescribeTopicPartitionsRequest&);
asio::awaitable<DescribeLogDirsResponse> handle_describe_log_dirs(RequestContext&,
                                                                  DescribeLogDirsRequest&);

// Topics and their configuration.
asio::awaitable<CreateTopicsResponse> handle_create_topics(RequestContext&, CreateTopicsRequest&);
asio::awaitable<DeleteTopicsResponse> handle_delete_topics(RequestContext&, DeleteTopicsRequest&);
asio::awaitable<CreatePartitionsResponse> handle_create_partitions(RequestContext&,
                                                                   CreatePartitionsRequest&);
asio::awaitable<DescribeConfigsResponse> handle_describe_configs(RequestContext&,
                                                                 DescribeConfigsRequest&);
asio::awaitable<AlterConfigsResponse> handle_alter_configs(RequestContext&, AlterConfigsRequest&);
asio::awaitable<IncrementalAlterConfigsResponse> handle_incremental_alter_configs(
    RequestContext&, IncrementalAlterConfigsRequest&);
asio::awaitable<ListConfigResourcesResponse> handle_list_config_resources(
    RequestContext&, ListConfigResourcesRequest&);

// Committed offsets.
asio::awaitable<FindCoordinatorResponse> handle_find_coordinator(RequestContext&,
                                                                 FindCoordinatorRequest&);
asio::awaitable<OffsetCommitResponse> handle_offset_commit(RequestContext&, OffsetCommitRequest&);
asio::awaitable<OffsetFetchResponse> handle_offset_fetch(RequestContext&, OffsetFetchRequest&);
asio::awaitable<OffsetDeleteResponse> handle_offset_delete(RequestContext&, OffsetDeleteRequest&);

// Groups.
asio::awaitable<JoinGroupResponse> handle_join_group(RequestContext&, JoinGroupRequest&);
asio::awaitable<SyncGroupResponse> handle_sync_group(RequestContext&, SyncGroupRequest&);
asio::awaitable<HeartbeatResponse> handle_heartbeat(RequestContext&, HeartbeatRequest&);
asio::awaitable<LeaveGroupResponse> handle_leave_group(RequestContext&, LeaveGroupRequest&);
asio::awaitable<ConsumerGroupHeartbeatResponse> handle_consumer_group_heartbeat(
    RequestContext&, ConsumerGroupHeartbeatRequest&);
asio::awaitable<ListGroupsResponse> handle_list_groups(RequestContext&, ListGroupsRequest&);
asio::awaitable<DescribeGroupsResponse> handle_describe_groups(RequestContext&,
                                                               DescribeGroupsRequest&);
asio::awaitable<ConsumerGroupDescribeResponse> handle_consumer_group_describe(
    RequestContext&, ConsumerGroupDescribeRequest&);
asio::awaitable<DeleteGroupsResponse> handle_delete_groups(RequestContext&, DeleteGroupsRequest&);

}  // namespace moldau
