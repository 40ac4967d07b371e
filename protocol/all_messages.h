// The list of all messages. It drives ApiVersions (apis.h), instantiation (messages_*.cpp), golden
// tests and fuzzing: a message that is not listed here can not be encoded.
//
// Heavy to include. apis.h answers which APIs there are.
#pragma once

#include "protocol/messages/add_offsets_to_txn.h"
#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/add_raft_voter.h"
#include "protocol/messages/allocate_producer_ids.h"
#include "protocol/messages/alter_client_quotas.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/alter_partition.h"
#include "protocol/messages/alter_partition_reassignments.h"
#include "protocol/messages/alter_replica_log_dirs.h"
#include "protocol/messages/alter_share_group_offsets.h"
#include "protocol/messages/alter_user_scram_credentials.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/assign_replicas_to_dirs.h"
#include "protocol/messages/begin_quorum_epoch.h"
#include "protocol/messages/broker_heartbeat.h"
#include "protocol/messages/broker_registration.h"
#include "protocol/messages/consumer_group_describe.h"
#include "protocol/messages/consumer_group_heartbeat.h"
#include "protocol/messages/controlled_shutdown.h"
#include "protocol/messages/controller_registration.h"
#include "protocol/messages/create_acls.h"
#include "protocol/messages/create_delegation_token.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_acls.h"
#include "protocol/messages/delete_groups.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/delete_share_group_offsets.h"
#include "protocol/messages/delete_share_group_state.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_acls.h"
#include "protocol/messages/describe_client_quotas.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/describe_delegation_token.h"
#include "protocol/messages/describe_groups.h"
#include "protocol/messages/describe_log_dirs.h"
#include "protocol/messages/describe_producers.h"
#include "protocol/messages/describe_quorum.h"
#include "protocol/messages/describe_share_group_offsets.h"
#include "protocol/messages/describe_topic_partitions.h"
#include "protocol/messages/describe_transactions.h"
#include "protocol/messages/describe_user_scram_credentials.h"
#include "protocol/messages/elect_leaders.h"
#include "protocol/messages/end_quorum_epoch.h"
#include "protocol/messages/end_txn.h"
#include "protocol/messages/envelope.h"
#include "protocol/messages/expire_delegation_token.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/fetch_snapshot.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/get_telemetry_subscriptions.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/initialize_share_group_state.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/leader_and_isr.h"
#include "protocol/messages/leave_group.h"
#include "protocol/messages/list_config_resources.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/list_partition_reassignments.h"
#include "protocol/messages/list_transactions.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_delete.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/messages/offset_for_leader_epoch.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/push_telemetry.h"
#include "protocol/messages/read_share_group_state.h"
#include "protocol/messages/read_share_group_state_summary.h"
#include "protocol/messages/remove_raft_voter.h"
#include "protocol/messages/renew_delegation_token.h"
#include "protocol/messages/sasl_authenticate.h"
#include "protocol/messages/sasl_handshake.h"
#include "protocol/messages/share_acknowledge.h"
#include "protocol/messages/share_fetch.h"
#include "protocol/messages/share_group_describe.h"
#include "protocol/messages/share_group_heartbeat.h"
#include "protocol/messages/stop_replica.h"
#include "protocol/messages/streams_group_describe.h"
#include "protocol/messages/streams_group_heartbeat.h"
#include "protocol/messages/streams_group_topology_description_update.h"
#include "protocol/messages/sync_group.h"
#include "protocol/messages/txn_offset_commit.h"
#include "protocol/messages/unregister_broker.h"
#include "protocol/messages/unregister_controller.h"
#include "protocol/messages/update_features.h"
#include "protocol/messages/update_metadata.h"
#include "protocol/messages/update_raft_voter.h"
#include "protocol/messages/vote.h"
#include "protocol/messages/write_share_group_state.h"
#include "protocol/messages/write_txn_markers.h"
#include "protocol/metadata_records/abort_transaction.h"
#include "protocol/metadata_records/access_control_entry.h"
#include "protocol/metadata_records/begin_transaction.h"
#include "protocol/metadata_records/broker_registration_change.h"
#include "protocol/metadata_records/clear_elr.h"
#include "protocol/metadata_records/client_quota.h"
#include "protocol/metadata_records/config.h"
#include "protocol/metadata_records/delegation_token.h"
#include "protocol/metadata_records/end_transaction.h"
#include "protocol/metadata_records/feature_level.h"
#include "protocol/metadata_records/fence_broker.h"
#include "protocol/metadata_records/no_op.h"
#include "protocol/metadata_records/partition.h"
#include "protocol/metadata_records/partition_change.h"
#include "protocol/metadata_records/producer_ids.h"
#include "protocol/metadata_records/register_broker.h"
#include "protocol/metadata_records/register_controller.h"
#include "protocol/metadata_records/remove_access_control_entry.h"
#include "protocol/metadata_records/remove_delegation_token.h"
#include "protocol/metadata_records/remove_topic.h"
#include "protocol/metadata_records/remove_user_scram_credential.h"
#include "protocol/metadata_records/topic.h"
#include "protocol/metadata_records/unfence_broker.h"
#include "protocol/metadata_records/unregister_broker.h"
#include "protocol/metadata_records/unregister_controller.h"
#include "protocol/metadata_records/user_scram_credential.h"
#include "protocol/records/consumer_group_current_member_assignment.h"
#include "protocol/records/consumer_group_member_metadata.h"
#include "protocol/records/consumer_group_metadata.h"
#include "protocol/records/consumer_group_partition_metadata.h"
#include "protocol/records/consumer_group_regular_expression.h"
#include "protocol/records/consumer_group_target_assignment_member.h"
#include "protocol/records/consumer_group_target_assignment_metadata.h"
#include "protocol/records/consumer_protocol_assignment.h"
#include "protocol/records/consumer_protocol_subscription.h"
#include "protocol/records/control_record_type.h"
#include "protocol/records/default_principal.h"
#include "protocol/records/end_txn_marker.h"
#include "protocol/records/group_metadata.h"
#include "protocol/records/kraft_version.h"
#include "protocol/records/leader_change.h"
#include "protocol/records/offset_commit.h"
#include "protocol/records/share_group_current_member_assignment.h"
#include "protocol/records/share_group_member_metadata.h"
#include "protocol/records/share_group_metadata.h"
#include "protocol/records/share_group_state_partition_metadata.h"
#include "protocol/records/share_group_target_assignment_member.h"
#include "protocol/records/share_group_target_assignment_metadata.h"
#include "protocol/records/share_snapshot.h"
#include "protocol/records/share_update.h"
#include "protocol/records/snapshot_footer.h"
#include "protocol/records/snapshot_header.h"
#include "protocol/records/streams_group_current_member_assignment.h"
#include "protocol/records/streams_group_member_metadata.h"
#include "protocol/records/streams_group_metadata.h"
#include "protocol/records/streams_group_target_assignment_member.h"
#include "protocol/records/streams_group_target_assignment_metadata.h"
#include "protocol/records/streams_group_topology.h"
#include "protocol/records/transaction_log.h"
#include "protocol/records/voters.h"

