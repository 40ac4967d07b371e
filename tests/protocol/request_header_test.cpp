#include "protocol/request_header.h"

#include "protocol/apis.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/controlled_shutdown.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/sasl_handshake.h"

#include "gtest/gtest.h"

namespace moldau {
namespace {

std::string bytes(std::initializer_list<int> list) {
  std::string s;
  for (int b : list) s += static_cast<char>(b);
  return s;
}

TEST(RequestHeaderTest, OldRequestsHaveAClientIdAndNoTags) {
  std::string frame = bytes({0, 3, 0, 1, 0, 0, 0, 9, 0, 2, 'm', 'e', -1, -1, -1, -1});
  auto request = parse_request(as_bytes(frame));
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->api->key, MetadataRequest::kApi.key);
  EXPECT_EQ(request->header.api_version, 1);
  EXPECT_EQ(request->header.correlation_id, 9);
  EXPECT_EQ(request->header.client_id, "me");
  EXPECT_EQ(as_text(request->body), bytes({-1, -1, -1, -1}));
}

TEST(RequestHeaderTest, FlexibleRequestsHaveTagsAndAnOldClientId) {
  std::string frame = bytes({0, 18, 0, 3, 0, 0, 0, 9, -1, -1, /*tags*/ 1, 7, 2, 'x', 'y', 'b'});
  auto request = parse_request(as_bytes(frame));
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->header.client_id, std::nullopt);
  EXPECT_EQ(as_text(request->body), "b");
}

TEST(RequestHeaderTest, ControlledShutdownZeroHasNoClientId) {
  auto request = parse_request(as_bytes(bytes({0, 7, 0, 0, 0, 0, 0, 9, 0, 0, 0, 5})));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->body.size(), 4u);
}

TEST(RequestHeaderTest, AnUnknownApiIsParsedAsFarAsItCanBe) {
  auto request = parse_request(as_bytes(bytes({3, -24, 0, 0, 0, 0, 0, 9, 1, 2})));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->api, nullptr);
  EXPECT_EQ(request->header.api_key, 1000);
  EXPECT_EQ(request->header.correlation_id, 9);
}

TEST(RequestHeaderTest, AVersionFromTheFutureIsReadAsFlexible) {
  auto request = parse_request(as_bytes(bytes({0, 18, 0, 99, 0, 0, 0, 9, 0, 1, 'c', 0, 1, 2})));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->header.api_version, 99);
  EXPECT_EQ(request->body.size(), 2u);
}

TEST(RequestHeaderTest, EveryTruncationIsAnError) {
  std::string frame = bytes({0, 18, 0, 3, 0, 0, 0, 9, 0, 1, 'c', 1, 7, 2, 'x', 'y'});
  for (size_t n = 0; n < frame.size(); ++n) {
    EXPECT_FALSE(parse_request(as_bytes(frame).first(n)).ok()) << n;
  }
  EXPECT_TRUE(parse_request(as_bytes(frame)).ok());
  EXPECT_FALSE(parse_request(as_bytes(bytes({0, 3, 0, 1, 0, 0, 0, 9, -1, -2}))).ok());
}

TEST(RequestHeaderTest, RequestFramesAreReadBack) {
  for (const Api& api : all_apis()) {
    for (Version v = api.first; v <= api.last; ++v) {
      RequestHeader header{api.key, v, 77, "client"};
      std::string frame = begin_request_frame(api, header);
      auto parsed = parse_request(as_bytes(frame).subspan(4));
      ASSERT_TRUE(parsed.ok()) << api.name << v;
      EXPECT_EQ(parsed->header.correlation_id, 77);
      EXPECT_TRUE(parsed->body.empty()) << api.name << v;
    }
  }
}

TEST(ResponseHeaderTest, FlexibleResponsesHaveTagsExceptApiVersions) {
  EXPECT_EQ(response_header_version(FetchRequest::kApi, 11), 0);
  EXPECT_EQ(response_header_version(FetchRequest::kApi, 12), 1);
  EXPECT_EQ(response_header_version(ApiVersionsRequest::kApi, 3), 0);
  EXPECT_EQ(response_header_version(SaslHandshakeRequest::kApi, 1), 0);
}

TEST(ResponseHeaderTest, AFrameStartsWithTheSizeOfTheRest) {
  std::string records(5000, 'r');
  FetchResponse response;
  response.topics.resize(1);
  response.topics[0].partitions.resize(1);
  response.topics[0].partitions[0].records = as_bytes(records);
  std::string frame = encode_response_frame(response, 12, 0x01020304).flatten();
  uint32_t size = 0;
  for (int i = 0; i < 4; ++i)
    size = size << 8 | static_cast<uint8_t>(frame[static_cast<size_t>(i)]);
  EXPECT_EQ(size, frame.size() - 4);
  auto parsed = parse_response(as_bytes(frame).subspan(4), FetchResponse::kApi, 12);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->correlation_id, 0x01020304);
  EXPECT_EQ(as_text(parsed->body), encode(response, 12));
}

TEST(ApisTest, AreFoundByTheirKey) {
  EXPECT_EQ(find_api(0)->name, std::string("Produce"));
  EXPECT_EQ(find_api(18)->last, 5);
  EXPECT_EQ(find_api(-1), nullptr);
  EXPECT_EQ(find_api(1000), nullptr);
  int16_t last = -1;
  for (const Api& api : all_apis()) {
    EXPECT_GT(api.key, last);
    last = api.key;
    EXPECT_EQ(find_api(api.key), &api);
  }
}

}  // namespace
}  // namespace moldau
