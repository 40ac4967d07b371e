// The records of the metadata log, and the frame that KRaft puts around each (KIP-500, KIP-631).
//
//   value of a record in __cluster_metadata-0:
//     frame_version  unsigned varint   1
//     type           unsigned varint   kApi.key of the record
//     version        unsigned varint
//     body                             the record in the encoding of that version
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "protocol/bytes.h"
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

#include "absl/status/statusor.h"

namespace moldau {

using MetadataRecord =
    std::variant<RegisterBrokerRecord, UnregisterBrokerRecord, TopicRecord, PartitionRecord,
                 ConfigRecord, PartitionChangeRecord, FenceBrokerRecord, UnfenceBrokerRecord,
                 RemoveTopicRecord, DelegationTokenRecord, UserScramCredentialRecord,
                 FeatureLevelRecord, ClientQuotaRecord, ProducerIdsRecord,
                 BrokerRegistrationChangeRecord, AccessControlEntryRecord,
                 RemoveAccessControlEntryRecord, NoOpRecord, RemoveUserScramCredentialRecord,
                 BeginTransactionRecord, EndTransactionRecord, AbortTransactionRecord,
                 RemoveDelegationTokenRecord, RegisterControllerRecord, ClearElrRecord,
                 UnregisterControllerRecord>;

// The record in its frame, in the oldest version that loses nothing of it: so that every Kafka
// that knows the metadata.version in force can read it.
std::string encode_metadata_record(const MetadataRecord& record);

// InvalidArgument: another frame version, an unknown type or version, or a bad body. Bytes in the
// record (credentials) borrow from `value`.
absl::StatusOr<MetadataRecord> decode_metadata_record(Bytes value);

const char* record_name(const MetadataRecord& record);

}  // namespace moldau
