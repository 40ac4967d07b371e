// What the coordinator of groups is asked, and what it answers.
//
// Events of the group protocols carry the request as it came, with what the core may not find out
// for itself: who asks, a fresh random id, the cluster's topics. The answer is the response as it
// is sent. Both have fields that borrow their bytes:
// - an event's belong to the request's frame and are copied by the step that keeps them;
// - an answer's belong to what it holds (Held), so it may outlive the group and change threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "broker/coordinator_core.h"
#include "broker/groups/offsets.h"
#include "protocol/messages/consumer_group_describe.h"
#include "protocol/messages/consumer_group_heartbeat.h"
#include "protocol/messages/delete_groups.h"
#include "protocol/messages/describe_groups.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/leave_group.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/offset_delete.h"
#include "protocol/messages/sync_group.h"
#include "replication/metadata/image.h"

namespace moldau {

// Bytes that a group keeps and answers point to.
using SharedBytes = std::shared_ptr<const std::string>;

inline SharedBytes share(Bytes bytes) {
  return std::make_shared<const std::string>(as_text(bytes));
}

template <class Response>
struct Held {
  Response response;
  std::vector<SharedBytes> held;  // What Bytes of the response point to.

  Bytes hold(SharedBytes bytes) {
    held.push_back(std::move(bytes));
    return as_bytes(*held.back());
  }
};

struct Caller {
  std::string client_id;    // "" if the client gives none.
  std::string client_host;  // As Kafka writes it: "/127.0.0.1".
  Version version = 0;      // Of the request.
};

// --- The classic protocol

struct JoinGroup {
  JoinGroupRequest request;
  Caller caller;
  std::string fresh_uuid;  // In the form of RFC 4122, for the id of a new member.
  std::shared_ptr<const ClusterImage> image;
  using Reply = Held<JoinGroupResponse>;
};

struct SyncGroup {
  SyncGroupRequest request;
  Caller caller;
  using Reply = Held<SyncGroupResponse>;
};

struct GroupHeartbeat {
  HeartbeatRequest request;
  Caller caller;
  using Reply = HeartbeatResponse;
};

struct LeaveGroup {
  LeaveGroupRequest request;
  Caller caller;
  using Reply = LeaveGroupResponse;
};

// --- The consumer protocol (KIP-848)

struct ConsumerGroupHeartbeat {
  ConsumerGroupHeartbeatRequest request;
  Caller caller;
  std::string fresh_uuid;  // A Kafka Uuid as text, for members of version 0.
  std::shared_ptr<const ClusterImage> image;
  using Reply = ConsumerGroupHeartbeatResponse;
};

// --- Administration

struct ListGroups {
  ListGroupsRequest request;
  using Reply = std::vector<ListGroupsResponse::Group>;
};

struct DescribeClassicGroup {
  std::string group;
  Version version = 0;
  using Reply = Held<DescribeGroupsResponse::Group>;
};

struct DescribeConsumerGroup {
  std::string group;
  std::shared_ptr<const ClusterImage> image;
  using Reply = ConsumerGroupDescribeResponse::Group;
};

// Of a group that has no members, with all its offsets.
struct DeleteGroup {
  std::string group;
  using Reply = DeleteGroupsResponse::Result;
};

struct DeleteOffsets {
  OffsetDeleteRequest request;
  std::shared_ptr<const ClusterImage> image;
  using Reply = OffsetDeleteResponse;
};

// The group that an event is about: it decides which partition coordinates it.
template <class E>
const std::string& group_of(const E& event) {
  if constexpr (requires { event.group; }) {
    return event.group;
  } else {
    return event.request.group_id;
  }
}

using GroupEvent =
    std::variant<JoinGroup, SyncGroup, GroupHeartbeat, LeaveGroup, ConsumerGroupHeartbeat,
                 CommitOffsets, FetchOffsets, ForgetTopics, ListGroups, DescribeClassicGroup,
                 DescribeConsumerGroup, DeleteGroup, DeleteOffsets>;
using GroupReply =
    std::variant<JoinGroup::Reply, SyncGroup::Reply, GroupHeartbeat::Reply, LeaveGroup::Reply,
                 ConsumerGroupHeartbeat::Reply, CommitOffsets::Reply, FetchOffsets::Reply,
                 ForgetTopics::Reply, ListGroups::Reply, DescribeClassicGroup::Reply,
                 DescribeConsumerGroup::Reply, DeleteGroup::Reply, DeleteOffsets::Reply>;
using GroupOutcome = Outcome<GroupReply>;

}  // namespace moldau
