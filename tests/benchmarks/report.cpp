#include "tests/benchmarks/report.h"

#include <fstream>
#include <iterator>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace moldau::bench {
namespace {

double seconds_of(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

std::string read_proc(int pid, const char* name) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/", name));
  return {std::istreambuf_iterator<char>(file), {}};
}

// The number after `label` in a text of lines "label: number", or 0.
int64_t number_after(const std::string& text, std::string_view label) {
  const size_t at = text.find(label);
  if (at == std::string::npos) return 0;
  int64_t number = 0;
  std::istringstream(text.substr(at + label.size())) >> number;
  return number;
}

std::string quote(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + '"';
}

std::string latency_json(const Histogram& latency) {
  auto us = [&](double fraction) { return static_cast<double>(latency.quantile(fraction)) / 1e3; };
  return absl::StrFormat(
      R"({"count": %d, "p50": %.1f, "p90": %.1f, "p99": %.1f, "p999": %.1f, "max": %.1f})",
      latency.count(), us(0.5), us(0.9), us(0.99), us(0.999),
      static_cast<double>(latency.max()) / 1e3);
}

std::string server_json(const ServerUse& use) {
  return absl::StrFormat(
      R"({"cpu_s": %.3f, "written_bytes": %d, "rss_bytes": %d, "peak_rss_bytes": %d})", use.cpu_s,
      use.written_bytes, use.rss_bytes, use.peak_rss_bytes);
}

}  // namespace

std::string to_json(const Report& report) {
  const Tally& t = report.tally;
  const double seconds = report.seconds > 0 ? report.seconds : 1e-9;
  std::string json = absl::StrFormat(
      R"({"records": %d, "bytes": %d, "requests": %d, "seconds": %.6f, "records_per_s": %.1f, )"
      R"("mb_per_s": %.3f, "errors": %d, "unsent": %d, "client_cpu_s": %.3f)",
      t.records, t.bytes, t.requests, report.seconds, static_cast<double>(t.records) / seconds,
      static_cast<double>(t.bytes) / seconds / 1e6, t.errors, t.unsent, report.client_cpu_s);
  if (!t.first_error.empty()) absl::StrAppend(&json, ", \"first_error\": ", quote(t.first_error));
  if (t.latency_ns.count() > 0)
    absl::StrAppend(&json, ", \"latency_us\": ", latency_json(t.latency_ns));
  if (report.server) absl::StrAppend(&json, ", \"server\": ", server_json(*report.server));
  return json + "}";
}

double cpu_seconds() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  return seconds_of(use.ru_utime) + seconds_of(use.ru_stime);
}

absl::StatusOr<ServerUse> read_use(int pid) {
  const std::string stat = read_proc(pid, "stat");
  const size_t after_name = stat.rfind(')');
  if (after_name == std::string::npos) return absl::NotFoundError("no such process to watch");
  const std::vector<std::string> fields = absl::StrSplit(stat.substr(after_name + 2), ' ');
  constexpr size_t kUserTicks = 11, kSystemTicks = 12;  // Counted from the state, proc(5).
  int64_t user = 0;
  int64_t system = 0;
  if (fields.size() <= kSystemTicks || !absl::SimpleAtoi(fields[kUserTicks], &user) ||
      !absl::SimpleAtoi(fields[kSystemTicks], &system))
    return absl::InternalError("/proc is not as expected");
  const std::string status = read_proc(pid, "status");
  return ServerUse{
      .cpu_s = static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK)),
      .written_bytes = number_after(read_proc(pid, "io"), "\nwrite_bytes:"),
      .rss_bytes = number_after(status, "\nVmRSS:") * 1024,
      .peak_rss_bytes = number_after(status, "\nVmHWM:") * 1024};
}

ServerUse between(const ServerUse& before, const ServerUse& after) {
  ServerUse use = after;
  use.cpu_s -= before.cpu_s;
  use.written_bytes -= before.written_bytes;
  return use;
}

}  // namespace moldau::bench