// clang-format off

// Records, transactions, and what every client asks first.
#define MOLDAU_DATA_APIS(X) \
  X(Produce) X(Fetch) X(ListOffsets) X(Metadata) X(SaslHandshake) X(ApiVersions) \
  X(DeleteRecords) X(InitProducerId) X(OffsetForLeaderEpoch) X(AddPartitionsToTxn) \
  X(AddOffsetsToTxn) X(EndTxn) X(WriteTxnMarkers) X(TxnOffsetCommit) X(SaslAuthenticate) \
  X(DescribeProducers) X(DescribeTransactions) X(ListTransactions) X(AllocateProducerIds) \
  X(GetTelemetrySubscriptions) X(PushTelemetry) X(DescribeTopicPartitions)

// Groups, their offsets, and the state of share partitions.
#define MOLDAU_GROUP_APIS(X) \
  X(OffsetCommit) X(OffsetFetch) X(FindCoordinator) X(JoinGroup) X(Heartbeat) X(LeaveGroup) \
  X(SyncGroup) X(DescribeGroups) X(ListGroups) X(DeleteGroups) X(OffsetDelete) \
  X(ConsumerGroupHeartbeat) X(ConsumerGroupDescribe) X(ShareGroupHeartbeat) \
  X(ShareGroupDescribe) X(ShareFetch) X(ShareAcknowledge) X(InitializeShareGroupState) \
  X(ReadShareGroupState) X(WriteShareGroupState) X(DeleteShareGroupState) \
  X(ReadShareGroupStateSummary) X(StreamsGroupHeartbeat) X(StreamsGroupDescribe) \
  X(DescribeShareGroupOffsets) X(AlterShareGroupOffsets) X(DeleteShareGroupOffsets) \
  X(StreamsGroupTopologyDescriptionUpdate)

