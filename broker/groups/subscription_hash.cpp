#include "broker/groups/subscription_hash.h"

#include <algorithm>
#include <bit>
#include <type_traits>
#include <vector>
#include <xxhash.h>

#include "broker/groups/java_string.h"
#include "protocol/big_endian.h"

namespace moldau {
namespace {

constexpr int8_t kTopicHashVersion = 0;

template <class T>
void append_little_endian(std::string& out, T value) {
  auto bits = static_cast<std::make_unsigned_t<T>>(value);
  for (size_t i = 0; i < sizeof(T); ++i) {
    out.push_back(static_cast<char>(static_cast<uint64_t>(bits) >> (8 * i)));
  }
}

int32_t length_of(const std::u16string& text) { return static_cast<int32_t>(text.size()); }

void append_text(std::string& out, const std::u16string& text) {
  for (char16_t unit : text) append_little_endian(out, static_cast<uint16_t>(unit));
  append_little_endian(out, length_of(text));
}

std::vector<std::u16string> racks_of(const PartitionImage& partition, const ClusterImage& image) {
  std::vector<std::u16string> racks;
  for (int32_t replica : partition.replicas) {
    const BrokerImage* broker = image.broker(replica);
    if (broker && broker->rack) racks.push_back(java_chars(*broker->rack));
  }
  std::ranges::sort(racks);
  return racks;
}

int64_t xxh3(const std::string& bytes) {
  return std::bit_cast<int64_t>(uint64_t{XXH3_64bits(bytes.data(), bytes.size())});
}

}  // namespace

int64_t topic_hash(const TopicImage& topic, const ClusterImage& image) {
  std::string bytes;
  append_little_endian(bytes, kTopicHashVersion);
  append_little_endian(bytes, load_big_endian<int64_t>(topic.id.data()));
  append_little_endian(bytes, load_big_endian<int64_t>(topic.id.data() + sizeof(int64_t)));
  append_text(bytes, java_chars(topic.name));
  append_little_endian(bytes, static_cast<int32_t>(topic.partitions.size()));
  int32_t index = 0;
  for (const PartitionImage& partition : topic.partitions) {
    append_little_endian(bytes, index++);
    for (const std::u16string& rack : racks_of(partition, image)) {
      append_little_endian(bytes, length_of(rack));
      append_text(bytes, rack);
    }
  }
  return xxh3(bytes);
}

int64_t subscription_hash(const std::set<std::string>& topics, const ClusterImage& image) {
  std::string bytes;
  for (const std::string& name : topics) {
    if (TopicPointer topic = image.topic(name)) {
      append_little_endian(bytes, topic_hash(*topic, image));
    }
  }
  return bytes.empty() ? 0 : xxh3(bytes);
}

}  // namespace moldau
