#include "broker/network/network.h"

#include <atomic>
#include <random>
#include <stdexcept>

#include <gtest/gtest.h>

#include "protocol/error_code.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/produce.h"
#include "storage/disk.h"
#include "tests/broker/network/loopback.h"

namespace moldau {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

asio::awaitable<HeartbeatResponse> beat(RequestContext&, HeartbeatRequest&) {
  co_return HeartbeatResponse{};
}
ServedApi heartbeat() { return api<HeartbeatRequest>(beat); }
HeartbeatRequest a_heartbeat() { return {.group_id = "g", .generation_id = 1, .member_id = "m"}; }

// A produce that takes as many milliseconds as its timeout says, and answers with the bytes of its
// only partition counted as offset.
ProduceRequest a_produce(int32_t timeout_ms, Bytes records = {}, int16_t acks = -1) {
  ProduceRequest request{.acks = acks, .timeout_ms = timeout_ms};
  request.topics = {{.name = "t", .partitions = {{.index = 0, .records = records}}}};
  return request;
}

// --- ApiVersions and dispatch -------------------------------------------------------------------

TEST(NetworkTest, EveryVersionOfApiVersionsIsAnsweredFromTheTable) {
  LoopbackServer server({heartbeat()});
  LoopbackClient client(server.port());
  for (Version version = 0; version <= ApiVersionsRequest::kApi.last; ++version) {
    ApiVersionsRequest request{.client_software_name = "test", .client_software_version = "1.0"};
    client.send_request(request, version, version);
    auto response = client.receive_response<ApiVersionsResponse>(version);
    ASSERT_TRUE(response) << version;
    EXPECT_EQ(response->error_code, 0);
    ASSERT_EQ(response->api_keys.size(), 2u);
    EXPECT_EQ(response->api_keys[0].api_key, HeartbeatRequest::kApi.key);
    EXPECT_EQ(response->api_keys[0].min_version, 0);
    EXPECT_EQ(response->api_keys[0].max_version, HeartbeatRequest::kApi.last);
    EXPECT_EQ(response->api_keys[1].api_key, ApiVersionsRequest::kApi.key);
    size_t features = version < 3 ? 0 : version == 3 ? 1 : 2;
    EXPECT_EQ(response->supported_features.size(), features) << "lowest level 0 is from v4 on";
    EXPECT_EQ(response->finalized_features_epoch, version < 3 ? -1 : 17);
  }
}

TEST(NetworkTest, UnknownVersionOfApiVersionsIsAnsweredInVersionZeroWithTheList) {
  LoopbackServer server({heartbeat()});
  LoopbackClient client(server.port());
  std::string frame = LoopbackClient::frame_of(ApiVersionsRequest{}, 3, 7);
  frame[7] = 99;
  client.send(frame);
  auto response = client.receive_response<ApiVersionsResponse>(0);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->error_code, static_cast<int16_t>(ErrorCode::kUnsupportedVersion));
  EXPECT_EQ(response->api_keys.size(), 2u);
  client.send_request(ApiVersionsRequest{}, 0, 8);
  EXPECT_EQ(client.receive_id(), 8) << "the client may ask again on the same connection";
}

TEST(NetworkTest, ApiVersionsChecksWhoAsksAndWhomFor) {
  LoopbackServer server({});
  LoopbackClient client(server.port());
  auto ask = [&](ApiVersionsRequest request, Version version) {
    client.send_request(request, version, 1);
    return static_cast<ErrorCode>(client.receive_response<ApiVersionsResponse>(version)
                                      .value_or(ApiVersionsResponse{-2})
                                      .error_code);
  };
  ApiVersionsRequest good{.client_software_name = "a-b.c", .client_software_version = "1.0-rc1"};
  EXPECT_EQ(ask(good, 3), ErrorCode::kNone);
  for (const char* bad : {"", "-a", "a.", "a b", "a\n", "\xc3\xa4"}) {
    auto request = good;
    request.client_software_name = bad;
    EXPECT_EQ(ask(request, 3), ErrorCode::kInvalidRequest) << bad;
  }
  auto meant = good;
  meant.cluster_id = "a-cluster";
  meant.node_id = 1;
  EXPECT_EQ(ask(meant, 5), ErrorCode::kNone);
  meant.node_id = 2;
  EXPECT_EQ(ask(meant, 5), ErrorCode::kRebootstrapRequired);
  meant.node_id = -1;
  EXPECT_EQ(ask(meant, 5), ErrorCode::kNone) << "only who names both is checked";
}

