#include "broker/cli/java_errors.h"

#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace moldau::cli {
namespace {

// GROUP_ID_NOT_FOUND is GroupIdNotFoundException; those that do not follow that rule are listed.
std::string exception_name(ErrorCode error) {
  static const auto* const kExceptions = new std::map<ErrorCode, std::string>{
      {ErrorCode::kNonEmptyGroup, "GroupNotEmptyException"},
      {ErrorCode::kRequestTimedOut, "TimeoutException"},
      {ErrorCode::kTopicAuthorizationFailed, "TopicAuthorizationException"},
      {ErrorCode::kGroupAuthorizationFailed, "GroupAuthorizationException"},
      {ErrorCode::kClusterAuthorizationFailed, "ClusterAuthorizationException"}};
  if (const auto found = kExceptions->find(error); found != kExceptions->end())
    return found->second;
  const std::vector<std::string> words = absl::StrSplit(name(error), '_');
  std::string camel_case;
  for (const auto& word : words)
    absl::StrAppend(&camel_case, word.substr(0, 1), absl::AsciiStrToLower(word.substr(1)));
  return camel_case + "Exception";
}

}  // namespace

std::string java_error(ErrorCode error, const std::optional<std::string>& message) {
  return absl::StrCat("org.apache.kafka.common.errors.", exception_name(error), ": ",
                      message && !message->empty() ? *message : default_message(error));
}

absl::Status java_status(ErrorCode error, const std::optional<std::string>& message) {
  if (error == ErrorCode::kNone) return absl::OkStatus();
  const std::string text = java_error(error, message);
  if (error == ErrorCode::kGroupIdNotFound || error == ErrorCode::kUnknownTopicOrPartition)
    return absl::NotFoundError(text);
  return is_retriable(error) ? absl::UnavailableError(text) : absl::InvalidArgumentError(text);
}

}  // namespace moldau::cli
