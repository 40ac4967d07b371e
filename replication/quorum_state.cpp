#include "replication/quorum_state.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

// The text of the field's value, up to the next comma or brace; strings without their quotes. The
// file is flat and its strings have nothing to escape, except for a list of voters in old ones,
// whose field names are others.
std::optional<std::string> field(std::string_view json, std::string_view name) {
  std::string quoted = "\"";
  quoted += name;
  quoted += '"';
  size_t at = json.find(quoted);
  if (at == std::string_view::npos) return std::nullopt;
  at = json.find(':', at + quoted.size());
  if (at == std::string_view::npos) return std::nullopt;
  const size_t end = json.find_first_of(",}", at);
  if (end == std::string_view::npos) return std::nullopt;
  std::string value(json.substr(at + 1, end - at - 1));
  absl::StripAsciiWhitespace(&value);
  if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
  return value;
}

std::optional<int32_t> number(std::string_view json, std::string_view name) {
  const auto text = field(json, name);
  int32_t value = 0;
  if (!text || !absl::SimpleAtoi(*text, &value)) return std::nullopt;
  return value;
}

}  // namespace

std::string encode_quorum_state(const QuorumState& state) {
  return absl::StrCat("{\"leaderId\":", state.leader_id, ",\"leaderEpoch\":", state.leader_epoch,
                      ",\"votedId\":", state.voted_id, ",\"votedDirectoryId\":\"",
                      to_string(state.voted_directory_id), "\",\"data_version\":1}");
}

absl::StatusOr<QuorumState> decode_quorum_state(std::string_view json) {
  const auto leader_id = number(json, "leaderId");
  const auto leader_epoch = number(json, "leaderEpoch");
  const auto voted_id = number(json, "votedId");
  if (!leader_id || !leader_epoch || !voted_id || *leader_epoch < 0) {
    return absl::DataLossError("quorum-state: not a leader, an epoch and a vote");
  }
  QuorumState state{.leader_id = *leader_id, .leader_epoch = *leader_epoch, .voted_id = *voted_id};
  if (const auto id = field(json, "votedDirectoryId")) {
    const auto parsed = parse_uuid(*id);
    if (!parsed) return absl::DataLossError("quorum-state: not a directory id");
    state.voted_directory_id = *parsed;
  }
  return state;
}

}  // namespace moldau