TEST(NetworkTest, UnknownApisAndVersionsCloseTheConnection) {
  LoopbackServer server({heartbeat()});
  const std::vector<std::pair<size_t, char>> changes = {{5, 'x'}, {7, 'x'}, {5, '\x01'}};
  for (auto [at, byte] : changes) {
    LoopbackClient client(server.port());
    std::string frame = LoopbackClient::frame_of(a_heartbeat(), 0, 1);
    frame[at] = byte;
    client.send(frame);
    EXPECT_TRUE(client.is_closed_by_server()) << at << " " << byte;
  }
  LoopbackClient client(server.port());
  client.send_request(a_heartbeat(), 0, 1);
  EXPECT_EQ(client.receive_id(), 1);
}

TEST(NetworkTest, MalformedBodyClosesBehindTheAnswersBeforeIt) {
  LoopbackServer server({heartbeat()});
  LoopbackClient client(server.port());
  std::string bad = LoopbackClient::frame_of(a_heartbeat(), 0, 2);
  bad[bad.size() - 2] = 100;  // The member id is longer than the frame.
  client.send(LoopbackClient::frame_of(a_heartbeat(), 0, 1) + bad +
              LoopbackClient::frame_of(a_heartbeat(), 0, 3));
  EXPECT_EQ(client.receive_id(), 1);
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST(NetworkTest, HandlerThatThrowsEndsItsConnectionAlone) {
  auto fail = [](RequestContext&, HeartbeatRequest& request) -> asio::awaitable<HeartbeatResponse> {
    if (request.group_id == "bad") throw std::bad_alloc();
    co_return HeartbeatResponse{};
  };
  LoopbackServer server({api<HeartbeatRequest>(fail)});
  LoopbackClient bad(server.port()), good(server.port());
  bad.send_request(HeartbeatRequest{.group_id = "bad"}, 0, 1);
  EXPECT_TRUE(bad.is_closed_by_server());
  good.send_request(a_heartbeat(), 0, 2);
  EXPECT_EQ(good.receive_id(), 2);
}

// --- Frames -------------------------------------------------------------------------------------

TEST(NetworkTest, RequestsArriveByteByByte) {
  LoopbackServer server({heartbeat()});
  LoopbackClient client(server.port());
  for (char byte : LoopbackClient::frame_of(a_heartbeat(), 4, 5)) {
    client.send({&byte, 1});
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_EQ(client.receive_id(), 5);
}

TEST(NetworkTest, HostileBytesEndOneConnectionAndDisturbNoOther) {
  LoopbackServer server({heartbeat()});
  LoopbackClient good(server.port());
  std::mt19937 random(1);
  std::vector<std::string> attacks = {
      std::string("\x7f\xff\xff\xff", 4),              // 2 GB
      std::string("\xff\xff\xff\xff", 4),              // -1
      std::string("\x00\x00\x00\x00", 4),              // An empty request
      std::string("\x00\x00\x00\x03\x00\x12\x00", 7),  // Less than a header
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
  };
  for (int i = 0; i < 30; ++i) {
    std::string noise = "\x7f";  // Surely no size that may be.
    for (int j = 0; j < 1000; ++j) noise += static_cast<char>(random());
    attacks.push_back(noise);
  }
  int id = 0;
  for (const auto& attack : attacks) {
    LoopbackClient bad(server.port());
    bad.send(attack);
    EXPECT_TRUE(bad.is_closed_by_server());
    good.send_request(a_heartbeat(), 0, ++id);
    EXPECT_EQ(good.receive_id(), id);
  }
  EXPECT_TRUE(eventually([&] { return server.network().connections() == 1; }));
  EXPECT_TRUE(eventually([&] { return server.network().memory().used() == 0; }));
}

TEST(NetworkTest, ClaimedSizesTakeNoMemory) {
  LoopbackServer server({heartbeat()});
  std::vector<std::unique_ptr<LoopbackClient>> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<LoopbackClient>(server.port()));
    clients.back()->send(std::string("\x06\x00\x00\x00and a little", 16));  // 96 MiB
  }
  EXPECT_TRUE(eventually([&] { return server.network().memory().used() >= 50 * 1024; }));
  EXPECT_LE(server.network().memory().used(), 50 * (16 << 10));
}

