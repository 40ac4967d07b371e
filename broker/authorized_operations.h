// What a client may do, as the authorized_operations fields of responses carry it (KIP-430): one
// bit per ACL operation. Without an authorizer everybody may do all that exists for the resource.
#pragma once

#include <cstdint>

namespace moldau {

namespace acl {

// Bits are the codes of Kafka's AclOperation.
inline constexpr int32_t kRead = 1 << 3, kWrite = 1 << 4, kCreate = 1 << 5, kDelete = 1 << 6,
                         kAlter = 1 << 7, kDescribe = 1 << 8, kClusterAction = 1 << 9,
                         kDescribeConfigs = 1 << 10, kAlterConfigs = 1 << 11,
                         kIdempotentWrite = 1 << 12;

}  // namespace acl

inline constexpr int32_t kTopicOperations = acl::kRead | acl::kWrite | acl::kCreate | acl::kDelete |
                                            acl::kAlter | acl::kDescribe | acl::kDescribeConfigs |
                                            acl::kAlterConfigs;
inline constexpr int32_t kGroupOperations =
    acl::kRead | acl::kDelete | acl::kDescribe | acl::kDescribeConfigs | acl::kAlterConfigs;
inline constexpr int32_t kClusterOperations = acl::kCreate | acl::kAlter | acl::kDescribe |
                                              acl::kClusterAction | acl::kDescribeConfigs |
                                              acl::kAlterConfigs | acl::kIdempotentWrite;

}  // namespace moldau