// Topics, settings, access rules, quotas, credentials.
#define MOLDAU_ADMIN_APIS(X) \
  X(CreateTopics) X(DeleteTopics) X(DescribeAcls) X(CreateAcls) X(DeleteAcls) X(DescribeConfigs) \
  X(AlterConfigs) X(AlterReplicaLogDirs) X(DescribeLogDirs) X(CreatePartitions) \
  X(CreateDelegationToken) X(RenewDelegationToken) X(ExpireDelegationToken) \
  X(DescribeDelegationToken) X(IncrementalAlterConfigs) X(DescribeClientQuotas) \
  X(AlterClientQuotas) X(DescribeUserScramCredentials) X(AlterUserScramCredentials) \
  X(ListConfigResources)

// Brokers, controllers and the metadata quorum.
#define MOLDAU_CLUSTER_APIS(X) \
  X(LeaderAndIsr) X(StopReplica) X(UpdateMetadata) X(ControlledShutdown) X(ElectLeaders) \
  X(AlterPartitionReassignments) X(ListPartitionReassignments) X(Vote) X(BeginQuorumEpoch) \
  X(EndQuorumEpoch) X(DescribeQuorum) X(AlterPartition) X(UpdateFeatures) X(Envelope) \
  X(FetchSnapshot) X(DescribeCluster) X(BrokerRegistration) X(BrokerHeartbeat) \
  X(UnregisterBroker) X(ControllerRegistration) X(AssignReplicasToDirs) X(AddRaftVoter) \
  X(RemoveRaftVoter) X(UpdateRaftVoter) X(UnregisterController)

#define MOLDAU_APIS(X) \
  MOLDAU_DATA_APIS(X) MOLDAU_GROUP_APIS(X) MOLDAU_ADMIN_APIS(X) MOLDAU_CLUSTER_APIS(X)

// Keys of records in __consumer_offsets, __transaction_state and __share_group_state.
#define MOLDAU_RECORD_KEYS(X) \
  X(ConsumerGroupCurrentMemberAssignmentKey) X(ConsumerGroupMemberMetadataKey) \
  X(ConsumerGroupMetadataKey) X(ConsumerGroupPartitionMetadataKey) \
  X(ConsumerGroupRegularExpressionKey) X(ConsumerGroupTargetAssignmentMemberKey) \
  X(ConsumerGroupTargetAssignmentMetadataKey) X(GroupMetadataKey) X(OffsetCommitKey) \
  X(ShareGroupCurrentMemberAssignmentKey) X(ShareGroupMemberMetadataKey) \
  X(ShareGroupMetadataKey) X(ShareGroupStatePartitionMetadataKey) \
  X(ShareGroupTargetAssignmentMemberKey) X(ShareGroupTargetAssignmentMetadataKey) \
  X(ShareSnapshotKey) X(ShareUpdateKey) X(StreamsGroupCurrentMemberAssignmentKey) \
  X(StreamsGroupMemberMetadataKey) X(StreamsGroupMetadataKey) \
  X(StreamsGroupTargetAssignmentMemberKey) X(StreamsGroupTargetAssignmentMetadataKey) \
  X(StreamsGroupTopologyKey) X(TransactionLogKey)

