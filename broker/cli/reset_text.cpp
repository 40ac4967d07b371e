#include "broker/cli/reset_text.h"

#include <chrono>
#include <regex>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace moldau::cli {
namespace {

constexpr int64_t kSecondMs = 1000, kMinuteMs = 60 * kSecondMs, kHourMs = 60 * kMinuteMs,
                  kDayMs = 24 * kHourMs;

int64_t number_of(const std::ssub_match& match) {
  int64_t number = 0;
  const std::string text = match.str();
  const bool has_plus = !text.empty() && text[0] == '+';
  return absl::SimpleAtoi(has_plus ? text.substr(1) : text, &number) ? number : 0;
}

// "5" is half a second.
int64_t fraction_ms(const std::ssub_match& match) {
  std::string digits = match.str();
  digits.resize(3, '0');
  int64_t number = 0;
  return absl::SimpleAtoi(digits, &number) ? number : 0;
}

std::optional<int64_t> days_since_1970(int64_t year, int64_t month, int64_t day) {
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// The parts of a line, of which those in quotes may hold commas and doubled quotes.
absl::StatusOr<std::vector<std::string>> csv_parts(const std::string& line) {
  std::vector<std::string> parts(1);
  bool is_quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && is_quoted && i + 1 < line.size() && line[i + 1] == '"') {
      parts.back() += line[++i];
    } else if (line[i] == '"') {
      is_quoted = !is_quoted;
    } else if (line[i] == ',' && !is_quoted) {
      parts.emplace_back();
    } else {
      parts.back() += line[i];
    }
  }
  if (is_quoted) return absl::InvalidArgumentError(absl::StrCat("A quote is missing: ", line));
  return parts;
}

}  // namespace

absl::StatusOr<int64_t> parse_datetime(const std::string& text) {
  static const auto* const kForm = new std::regex(
      R"((\d{4})-(\d\d?)-(\d\d?)T(\d\d?):(\d\d?):(\d\d?)(?:\.(\d{1,9}))?(Z|([-+])(\d\d):?(\d\d)?)?)");
  std::smatch m;
  const auto fault = absl::InvalidArgumentError(
      absl::StrCat("Unparseable date: \"", text, "\"; the form is YYYY-MM-DDThh:mm:ss.sss"));
  if (!std::regex_match(text, m, *kForm)) return fault;
  const auto days = days_since_1970(number_of(m[1]), number_of(m[2]), number_of(m[3]));
  const int64_t hours = number_of(m[4]), minutes = number_of(m[5]), seconds = number_of(m[6]);
  if (!days || hours > 23 || minutes > 59 || seconds > 59) return fault;
  const int64_t zone_ms = number_of(m[10]) * kHourMs + number_of(m[11]) * kMinuteMs;
  return *days * kDayMs + hours * kHourMs + minutes * kMinuteMs + seconds * kSecondMs +
         fraction_ms(m[7]) - (m[9] == "-" ? -zone_ms : zone_ms);
}

absl::StatusOr<int64_t> parse_duration(const std::string& text) {
  static const auto* const kForm = new std::regex(
      R"(([-+])?P(?:([-+]?\d{1,9})D)?(T(?:([-+]?\d{1,9})H)?(?:([-+]?\d{1,9})M)?(?:([-+]?\d{1,12})(?:[.,](\d{0,9}))?S)?)?)",
      std::regex::icase);
  std::smatch m;
  const bool is_of_form = std::regex_match(text, m, *kForm);
  const bool has_time = is_of_form && m[3].matched && m[3].length() > 1;
  if (!is_of_form || (m[3].matched && !has_time) || (!m[2].matched && !has_time))
    return absl::InvalidArgumentError(absl::StrCat("Text cannot be parsed to a Duration: \"", text,
                                                   "\"; the form is PnDTnHnMnS"));
  const bool is_minus_second = m[6].matched && m[6].str()[0] == '-';
  const int64_t total_ms = number_of(m[2]) * kDayMs + number_of(m[4]) * kHourMs +
                           number_of(m[5]) * kMinuteMs + number_of(m[6]) * kSecondMs +
                           (is_minus_second ? -1 : 1) * fraction_ms(m[7]);
  return m[1] == "-" ? -total_ms : total_ms;
}

absl::StatusOr<TopicArgument> parse_topic_argument(const std::string& text) {
  const size_t colon = text.find(':');
  TopicArgument argument{.topic = text.substr(0, colon), .partitions = {}};
  if (colon == std::string::npos) return argument;
  if (colon + 1 == text.size() || text.find(':', colon + 1) != std::string::npos)
    return absl::InvalidArgumentError(
        absl::StrCat("Invalid topic arg '", text, "', expected topic name and partitions"));
  const std::vector<std::string> parts = absl::StrSplit(text.substr(colon + 1), ',');
  for (const auto& part : parts) {
    int32_t partition = 0;
    if (!absl::SimpleAtoi(part, &partition))
      return absl::InvalidArgumentError(
          absl::StrCat("Invalid partition '", part, "' specified in topic arg '", text, "'"));
    argument.partitions.push_back(partition);
  }
  return argument;
}

absl::StatusOr<GroupOffsets> parse_reset_plan(const std::string& csv,
                                              const std::vector<std::string>& groups) {
  GroupOffsets plan;
  const std::vector<std::string> lines =
      absl::StrSplit(csv, absl::ByAnyChar("\r\n"), absl::SkipWhitespace());
  for (const auto& line : lines) {
    auto parts = csv_parts(line);
    if (!parts.ok()) return parts.status();
    if (parts->size() == 3 && groups.size() == 1) parts->insert(parts->begin(), groups[0]);
    int32_t partition = 0;
    int64_t offset = 0;
    if (parts->size() != 4 || !absl::SimpleAtoi((*parts)[2], &partition) ||
        !absl::SimpleAtoi((*parts)[3], &offset))
      return absl::InvalidArgumentError(absl::StrCat("\"", line, "\" is not of the form ",
                                                     groups.size() == 1 ? "" : "group,",
                                                     "topic,partition,offset"));
    plan[(*parts)[0]][{(*parts)[1], partition}] = offset;
  }
  return plan;
}

}  // namespace moldau::cli
