// Fetch: finds record batches in partitions, waiting for new ones when there are too few.
//
// A round plans the reads on the shards that own the partitions, carries them out here (from the
// page cache, or else in the disk pool), and is repeated when a high watermark moves, until
// min_bytes are there, the time is up, or something else is worth telling. Batches that leave as
// they are stored are only located: whoever writes the response reads them then, so that no memory
// is held for what a client takes its time to receive. Old versions get message formats 0 (v0-v1)
// and 1 (v2-v3).
#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/broker.h"
#include "broker/fetch_sessions.h"
#include "broker/handlers/handlers.h"
#include "broker/partition_calls.h"
#include "protocol/message_set.h"
#include "protocol/record_batch.h"
#include "replication/event.h"

namespace moldau {
namespace {

constexpr Version kWholeRequestLimitSince = 3;
constexpr Version kFormat2Since = 4;
constexpr Version kZstdSince = 10;
constexpr Version kDivergingEpochSince = 12;
constexpr Version kTopicIdsSince = 13;
constexpr int8_t kReadCommitted = 1;
constexpr size_t kReadAtOnceBytes = 64 << 10;  // What is as quickly read as located.

// One partition of the request in one round.
struct Call {
  Uuid topic_id{};
  int32_t partition = 0;
  std::shared_ptr<FetchPartition> wanted;
  FetchResponse::Partition answer;
  std::optional<ReadPlan> plan;
  std::shared_ptr<ReadBytes> read;
  std::shared_ptr<std::string> converted;

  void fail(ErrorCode error) {
    answer.error_code = code(error);
    answer.high_watermark = answer.last_stable_offset = answer.log_start_offset = -1;
    plan.reset();
  }
  size_t size() const { return answer.records.size(); }
};

// Told when any of the partitions of a waiting fetch has something new, on whichever shard.
class Wakeup : public Watcher, public std::enable_shared_from_this<Wakeup> {
 public:
  explicit Wakeup(Shard& home) : home_(home), event_(home.clock()) {}

  void notify() override {
    if (home_.is_current()) return event_.set();
    if (is_posted_.exchange(true)) return;
    asio::post(home_.executor(), [self = shared_from_this()] {
      self->is_posted_ = false;
      self->event_.set();
    });
  }
  Event& event() { return event_; }

 private:
  Shard& home_;
  Event event_;
  std::atomic<bool> is_posted_ = false;  // Many news before the fetch runs are one.
};

class Fetch {
 public:
  Fetch(RequestContext& ctx, FetchRequest& request) : ctx_(ctx), request_(request) {}
  asio::awaitable<FetchResponse> run();

 private:
  Version version() const { return ctx_.header.api_version; }
  bool allows_old_formats(const ClusterImage& image, const std::string& topic) const;
  void start_round();
  void plan(Replica& replica, Call& call) const;
  asio::awaitable<void> plan_all(std::shared_ptr<Watcher> watcher);
  asio::awaitable<void> read_all();
  asio::awaitable<void> read(Call& call, size_t most);
  template <class Read>
  asio::awaitable<decltype(std::declval<Read&>()(ReadMode::kCachedOnly))> from_cache_or_device(
      Read read);
  bool may_stay_stored(const ReadPlan& plan) const;
  void convert(Call& call, size_t most) const;
  bool is_enough() const;
  FetchResponse respond();

