#include "broker/network/frame_reader.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace moldau {
namespace {

std::string framed(std::string_view body) {
  auto size = static_cast<uint32_t>(body.size());
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8) frame += static_cast<char>(size >> shift);
  return frame + std::string(body);
}

class FrameReaderTest : public testing::Test {
 protected:
  // Feeds bytes as a socket would: as many as there is space for, at most `most` at a time.
  void feed(std::string_view bytes, size_t most = SIZE_MAX) {
    while (!bytes.empty()) {
      collect();
      while (size_t needed = reader_.memory_needed()) {
        largest_ = std::max(largest_, needed);
        reader_.add_memory(pool_.take(needed));
      }
      auto space = reader_.space();
      ASSERT_FALSE(space.empty());
      size_t n = std::min({space.size(), bytes.size(), most});
      std::memcpy(space.data(), bytes.data(), n);
      reader_.received(n);
      bytes.remove_prefix(n);
    }
    collect();
  }
  void collect() {
    for (;;) {
      auto frame = reader_.next();
      if (!frame.ok()) error_ = std::string(frame.status().message());
      if (!frame.ok() || !*frame) return;
      bodies_.emplace_back(as_text((*frame)->bytes));
      if (keep_) kept_.push_back(std::move(**frame));
    }
  }

  MemoryPool pool_{int64_t{1} << 30};
  FrameReader reader_{100 << 20};
  std::vector<std::string> bodies_;
  std::vector<FrameReader::Frame> kept_;
  bool keep_ = false;
  size_t largest_ = 0;
  std::string error_;
};

TEST_F(FrameReaderTest, FramesAreCutWhereverReadsEnd) {
  std::string stream = framed("one") + framed("") + framed("three");
  for (size_t most = 1; most <= stream.size(); ++most) {
    bodies_.clear();
    feed(stream, most);
    EXPECT_EQ(bodies_, (std::vector<std::string>{"one", "", "three"})) << most << " at a time";
  }
}

TEST_F(FrameReaderTest, ClaimedSizeAllocatesNothing) {
  feed(framed("").replace(0, 4, "\x06\x00\x00\x00", 4));  // 96 MiB
  feed(std::string(1000, 'x'));
  EXPECT_TRUE(bodies_.empty());
  EXPECT_LE(largest_, 16u << 10);
}

TEST_F(FrameReaderTest, MemoryGrowsWithTheBytesReceived) {
  std::string body(10 << 20, 'x');
  std::string stream = framed(body);
  size_t sent = 0;
  while (sent < stream.size()) {
    feed(std::string_view(stream).substr(sent, 100'000));
    sent = std::min(sent + 100'000, stream.size());
    EXPECT_LE(pool_.used(), static_cast<int64_t>(2 * sent + (32 << 10)));
  }
  ASSERT_EQ(bodies_.size(), 1u);
  EXPECT_EQ(bodies_[0], body);
}

TEST_F(FrameReaderTest, MemoryIsGivenBackBehindALargeFrame) {
  feed(framed(std::string(10 << 20, 'x')));
  reader_.release_if_empty();
  EXPECT_EQ(pool_.used(), 0);
  for (int i = 0; i < 20; ++i) {
    feed(framed("small"));
    reader_.release_if_empty();
  }
  feed(framed("small").substr(0, 5));
  EXPECT_LE(pool_.used(), 16 << 10) << "back to the smallest size";
}

TEST_F(FrameReaderTest, FramesInUseStayWhereTheyAre) {
  keep_ = true;
  std::mt19937 random(1);
  std::vector<std::string> sent;
  for (int i = 0; i < 500; ++i) {
    sent.emplace_back(random() % (i % 50 == 0 ? 200'000 : 500), static_cast<char>('a' + i % 26));
    feed(framed(sent.back()), 1 + random() % 70'000);
  }
  ASSERT_EQ(kept_.size(), sent.size());
  for (size_t i = 0; i < sent.size(); ++i) EXPECT_EQ(as_text(kept_[i].bytes), sent[i]) << i;
  kept_.clear();
  reader_.release_if_empty();
  EXPECT_EQ(pool_.used(), 0);
}

TEST_F(FrameReaderTest, BadSizesAreNamed) {
  feed(std::string("\xff\xff\xff\xff", 4));
  EXPECT_NE(error_.find("-1 bytes"), std::string::npos) << error_;
}

TEST_F(FrameReaderTest, SizesAboveTheLimitAreNamed) {
  feed(std::string("\x7f\xff\xff\xff", 4));
  EXPECT_NE(error_.find("2147483647 bytes"), std::string::npos) << error_;
}

}  // namespace
}  // namespace moldau
