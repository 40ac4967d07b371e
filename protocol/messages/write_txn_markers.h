// WriteTxnMarkers (API key 27), versions 0 to 2: a transaction coordinator has commit or abort
// markers written to partitions.
//
//   v1: flexible encoding with tagged fields
//   v2: request adds markers.transaction_version
#pragma once

#include "protocol/message.h"

namespace moldau {

struct WriteTxnMarkersRequest {
  static constexpr Api kApi{
      .key = 27, .name = "WriteTxnMarkers", .first = 0, .last = 2, .flexible = 1};

  struct Topic {
    std::string name;
    std::vector<int32_t> partition_indexes;

    void describe(auto& field) {
      field("name", name);
      field("partition_indexes", partition_indexes);
    }
  };

  struct Marker {
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    bool transaction_result = false;
    std::vector<Topic> topics;
    int32_t coordinator_epoch = 0;
    int8_t transaction_version = 0;

    void describe(auto& field) {
      field("producer_id", producer_id);
      field("producer_epoch", producer_epoch);
      field("transaction_result", transaction_result);
      field("topics", topics);
      field("coordinator_epoch", coordinator_epoch);
      field("transaction_version", transaction_version, {.since = 2});
    }
  };

  std::vector<Marker> markers;

  void describe(auto& field) { field("markers", markers); }
};

struct WriteTxnMarkersResponse {
  static constexpr Api kApi = WriteTxnMarkersRequest::kApi;

  struct Partition {
    int32_t partition_index = 0;
    int16_t error_code = 0;

    void describe(auto& field) {
      field("partition_index", partition_index);
      field("error_code", error_code);
    }
  };

  struct Topic {
    std::string name;
    std::vector<Partition> partitions;

    void describe(auto& field) {
      field("name", name);
      field("partitions", partitions);
    }
  };

  struct Marker {
    int64_t producer_id = 0;
    std::vector<Topic> topics;

    void describe(auto& field) {
      field("producer_id", producer_id);
      field("topics", topics);
    }
  };

  std::vector<Marker> markers;

  void describe(auto& field) { field("markers", markers); }
};

}  // namespace moldau