  RequestContext& ctx_;
  FetchRequest& request_;
  FetchSessions::Opened opened_;
  std::vector<Call> calls_;
  size_t bytes_ = 0;
};

// message.downconversion.enable, of the topic or the broker.
bool Fetch::allows_old_formats(const ClusterImage& image, const std::string& topic) const {
  const auto& overrides = image.configs({ConfigResourceType::kTopic, topic});
  const auto found = overrides.find("message.downconversion.enable");
  if (found != overrides.end()) return found->second != "false";
  return ctx_.broker.config().get<"log.message.downconversion.enable">();
}

// Looks the partitions up anew: a topic may have come, gone or changed its id while we waited.
void Fetch::start_round() {
  const auto image = ctx_.broker.image();
  const bool from_follower = request_.replica_id >= 0 || request_.replica_state.replica_id >= 0;
  bytes_ = 0;
  calls_.clear();
  calls_.reserve(opened_.session->size());
  for (const auto& wanted : opened_.session->partitions()) {
    Call& call = calls_.emplace_back();
    call.wanted = wanted;
    call.answer.partition_index = wanted->partition;
    call.answer.records = Bytes{};  // Never null: to kafka-node a size of -1 is a broken message.
    const bool by_id = version() >= kTopicIdsSince;
    const auto topic = by_id ? image->topic(wanted->topic_id) : image->topic(wanted->topic);
    if (!topic) {
      call.fail(by_id ? ErrorCode::kUnknownTopicId : ErrorCode::kUnknownTopicOrPartition);
    } else if (!has_partition(*topic, wanted->partition)) {
      call.fail(ErrorCode::kUnknownTopicOrPartition);
    } else if (version() < kFormat2Since && !allows_old_formats(*image, topic->name)) {
      call.fail(ErrorCode::kUnsupportedVersion);
    } else if (from_follower) {
      call.fail(ErrorCode::kNotLeaderOrFollower);  // No partition has a follower yet.
    } else {
      call.topic_id = topic->id;
    }
    call.partition = wanted->partition;
  }
}

void Fetch::plan(Replica& replica, Call& call) const {
  const FetchPartition& wanted = *call.wanted;
  ErrorCode error = replica.check_leader();
  if (error == ErrorCode::kNone) error = replica.check_leader_epoch(wanted.current_leader_epoch);
  if (error != ErrorCode::kNone) return call.fail(error);

  FetchResponse::Partition& answer = call.answer;
  answer.high_watermark = replica.high_watermark();
  answer.last_stable_offset = replica.last_stable_offset();
  answer.log_start_offset = replica.log_start_offset();
  if (version() >= kDivergingEpochSince && wanted.last_fetched_epoch >= 0) {
    const auto end = replica.log().end_offset_for(wanted.last_fetched_epoch);
    if (end.end_offset < 0) return call.fail(ErrorCode::kOffsetOutOfRange);
    if (end.leader_epoch < wanted.last_fetched_epoch || end.end_offset < wanted.fetch_offset) {
      answer.diverging_epoch = {.epoch = end.leader_epoch, .end_offset = end.end_offset};
      return;
    }
  }
  const bool committed_only = request_.isolation_level == kReadCommitted;
  const auto up_to = committed_only ? ReadUpTo::kLastStable : ReadUpTo::kHighWatermark;
  const int64_t end = committed_only ? answer.last_stable_offset : answer.high_watermark;
  if (wanted.fetch_offset < answer.log_start_offset ||
      wanted.fetch_offset > replica.log_end_offset())
    return call.fail(ErrorCode::kOffsetOutOfRange);
  if (wanted.fetch_offset >= end) return;  // Nothing yet; also what is appended and not committed.

  auto plan = replica.plan_read(wanted.fetch_offset, up_to,
                                static_cast<size_t>(std::max(0, wanted.max_bytes)), true);
  if (!plan.ok()) return call.fail(ErrorCode::kKafkaStorageError);
  if (plan->file) call.plan = *std::move(plan);
  if (!committed_only || version() < kFormat2Since) return;
  auto aborted = replica.log().aborted_transactions(wanted.fetch_offset, end);
  if (!aborted.ok()) return call.fail(ErrorCode::kKafkaStorageError);
  answer.aborted_transactions.emplace();
  for (const auto& a : *aborted)
    answer.aborted_transactions->push_back(
        {.producer_id = a.producer_id, .first_offset = a.first_offset});
}

asio::awaitable<void> Fetch::plan_all(std::shared_ptr<Watcher> watcher) {
  std::vector<Call*> known;
  for (auto& call : calls_)
    if (call.answer.error_code == 0) known.push_back(&call);
  const auto plan_on = [this, &watcher](Shard& shard,
                                        std::vector<Call*>& mine) -> asio::awaitable<void> {
    for (Call* call : mine) {
      const auto replica = ctx_.broker.partitions().find(shard, call->topic_id, call->partition);
      if (!replica) {
        call->fail(ErrorCode::kNotLeaderOrFollower);
        continue;
      }
      if (watcher) replica->watch(watcher);
      plan(*replica, *call);
    }
    co_return;
  };
  co_await on_shards_of(ctx_, known, plan_on);
}

// Reads in the order asked for, until the response is as large as it may be.
asio::awaitable<void> Fetch::read_all() {
  const auto limit = static_cast<size_t>(
      std::min(std::max(request_.max_bytes, 0), ctx_.broker.config().get<"fetch.max.bytes">()));
  for (auto& call : calls_) {
    if (!call.plan) continue;
    const size_t left = bytes_ < limit ? limit - bytes_ : 0;
    if (left == 0 && bytes_ > 0) break;
    co_await read(call, left);
    bytes_ += call.size();
  }
}

asio::awaitable<void> Fetch::read(Call& call, size_t most) {
  ReadPlan plan = *call.plan;
  plan.max_bytes = std::min(plan.max_bytes, most);
  // From v3 on the first batch comes whole however large (KIP-74); a batch that is to be converted
  // must.
  plan.at_least_one = bytes_ == 0 || version() < kFormat2Since;
  if (may_stay_stored(plan)) {
    const auto find = [plan](ReadMode mode) { return locate(plan, mode); };
    auto located = co_await from_cache_or_device(find);
    if (located.ok() && located->batches.size > 0) call.answer.records = located->batches;
    if (located.ok()) co_return;
    ctx_.broker.report_read_error(located.status());
    call.fail(ErrorCode::kKafkaStorageError);
    co_return;
  }
  for (;;) {
    const auto read_all_of_it = [plan](ReadMode mode) { return carry_out(plan, mode); };
    auto bytes = co_await from_cache_or_device(read_all_of_it);
    if (!bytes.ok()) {
      ctx_.broker.report_read_error(bytes.status());
      call.fail(ErrorCode::kKafkaStorageError);
      co_return;
    }
    call.read = std::make_shared<ReadBytes>(*std::move(bytes));
    call.answer.records = call.read->batches;
    convert(call, plan.max_bytes);
    // Batches that hold nothing for an old client (control batches) must not stop it for ever.
    const bool is_skipped = call.size() == 0 && call.answer.error_code == 0 &&
                            call.read->next_offset > plan.offset && plan.max_bytes > 0;
    if (!is_skipped) co_return;
    plan.offset = call.read->next_offset;
  }
}

template <class Read>
asio::awaitable<decltype(std::declval<Read&>()(ReadMode::kCachedOnly))> Fetch::from_cache_or_device(
    Read read) {
  auto result = read(ReadMode::kCachedOnly);
  if (!absl::IsUnavailable(result.status())) co_return result;
  const auto from_device = [&read] { return read(ReadMode::kMayBlock); };
  auto waited_for = co_await ctx_.broker.disk_pool().run(from_device);
  co_return waited_for;
}

// Nobody has to look into the batches.
bool Fetch::may_stay_stored(const ReadPlan& plan) const {
  return version() >= kZstdSince && plan.end_position - plan.position > kReadAtOnceBytes;
}

bool has_codec(Bytes batches, Codec codec) {
  bool found = false;
  const auto status = for_each_batch(batches, [&](const BatchHeader& header, Bytes) {
    found = header.codec() == codec;
    return !found;
  });
  return found && status.ok();
}

void Fetch::convert(Call& call, size_t most) const {
  if (version() >= kFormat2Since) {
    if (version() < kZstdSince && has_codec(call.answer.records.bytes(), Codec::kZstd)) {
      call.fail(ErrorCode::kUnsupportedCompressionType);
      call.answer.records = Bytes{};
    }
    return;
  }
  const auto magic = static_cast<int8_t>(version() < 2 ? 0 : 1);
  const bool cut_last = version() < kWholeRequestLimitSince;
  auto messages =
      convert_down(call.answer.records.bytes(), magic, call.wanted->fetch_offset, most, cut_last);
  if (!messages.ok()) {
    ctx_.broker.report_read_error(messages.status());
    call.fail(ErrorCode::kCorruptMessage);
    call.answer.records = Bytes{};
    return;
  }
  call.converted = std::make_shared<std::string>(*std::move(messages));
  call.answer.records = as_bytes(*call.converted);
}

bool Fetch::is_enough() const {
  if (bytes_ >= static_cast<size_t>(std::max(request_.min_bytes, 0))) return true;
  return std::ranges::any_of(calls_, [](const Call& call) {
    return call.answer.error_code != 0 || call.answer.diverging_epoch.epoch >= 0;
  });
}

FetchResponse Fetch::respond() {
  FetchResponse response{.session_id = opened_.session_id};
  for (auto& call : calls_) {
    FetchPartition& wanted = *call.wanted;
    const auto& answer = call.answer;
    const bool has_error = answer.error_code != 0;
    const bool has_news = has_error || wanted.sent_error || call.size() > 0 ||
                          answer.diverging_epoch.epoch >= 0 ||
                          answer.high_watermark != wanted.sent_high_watermark ||
                          answer.log_start_offset != wanted.sent_log_start_offset;
    wanted.sent_error = has_error;
    wanted.sent_high_watermark = answer.high_watermark;
    wanted.sent_log_start_offset = answer.log_start_offset;
    if (opened_.is_incremental && !has_news) continue;

    if (response.topics.empty() || response.topics.back().topic != wanted.topic ||
        response.topics.back().topic_id != wanted.topic_id)
      response.topics.push_back({.topic = wanted.topic, .topic_id = wanted.topic_id});
    const bool has_records = call.size() > 0;
    response.topics.back().partitions.push_back(std::move(call.answer));
    if (call.read) ctx_.keep(call.read);
    if (call.converted) ctx_.keep(call.converted);
    if (has_records && opened_.session_id != 0) opened_.session->move_to_end(wanted);
  }
  return response;
}

asio::awaitable<FetchResponse> Fetch::run() {
  opened_ = ctx_.broker.fetch_sessions(ctx_.shard)
                .open(request_, version() >= kTopicIdsSince, ctx_.shard.clock().wall_ms());
  if (opened_.error != ErrorCode::kNone)
    co_return FetchResponse{.error_code = code(opened_.error), .session_id = request_.session_id};

  const auto deadline =
      ctx_.received + std::chrono::milliseconds(std::max(0, request_.max_wait_ms));
  auto wakeup = std::make_shared<Wakeup>(ctx_.shard);
  const Interrupt::Attachment interruption(ctx_.connection.interrupt, wakeup->event());
  bool is_watching = false;
  for (;;) {
    start_round();
    std::shared_ptr<Watcher> watcher;
    if (is_watching) watcher = wakeup;
    co_await plan_all(watcher);
    co_await read_all();
    if (is_enough() || ctx_.shard.clock().now() >= deadline) break;
    if (!is_watching) {  // Look once more after asking to be told, or an append in between is
                         // missed.
      is_watching = true;
      continue;
    }
    const bool woken = co_await wakeup->event().wait_until(deadline);
    if (!woken || ctx_.connection.interrupt.is_raised()) break;
  }
  co_return respond();
}

}  // namespace

asio::awaitable<FetchResponse> handle_fetch(RequestContext& ctx, FetchRequest& request) {
  Fetch fetch(ctx, request);
  auto response = co_await fetch.run();
  co_return response;
}

}  // namespace moldau
