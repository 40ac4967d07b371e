// kafka-console-producer: writes the lines of its input to a topic.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ostream>
#include <poll.h>
#include <unistd.h>

#include "broker/cli/line_reader.h"
#include "broker/cli/record_sender.h"
#include "broker/cli/tool.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace moldau::cli {
namespace {

// Lines of stdin, and whether the next one is there yet.
class LineInput {
 public:
  // nullopt at the end of the input. A line end may be \r\n.
  std::optional<std::string> next() {
    size_t end;
    while ((end = buffer_.find('\n', scanned_)) == std::string::npos) {
      scanned_ = buffer_.size();
      if (!read_more()) return take_rest();
    }
    std::string line = buffer_.substr(begin_, end - begin_);
    begin_ = scanned_ = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
  bool has_line() {
    if (buffer_.find('\n', scanned_) != std::string::npos) return true;
    pollfd poll_for{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    return ::poll(&poll_for, 1, 0) > 0;
  }

 private:
  bool read_more() {
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
    char bytes[64 << 10];
    ssize_t got;
    do {
      got = ::read(STDIN_FILENO, bytes, sizeof(bytes));
    } while (got < 0 && errno == EINTR && !is_interrupted());
    if (got > 0) buffer_.append(bytes, static_cast<size_t>(got));
    return got > 0;
  }
  std::optional<std::string> take_rest() {
    std::string rest = std::exchange(buffer_, "").substr(begin_);
    begin_ = scanned_ = 0;
    return rest.empty() ? std::nullopt : std::optional(std::move(rest));
  }

  std::string buffer_;
  size_t begin_ = 0;    // Of what was not handed out yet.
  size_t scanned_ = 0;  // No line end before this.
};

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

absl::StatusOr<Codec> codec_of(const std::string& name) {
  for (const Codec codec : {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd})
    if (name == codec_name(codec)) return codec;
  return wrong_usage(absl::StrCat("Unknown compression codec ", name,
                                  ": none, gzip, snappy, lz4 and zstd are known"));
}

absl::StatusOr<int16_t> acks_of(const std::string& text) {
  if (text == "all" || text == "-1") return int16_t{-1};
  if (text == "0" || text == "1") return static_cast<int16_t>(text[0] - '0');
  return wrong_usage(absl::StrCat("acks is 0, 1 or all, not ", text));
}

// What of the producer's properties has a meaning here; the others do not change the outcome.
absl::Status apply_property(RecordSender::Options& options, const std::string& name,
                            const std::string& value) {
  const auto number = [&](auto& target) -> absl::Status {
    int32_t parsed = 0;
    if (!absl::SimpleAtoi(value, &parsed) || parsed < 0)
      return wrong_usage(absl::StrCat(name, " wants a number, not ", value));
    target = static_cast<std::remove_reference_t<decltype(target)>>(parsed);
    return absl::OkStatus();
  };
  if (name == "acks") {
    auto acks = acks_of(value);
    if (!acks.ok()) return acks.status();
    options.acks = *acks;
  } else if (name == "compression.type") {
    auto codec = codec_of(value);
    if (!codec.ok()) return codec.status();
    options.codec = *codec;
  } else if (name == "batch.size") {
    return number(options.batch_bytes);
  } else if (name == "retries") {
    return number(options.retries);
  } else if (name == "retry.backoff.ms") {
    return number(options.retry_backoff_ms);
  } else if (name == "request.timeout.ms") {
    return number(options.timeout_ms);
  }
  return absl::OkStatus();
}

// Kafka's own options for what are properties as well.
constexpr std::pair<const char*, const char*> kOptionProperties[] = {
    {"request-required-acks", "acks"},
    {"request-timeout-ms", "request.timeout.ms"},
    {"batch-size", "batch.size"},
    {"message-send-max-retries", "retries"},
    {"retry-backoff-ms", "retry.backoff.ms"}};

absl::StatusOr<RecordSender::Options> sender_options(const ToolRun& run) {
  RecordSender::Options options{.topic = *run.options.value("topic")};
  std::vector<std::pair<std::string, std::string>> properties = run.client_properties;
  for (const auto& [option, property] : kOptionProperties)
    if (const auto value = run.options.value(option)) properties.emplace_back(property, *value);
  if (run.options.has("compression-codec"))
    properties.emplace_back("compression.type",
                            run.options.value("compression-codec").value_or("gzip"));
  for (const char* option : {"producer-property", "command-property"}) {
    auto pairs = parse_pairs(run.options.values(option));
    if (!pairs.ok()) return pairs.status();
    properties.insert(properties.end(), pairs->begin(), pairs->end());
  }
  for (const auto& [name, value] : properties)
    if (auto s = apply_property(options, name, value); !s.ok()) return s;
  return options;
}

absl::StatusOr<LineReader> line_reader(const ToolRun& run) {
  std::vector<std::pair<std::string, std::string>> properties;
  for (const char* option : {"property", "reader-property"}) {
    auto pairs = parse_pairs(run.options.values(option));
    if (!pairs.ok()) return pairs.status();
    properties.insert(properties.end(), pairs->begin(), pairs->end());
  }
  auto reader = LineReader::from_properties(properties);
  if (!reader.ok()) return wrong_usage(std::string(reader.status().message()));
  return reader;
}

// Everything is sent when the input pauses or a batch is full. Of a batch that fails the user is
// told, and the input goes on.
absl::Status send_lines(ToolRun& run, const LineReader& reader, RecordSender& sender) {
  const bool prompts = ::isatty(STDIN_FILENO) != 0;
  LineInput input;
  absl::Status result;
  const auto note = [&](const absl::Status& status) {
    if (status.ok()) return;
    run.err << "Error when sending to topic " << *run.options.value("topic") << ": "
            << status.message() << std::endl;
    result = absl::UnavailableError("Not all records were written.");
  };
  for (int number = 1; !is_interrupted(); ++number) {
    if (sender.has_waiting() && (run.options.has("sync") || !input.has_line()))
      note(sender.flush());
    if (prompts) run.out << '>' << std::flush;
    const auto line = input.next();
    if (!line) break;
    auto record = reader.parse(*line, number);
    if (!record.ok()) {
      note(sender.flush());
      return record.status();
    }
    note(sender.add(*std::move(record), now_ms()));
  }
  note(sender.flush());
  return result;
}

}  // namespace

const std::vector<OptionSpec>& produce_options() {
  using enum OptionKind;
  static const auto* const kOptions = new std::vector<OptionSpec>(with_common_options({
      {"topic", kValue, "the topic"},
      {"broker-list", kValue, "older name of --bootstrap-server"},
      {"property", kValue,
       "parse.key, key.separator, parse.headers, headers.delimiter, headers.separator, "
       "headers.key.separator, null.marker, ignore.error"},
      {"reader-property", kValue, "newer name of --property"},
      {"producer-property", kValue, "acks, compression.type, batch.size, retries, ..."},
      {"command-property", kValue, "newer name of --producer-property"},
      {"producer.config", kValue, "older name of --command-config"},
      {"compression-codec", kOptionalValue, "none, gzip (if nothing follows), snappy, lz4, zstd"},
      {"request-required-acks", kValue, "0, 1 or all"},
      {"request-timeout-ms", kValue, "how long the broker may take"},
      {"sync", kFlag, "waits for each record's answer before the next line"},
      {"batch-size", kValue, "bytes that are sent at a time"},
      {"message-send-max-retries", kValue, "how often a batch is sent again"},
      {"retry-backoff-ms", kValue, "the pause before that"},
      {"timeout", kValue, ""},
      {"line-reader", kValue, ""},
      {"reader-config", kValue, ""},
      {"max-block-ms", kValue, ""},
      {"max-memory-bytes", kValue, ""},
      {"max-partition-memory-bytes", kValue, ""},
      {"metadata-expiry-ms", kValue, ""},
      {"socket-buffer-size", kValue, ""},
  }));
  return *kOptions;
}

absl::Status run_produce(ToolRun& run) {
  if (!run.options.has("topic")) return wrong_usage("Missing required argument \"[topic]\"");
  auto options = sender_options(run);
  if (!options.ok()) return options.status();
  auto reader = line_reader(run);
  if (!reader.ok()) return reader.status();
  auto client = run.connect();
  if (!client.ok()) return client.status();
  catch_interrupts();
  RecordSender sender(**client, *options);
  return send_lines(run, *reader, sender);
}

}  // namespace moldau::cli
