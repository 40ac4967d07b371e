// Requests about committed offsets as the core takes them, and its answers as clients read them.
//
// A plan asks the core only for partitions that the cluster has; the response lists every topic and
// partition of the request from the start, with what is known without the core. A client that finds
// one missing misreads the answer or waits for ever.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "broker/groups/offsets.h"
#include "protocol/error_code.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_fetch.h"
#include "replication/metadata/image.h"

namespace moldau {

// OffsetCommit. v0 is of the days when ZooKeeper kept the offsets: no generation is checked. Topics
// are named to v9, and have ids from v10 on.
struct CommitPlan {
  CommitOffsets event;  // Not to be submitted if it has no partitions.
  OffsetCommitResponse response;
  std::vector<std::pair<size_t, size_t>> asked;  // (topic, partition) of the response, as in event.
};
CommitPlan plan_commit(const OffsetCommitRequest& request, Version version,
                       const ClusterImage& image);
OffsetCommitResponse answer_commit(CommitPlan plan, ErrorCode error,
                                   const CommitOffsets::Reply& reply);

// OffsetFetch of one group. v0 knows offsets of existing partitions only; null topics, from v2 on,
// ask for all that the group has; v10 asks by topic id.
struct FetchPlan {
  FetchOffsets event;  // Not to be submitted if it has topics and none of them.
  OffsetFetchResponse::Group response;
  std::vector<size_t> asked;  // Topics of the response, as in event.
  bool is_all = false;
};
FetchPlan plan_fetch(const OffsetFetchRequest::Group& group, bool require_stable, Version version,
                     const ClusterImage& image);
OffsetFetchResponse::Group answer_fetch(FetchPlan plan, ErrorCode error, FetchOffsets::Reply reply,
                                        Version version, const ClusterImage& image);

// The groups of a request of any version, and a response of any version from those of the groups.
std::vector<OffsetFetchRequest::Group> groups_of(OffsetFetchRequest request, Version version);
OffsetFetchResponse response_of(std::vector<OffsetFetchResponse::Group> groups, Version version);

}  // namespace moldau