// And their values.
#define MOLDAU_RECORD_VALUES(X) \
  X(ConsumerGroupCurrentMemberAssignmentValue) X(ConsumerGroupMemberMetadataValue) \
  X(ConsumerGroupMetadataValue) X(ConsumerGroupPartitionMetadataValue) \
  X(ConsumerGroupRegularExpressionValue) X(ConsumerGroupTargetAssignmentMemberValue) \
  X(ConsumerGroupTargetAssignmentMetadataValue) X(GroupMetadataValue) X(OffsetCommitValue) \
  X(ShareGroupCurrentMemberAssignmentValue) X(ShareGroupMemberMetadataValue) \
  X(ShareGroupMetadataValue) X(ShareGroupStatePartitionMetadataValue) \
  X(ShareGroupTargetAssignmentMemberValue) X(ShareGroupTargetAssignmentMetadataValue) \
  X(ShareSnapshotValue) X(ShareUpdateValue) X(StreamsGroupCurrentMemberAssignmentValue) \
  X(StreamsGroupMemberMetadataValue) X(StreamsGroupMetadataValue) \
  X(StreamsGroupTargetAssignmentMemberValue) X(StreamsGroupTargetAssignmentMetadataValue) \
  X(StreamsGroupTopologyValue) X(TransactionLogValue)

// Records of __cluster_metadata, by type.
#define MOLDAU_METADATA_RECORDS(X) \
  X(RegisterBrokerRecord) X(UnregisterBrokerRecord) X(TopicRecord) X(PartitionRecord) \
  X(ConfigRecord) X(PartitionChangeRecord) X(FenceBrokerRecord) X(UnfenceBrokerRecord) \
  X(RemoveTopicRecord) X(DelegationTokenRecord) X(UserScramCredentialRecord) \
  X(FeatureLevelRecord) X(ClientQuotaRecord) X(ProducerIdsRecord) \
  X(BrokerRegistrationChangeRecord) X(AccessControlEntryRecord) \
  X(RemoveAccessControlEntryRecord) X(NoOpRecord) X(RemoveUserScramCredentialRecord) \
  X(BeginTransactionRecord) X(EndTransactionRecord) X(AbortTransactionRecord) \
  X(RemoveDelegationTokenRecord) X(RegisterControllerRecord) X(ClearElrRecord) \
  X(UnregisterControllerRecord)

// Control records, and what stands inside bytes fields of other messages.
#define MOLDAU_DATA_SCHEMAS(X) \
  X(LeaderChangeMessage) X(SnapshotHeaderRecord) X(SnapshotFooterRecord) X(KRaftVersionRecord) \
  X(VotersRecord) X(EndTxnMarker) X(ControlRecordTypeSchema) X(ConsumerProtocolSubscription) \
  X(ConsumerProtocolAssignment) X(DefaultPrincipalData)

// clang-format on

#define MOLDAU_RECORDS(X) \
  MOLDAU_RECORD_KEYS(X) MOLDAU_RECORD_VALUES(X) MOLDAU_METADATA_RECORDS(X) MOLDAU_DATA_SCHEMAS(X)

namespace moldau {

// Calls visitor.operator()<Request, Response>() for each API.
template <class V>
void for_each_api(V&& visitor) {
#define MOLDAU_VISIT(Name) visitor.template operator()<Name##Request, Name##Response>();
  MOLDAU_APIS(MOLDAU_VISIT)
#undef MOLDAU_VISIT
}

// Calls visitor.operator()<Record>() for each record schema.
template <class V>
void for_each_record_schema(V&& visitor) {
#define MOLDAU_VISIT(Name) visitor.template operator()<Name>();
  MOLDAU_RECORDS(MOLDAU_VISIT)
#undef MOLDAU_VISIT
}

}  // namespace moldau