TEST(NetworkTest, EndInTheMiddleOfAFrameGivesEverythingBack) {
  LoopbackServer server({heartbeat()});
  {
    LoopbackClient client(server.port());
    client.send(std::string("\x00\x10\x00\x00", 4) + std::string(300'000, 'x'));
    EXPECT_TRUE(eventually([&] { return server.network().memory().used() >= 300'000; }));
  }
  EXPECT_TRUE(eventually([&] { return server.network().connections() == 0; }));
  EXPECT_EQ(server.network().memory().used(), 0);
}

// --- Order --------------------------------------------------------------------------------------

// Waits on the clock of its shard, as a produce waits for the disk.
struct SlowProduce {
  std::vector<int32_t> started;  // Correlation ids; on the shard.
  std::atomic<int> running = 0;
  std::atomic<int> most_running = 0;

  ServedApi served() {
    auto handle = [this](RequestContext& context,
                         ProduceRequest& request) -> asio::awaitable<ProduceResponse> {
      started.push_back(context.header.correlation_id);
      most_running = std::max(most_running.load(), ++running);
      Clock& clock = context.shard.clock();
      if (request.timeout_ms > 0) {
        co_await sleep_until(clock, clock.now() + milliseconds(request.timeout_ms));
      }
      --running;
      context.no_response = request.acks == 0;
      ProduceResponse response;
      for (const auto& topic : request.topics) {
        response.topics.push_back({.name = topic.name});
        for (const auto& partition : topic.partitions) {
          auto bytes = static_cast<int64_t>(partition.records.value_or(Bytes{}).size());
          response.topics.back().partitions.push_back(
              {.index = partition.index, .base_offset = bytes});
        }
      }
      co_return response;
    };
    return api<ProduceRequest>(handle, {.overlaps = true});
  }
};

TEST(NetworkTest, PipelinedRequestsAreAnsweredInOrder) {
  SlowProduce slow;
  LoopbackServer server({heartbeat(), slow.served()});
  LoopbackClient client(server.port());
  std::mt19937 random(1);
  std::string requests;
  for (int id = 0; id < 300; ++id) {
    bool is_produce = random() % 3 != 0;
    requests += is_produce
                    ? LoopbackClient::frame_of(a_produce(static_cast<int32_t>(random() % 4)), 3, id)
                    : LoopbackClient::frame_of(a_heartbeat(), 0, id);
  }
  client.send(requests);
  for (int id = 0; id < 300; ++id) ASSERT_EQ(client.receive_id(), id);
  EXPECT_TRUE(std::ranges::is_sorted(slow.started));
}

TEST(NetworkTest, ProducesOfOneConnectionWaitTogether) {
  SlowProduce slow;
  LoopbackServer server({slow.served()});
  LoopbackClient client(server.port());
  std::string requests;
  for (int id = 0; id < 20; ++id)
    requests += LoopbackClient::frame_of(a_produce(100 - 5 * id), 3, id);
  client.send(requests);
  for (int id = 0; id < 20; ++id)
    ASSERT_EQ(client.receive_id(), id) << "though the last is done first";
  EXPECT_EQ(slow.most_running, 20);
  EXPECT_TRUE(std::ranges::is_sorted(slow.started));
}

TEST(NetworkTest, ProducesThatWaitTogetherAreBounded) {
  SlowProduce slow;
  LoopbackServer server({slow.served()}, {.max_overlapping_requests = 4});
  LoopbackClient client(server.port());
  std::string requests;
  for (int id = 0; id < 20; ++id) requests += LoopbackClient::frame_of(a_produce(5), 3, id);
  client.send(requests);
  for (int id = 0; id < 20; ++id) ASSERT_EQ(client.receive_id(), id);
  EXPECT_EQ(slow.most_running, 4);
}

TEST(NetworkTest, OtherRequestsWaitForThoseBeforeThem) {
  SlowProduce slow;
  std::atomic<int> produces_running_at_heartbeat = -1;
  auto handle = [&](RequestContext&, HeartbeatRequest&) -> asio::awaitable<HeartbeatResponse> {
    produces_running_at_heartbeat = slow.running.load();
    co_return HeartbeatResponse{};
  };
  LoopbackServer server({slow.served(), api<HeartbeatRequest>(handle)});
  LoopbackClient client(server.port());
  client.send(LoopbackClient::frame_of(a_produce(50), 3, 1) +
              LoopbackClient::frame_of(a_produce(20), 3, 2) +
              LoopbackClient::frame_of(a_heartbeat(), 0, 3));
  for (int id = 1; id <= 3; ++id) EXPECT_EQ(client.receive_id(), id);
  EXPECT_EQ(produces_running_at_heartbeat, 0);
}

TEST(NetworkTest, AnswersLeaveWhileTheNextRequestWaits) {
  SlowProduce slow;
  auto wait = [](RequestContext& context, HeartbeatRequest&) -> asio::awaitable<HeartbeatResponse> {
    Event event(context.shard.clock());
    Interrupt::Attachment attachment(context.connection.interrupt, event);
    co_await event.wait();
    co_return HeartbeatResponse{};
  };
  LoopbackServer server({slow.served(), api<HeartbeatRequest>(wait)});
  LoopbackClient client(server.port());
  client.send(LoopbackClient::frame_of(ApiVersionsRequest{}, 0, 1) +
              LoopbackClient::frame_of(a_produce(0), 3, 2) +
              LoopbackClient::frame_of(a_heartbeat(), 0, 3));
  EXPECT_EQ(client.receive_id(), 1);
  EXPECT_EQ(client.receive_id(), 2);
  EXPECT_FALSE(client.has_something_to_read(milliseconds(50)));
}

TEST(NetworkTest, AcksZeroIsNotAnswered) {
  SlowProduce slow;
  LoopbackServer server({slow.served(), heartbeat()});
  LoopbackClient client(server.port());
  client.send(LoopbackClient::frame_of(a_produce(0, {}, 0), 3, 1) +
              LoopbackClient::frame_of(a_produce(10, {}, 0), 3, 2) +
              LoopbackClient::frame_of(a_heartbeat(), 0, 3));
  EXPECT_EQ(client.receive_id(), 3);
  EXPECT_EQ(slow.started, (std::vector<int32_t>{1, 2}));
}

TEST(NetworkTest, LargeRequestsArriveWhole) {
  SlowProduce slow;
  LoopbackServer server({slow.served()});
  LoopbackClient client(server.port());
  for (size_t bytes : {1u, 16'000u, 70'000u, 1'000'000u, 30'000'000u, 10u}) {
    std::string records(bytes, 'r');
    client.send_request(a_produce(0, as_bytes(records)), 9, 1);
    auto response = client.receive_response<ProduceResponse>(9);
    ASSERT_TRUE(response) << bytes;
    EXPECT_EQ(response->topics[0].partitions[0].base_offset, static_cast<int64_t>(bytes));
  }
  EXPECT_TRUE(eventually([&] { return server.network().memory().used() == 0; }));
}

TEST(NetworkTest, HandlersMayHopToOtherShards) {
  LoopbackServer* running = nullptr;
  auto hop = [&](RequestContext& context, HeartbeatRequest&) -> asio::awaitable<HeartbeatResponse> {
    Shard& other = running->shards()[1 - context.shard.index()];
    auto was_there = co_await on(other, [&other] { return other.is_current(); });
    bool is_back = context.shard.is_current();
    co_return HeartbeatResponse{.throttle_time_ms = was_there && is_back ? 1 : 0};
  };
  LoopbackServer server({api<HeartbeatRequest>(hop)}, {}, 2);
  running = &server;
  for (int i = 0; i < 4; ++i) {
    LoopbackClient client(server.port());
    client.send_request(a_heartbeat(), 1, i);
    auto response = client.receive_response<HeartbeatResponse>(1);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->throttle_time_ms, 1);
  }
}

// --- Bounds -------------------------------------------------------------------------------------

// Answers every fetch with a MiB that it shares.
struct BigFetch {
  std::shared_ptr<const std::string> records = std::make_shared<std::string>(1 << 20, 'r');
  std::atomic<int> served = 0;

  ServedApi api_entry() {
    return api<FetchRequest>(
        [this](RequestContext& context, FetchRequest&) -> asio::awaitable<FetchResponse> {
          ++served;
          context.keep(records);
          FetchResponse response;
          response.topics.push_back({.topic = "t"});
          response.topics[0].partitions.push_back({.records = as_bytes(*records)});
          co_return response;
        });
  }
};

TEST(NetworkTest, NothingMoreIsServedWhileAnswersAreNotRead) {
  BigFetch big;
  LoopbackServer server({big.api_entry()}, {.send_buffer_bytes = 64 << 10});
  LoopbackClient client(server.port(), "127.0.0.1", 64 << 10);
  std::string requests;
  for (int id = 0; id < 100; ++id) requests += LoopbackClient::frame_of(FetchRequest{}, 4, id);
  client.send(requests);
  EXPECT_TRUE(eventually([&] { return big.served > 0; }));
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_LE(big.served, 8);
  EXPECT_LE(server.network().memory().used(), 8 << 20);
  for (int id = 0; id < 100; ++id) {
    auto frame = client.receive_frame();
    ASSERT_TRUE(frame);
    EXPECT_GT(frame->size(), size_t{1} << 20);
    EXPECT_EQ(frame->back(), 'r');
  }
  EXPECT_EQ(big.served, 100);
  EXPECT_TRUE(eventually([&] { return server.network().memory().used() == 0; }));
}

// --- Responses whose records are stored ---------------------------------------------------------

// Bytes that only the device has until somebody waits for them.
class ColdSource : public ByteSource {
 public:
  explicit ColdSource(std::string bytes) : bytes_(std::move(bytes)) {}

  absl::StatusOr<size_t> read_at(uint64_t position, MutableBytes out) override {
    if (fails) return absl::DataLossError("read somewhere: I/O error");
    const size_t size = copy(position, out);
    warm_to_ = position + size;
    ++waited;
    return size;
  }
  absl::StatusOr<size_t> read_cached_at(uint64_t position, MutableBytes out) override {
    if (position + out.size() > warm_to_) return absl::UnavailableError("cold");
    return copy(position, out);
  }

  std::atomic<bool> fails = false;
  std::atomic<int> waited = 0;

 private:
  size_t copy(uint64_t position, MutableBytes out) const {
    return bytes_.copy(reinterpret_cast<char*>(out.data()), out.size(), position);
  }

  const std::string bytes_;
  std::atomic<uint64_t> warm_to_ = 0;
};

// Every byte tells where it is.
std::string numbered(size_t size) {
  std::string bytes(size, 0);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i ^ (i >> 8) ^ (i >> 16));
  return bytes;
}

ServedApi fetch_of(std::shared_ptr<ByteSource> source,
                   std::vector<std::pair<uint64_t, size_t>> parts) {
  return api<FetchRequest>(
      [source, parts](RequestContext&, FetchRequest&) -> asio::awaitable<FetchResponse> {
        FetchResponse response;
        auto& topic = response.topics.emplace_back();
        for (const auto& [position, size] : parts)
          topic.partitions.push_back({.records = StoredBytes{source, position, size}});
        co_return response;
      });
}

void expect_stored_parts(LoopbackClient& client, const std::string& bytes,
                         const std::vector<std::pair<uint64_t, size_t>>& parts) {
  for (int32_t id = 0; id < 3; ++id) client.send_request(FetchRequest{}, 12, id);
  for (int32_t id = 0; id < 3; ++id) {
    auto frame = client.receive_frame();
    ASSERT_TRUE(frame);
    auto response = decode_as<FetchResponse>(as_bytes(*frame).subspan(5), 12);
    ASSERT_TRUE(response.ok()) << response.status();
    ASSERT_EQ(response->topics.at(0).partitions.size(), parts.size());
    for (size_t i = 0; i < parts.size(); ++i) {
      const auto [position, size] = parts[i];
      EXPECT_EQ(as_text(response->topics[0].partitions[i].records.bytes()),
                std::string_view(bytes).substr(position, size));
    }
  }
}

const std::vector<std::pair<uint64_t, size_t>> kParts = {
    {0, 10}, {3'000'000, 2'000'000}, {17, 300'001}, {5, 0}, {4'999'999, 1}};

TEST(NetworkTest, StoredRecordsOfAFileAreSent) {
  const std::string bytes = numbered(5'000'000);
  const std::string path = testing::TempDir() + "stored_records";
  auto disk = make_posix_disk();
  ASSERT_TRUE(disk->write_file(path, as_bytes(bytes)).ok());
  auto file = disk->open(path, Disk::Mode::kRead);
  ASSERT_TRUE(file.ok());
  EXPECT_GE((*file)->descriptor(), 0);
  EXPECT_TRUE((*file)->is_cached(0, bytes.size()));
  LoopbackServer server({fetch_of(*file, kParts)});
  LoopbackClient client(server.port());
  expect_stored_parts(client, bytes, kParts);
  ASSERT_TRUE(disk->remove(path).ok());
}

TEST(NetworkTest, StoredRecordsThatAreNotInMemoryAreWaitedFor) {
  const std::string bytes = numbered(5'000'000);
  auto source = std::make_shared<ColdSource>(bytes);
  LoopbackServer server({fetch_of(source, kParts), heartbeat()});
  LoopbackClient client(server.port());
  expect_stored_parts(client, bytes, kParts);
  EXPECT_GE(source->waited, 3);
  client.send_request(a_heartbeat(), 0, 9);
  EXPECT_EQ(client.receive_id(), 9);
  EXPECT_TRUE(eventually([&] { return server.network().memory().used() == 0; }));
}

TEST(NetworkTest, StoredRecordsThatCanNotBeReadEndTheConnection) {
  auto source = std::make_shared<ColdSource>(numbered(1000));
  LoopbackServer server({fetch_of(source, {{0, 2000}}), heartbeat()});
  for (const bool fails : {false, true}) {  // Shorter than the response says, and not readable.
    source->fails = fails;
    LoopbackClient client(server.port());
    client.send_request(FetchRequest{}, 12, 1);
    EXPECT_FALSE(client.receive_frame());
  }
  LoopbackClient other(server.port());
  other.send_request(a_heartbeat(), 0, 1);
  EXPECT_EQ(other.receive_id(), 1);
}

TEST(NetworkTest, StoredRecordsOfAFileThatWasCutEndTheConnection) {
  const std::string path = testing::TempDir() + "cut_records";
  auto disk = make_posix_disk();
  ASSERT_TRUE(disk->write_file(path, as_bytes(numbered(1000))).ok());
  auto file = disk->open(path, Disk::Mode::kRead);
  ASSERT_TRUE(file.ok());
  LoopbackServer server({fetch_of(*file, {{0, 2000}})});
  LoopbackClient client(server.port());
  client.send_request(FetchRequest{}, 12, 1);
  EXPECT_FALSE(client.receive_frame());
  ASSERT_TRUE(disk->remove(path).ok());
}

TEST(NetworkTest, ClientThatNeverReadsIsClosedWhenMemoryIsShort) {
  BigFetch big;
  LoopbackServer server({big.api_entry(), heartbeat()}, {.max_queued_request_bytes = 1 << 20,
                                                         .send_buffer_bytes = 64 << 10,
                                                         .max_stall = milliseconds(100)});
  LoopbackClient stalled(server.port(), "127.0.0.1", 64 << 10);
  std::string requests;
  for (int id = 0; id < 20; ++id) requests += LoopbackClient::frame_of(FetchRequest{}, 4, id);
  stalled.send(requests);
  EXPECT_TRUE(eventually([&] { return big.served > 0; }));
  LoopbackClient other(server.port());
  other.send_request(a_heartbeat(), 0, 1);
  EXPECT_EQ(other.receive_id(), 1) << "as soon as the memory is there again";
}

TEST(NetworkTest, NoFrameIsBegunWhileMemoryIsUsedUp) {
  LoopbackServer server({heartbeat()}, {.max_queued_request_bytes = 100'000});
  auto first = std::make_unique<LoopbackClient>(server.port());
  first->send(std::string("\x00\x10\x00\x00", 4) + std::string(90'000, 'x'));
  EXPECT_TRUE(eventually([&] { return server.network().memory().used() > 90'000; }));
  LoopbackClient second(server.port());
  second.send_request(a_heartbeat(), 0, 1);
  EXPECT_FALSE(second.has_something_to_read(milliseconds(100)));
  first.reset();
  EXPECT_EQ(second.receive_id(), 1);
}

TEST(NetworkTest, FramesLargerThanAllMemoryTogetherStillGetThrough) {
  SlowProduce slow;
  LoopbackServer server({slow.served()}, {.max_queued_request_bytes = 200'000});
  std::string records(500'000, 'r');
  std::string frame = LoopbackClient::frame_of(a_produce(0, as_bytes(records)), 9, 1);
  std::vector<std::unique_ptr<LoopbackClient>> clients;
  std::vector<std::thread> senders;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<LoopbackClient>(server.port()));
    senders.emplace_back([&frame, client = clients.back().get()] { client->send(frame); });
  }
  for (auto& client : clients) EXPECT_EQ(client->receive_id(), 1);
  for (auto& sender : senders) sender.join();
  EXPECT_TRUE(eventually([&] { return server.network().memory().used() == 0; }));
}

TEST(NetworkTest, IdleConnectionsAreClosedAndBusyOnesAreNot) {
  SlowProduce slow;
  LoopbackServer server({slow.served()}, {.max_idle = milliseconds(500)});
  LoopbackClient idle(server.port()), busy(server.port());
  busy.send_request(a_produce(1200), 3, 1);
  auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(idle.is_closed_by_server());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(400));
  EXPECT_EQ(busy.receive_id(), 1);
}

TEST(NetworkTest, ConnectionsAreCountedByAddressAndInAll) {
  LoopbackServer server({heartbeat()}, {.max_connections = 3, .max_connections_per_ip = 2});
  LoopbackClient first(server.port());
  auto second = std::make_unique<LoopbackClient>(server.port());
  EXPECT_TRUE(eventually([&] { return server.network().connections() == 2; }));
  LoopbackClient third(server.port());
  EXPECT_TRUE(third.is_closed_by_server());
  LoopbackClient elsewhere(server.port(), "127.0.0.1");
  EXPECT_TRUE(elsewhere.is_closed_by_server());
  second.reset();
  EXPECT_TRUE(eventually([&] { return server.network().connections() == 1; }));
  LoopbackClient fourth(server.port());
  fourth.send_request(a_heartbeat(), 0, 4);
  EXPECT_EQ(fourth.receive_id(), 4);
}

// --- Listeners ----------------------------------------------------------------------------------

bool has_ipv6() {
  int fd = socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  bool ok = fd >= 0 && bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  if (fd >= 0) close(fd);
  return ok;
}

TEST(NetworkTest, ListenerWithoutHostServesIpv4AndIpv6) {
  std::string peer_host;
  auto look = [&](RequestContext& context,
                  HeartbeatRequest&) -> asio::awaitable<HeartbeatResponse> {
    peer_host = context.connection.peer_host;
    co_return HeartbeatResponse{};
  };
  LoopbackServer server({api<HeartbeatRequest>(look)}, {.listeners = {{.host = ""}}});
  LoopbackClient v4(server.port(), "127.0.0.1");
  v4.send_request(a_heartbeat(), 0, 1);
  EXPECT_EQ(v4.receive_id(), 1);
  EXPECT_EQ(peer_host, "127.0.0.1") << "not an IPv6 address that holds it";
  if (!has_ipv6()) GTEST_SKIP() << "this machine has no IPv6";
  LoopbackClient v6(server.port(), "::1");
  v6.send_request(a_heartbeat(), 0, 2);
  EXPECT_EQ(v6.receive_id(), 2);
  EXPECT_EQ(peer_host, "::1");
}

TEST(NetworkTest, SeveralListenersAreNamed) {
  std::string listener_name;
  auto look = [&](RequestContext& context,
                  HeartbeatRequest&) -> asio::awaitable<HeartbeatResponse> {
    listener_name = context.connection.listener_name;
    co_return HeartbeatResponse{};
  };
  LoopbackServer server({api<HeartbeatRequest>(look)},
                        {.listeners = {{.name = "INSIDE", .host = "127.0.0.1"},
                                       {.name = "OUTSIDE", .host = "localhost"}}});
  auto bound = server.network().listeners();
  ASSERT_EQ(bound.size(), 2u);
  for (const auto& [name, port] : bound) {
    LoopbackClient client(port);
    client.send_request(a_heartbeat(), 0, 1);
    EXPECT_EQ(client.receive_id(), 1);
    EXPECT_EQ(listener_name, name);
  }
}

TEST(NetworkTest, TakenPortIsNamedWithAdvice) {
  LoopbackServer first({});
  Shards shards(1);
  DiskPool disk_pool(1);
  ApiTable apis({});
  alignas(64) char no_broker[64] = {};
  for (const char* host : {"127.0.0.1", ""}) {
    Network second(shards, disk_pool, reinterpret_cast<Broker&>(no_broker), apis,
                   {.listeners = {{.host = host, .port = first.port()}}});
    auto status = second.open();
    ASSERT_FALSE(status.ok()) << '"' << host << '"';
    const std::string text(status.message());
    EXPECT_NE(text.find(std::to_string(first.port())), std::string::npos) << text;
    EXPECT_NE(text.find("another program"), std::string::npos) << text;
  }
}

TEST(NetworkTest, AddressesAreReleasedWithoutAStart) {
  alignas(64) char no_broker[64] = {};
  ApiTable apis({});
  Shards shards(1);
  DiskPool disk_pool(1);
  Network network(shards, disk_pool, reinterpret_cast<Broker&>(no_broker), apis,
                  {.listeners = {{.host = "127.0.0.1"}}});
  ASSERT_TRUE(network.open().ok());
  const uint16_t port = network.listeners()[0].port;
  network.release_addresses();
  EXPECT_FALSE(LoopbackClient(port).is_connected());
  shards.stop();
}

TEST(NetworkTest, UnknownHostIsNamed) {
  Shards shards(1);
  DiskPool disk_pool(1);
  ApiTable apis({});
  alignas(64) char no_broker[64] = {};
  Network network(shards, disk_pool, reinterpret_cast<Broker&>(no_broker), apis,
                  {.listeners = {{.host = "192.0.2.1", .port = 0}}});
  auto status = network.open();
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.message().find("192.0.2.1"), absl::string_view::npos) << status;
}

// --- The end ------------------------------------------------------------------------------------

TEST(NetworkTest, StopAnswersWhatWasBegunAndWakesWhoWaits) {
  SlowProduce slow;
  std::atomic<bool> is_waiting = false;
  auto wait = [&](RequestContext& context,
                  HeartbeatRequest&) -> asio::awaitable<HeartbeatResponse> {
    Event event(context.shard.clock());
    Interrupt::Attachment attachment(context.connection.interrupt, event);
    is_waiting = true;
    co_await event.wait();
    co_return HeartbeatResponse{};
  };
  LoopbackServer server({slow.served(), api<HeartbeatRequest>(wait)});
  LoopbackClient producing(server.port()), waiting(server.port()), idle(server.port());
  producing.send_request(a_produce(100), 3, 1);
  waiting.send_request(a_heartbeat(), 0, 2);
  EXPECT_TRUE(eventually([&] { return slow.running == 1 && is_waiting; }));
  server.stop(seconds(20));
  EXPECT_EQ(producing.receive_id(), 1);
  EXPECT_TRUE(producing.is_closed_by_server());
  EXPECT_EQ(waiting.receive_id(), 2);
  EXPECT_TRUE(waiting.is_closed_by_server());
  EXPECT_TRUE(idle.is_closed_by_server());
}

TEST(NetworkTest, StopDoesNotWaitForEverForHandlersThatDoNotEnd) {
  auto wait = [](RequestContext& context, HeartbeatRequest&) -> asio::awaitable<HeartbeatResponse> {
    Event never(context.shard.clock());
    co_await never.wait();
    co_return HeartbeatResponse{};
  };
  LoopbackServer server({api<HeartbeatRequest>(wait)});
  LoopbackClient client(server.port());
  client.send_request(a_heartbeat(), 0, 1);
  EXPECT_TRUE(eventually([&] { return server.network().connections() == 1; }));
  auto begin = std::chrono::steady_clock::now();
  server.stop(milliseconds(50));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(10));
  EXPECT_TRUE(client.is_closed_by_server());
}

}  // namespace
}  // namespace moldau
