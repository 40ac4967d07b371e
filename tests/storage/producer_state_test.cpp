#include "storage/producer_state.h"

#include <gmock/gmock.h>

#include "tests/storage/log_fixture.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ProducersTest : public LogFixture {
 protected:
  void SetUp() override { open(); }

  AppendResult send(int32_t sequence, int records = 1, int16_t epoch = 0, int64_t producer_id = 7,
                    bool transactional = false) {
    return append({.records = records,
                   .timestamp_ms = now_ms_,
                   .producer_id = producer_id,
                   .producer_epoch = epoch,
                   .base_sequence = sequence,
                   .is_transactional = transactional});
  }
  AppendResult end(bool is_commit, int16_t epoch = 0, int32_t coordinator_epoch = 0,
                   int64_t producer_id = 7) {
    return append_bytes(make_end_marker(producer_id, epoch, is_commit, coordinator_epoch, now_ms_),
                        AppendOrigin::kCoordinator);
  }
};

TEST_F(ProducersTest, ARetryIsAnsweredWithItsFirstOffsets) {
  send(0, 3);
  send(3, 2);
  const auto retry = send(0, 3);
  EXPECT_EQ(retry.error, ErrorCode::kNone);
  EXPECT_TRUE(retry.is_duplicate);
  EXPECT_EQ(retry.first_offset, 0);
  EXPECT_EQ(retry.last_offset, 2);
  EXPECT_EQ(log_->log_end_offset(), 5);
}

TEST_F(ProducersTest, FiveBatchesAreRemembered) {
  for (int32_t i = 0; i < 6; ++i) send(i);
  EXPECT_TRUE(send(1).is_duplicate);
  EXPECT_EQ(send(0).error, ErrorCode::kOutOfOrderSequenceNumber);
}

TEST_F(ProducersTest, AGapInSequencesIsRefused) {
  send(0);
  EXPECT_EQ(send(2).error, ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(send(1).error, ErrorCode::kNone);
}

TEST_F(ProducersTest, AnUnknownProducerMayBeginAnywhere) {
  EXPECT_EQ(send(41).first_offset, 0);
  EXPECT_EQ(send(42).first_offset, 1);
}

TEST_F(ProducersTest, SequencesWrapAround) {
  EXPECT_EQ(send(INT32_MAX - 1, 3).error, ErrorCode::kNone);  // 2^31-2, 2^31-1, 0
  EXPECT_TRUE(send(INT32_MAX - 1, 3).is_duplicate);
  EXPECT_EQ(send(1).error, ErrorCode::kNone);
}

TEST_F(ProducersTest, ANewEpochBeginsAtZeroAndFencesTheOldOne) {
  send(0);
  EXPECT_EQ(send(1, 1, 1).error, ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(send(0, 1, 1).error, ErrorCode::kNone);
  EXPECT_EQ(send(1, 1, 0).error, ErrorCode::kInvalidProducerEpoch);
}

TEST_F(ProducersTest, SilentProducersAreForgotten) {
  send(0);
  now_ms_ += config_.producer_id_expiration_ms;
  ASSERT_TRUE(log_->roll_if_due(now_ms_).ok());
  EXPECT_TRUE(log_->producers().empty());
  EXPECT_EQ(send(9).error, ErrorCode::kNone);
}

TEST_F(ProducersTest, StateOutlivesACleanStop) {
  send(0);
  send(1);
  close_and_open();
  EXPECT_TRUE(send(1).is_duplicate);
  EXPECT_EQ(send(3).error, ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(send(2).error, ErrorCode::kNone);
}

TEST_F(ProducersTest, StateIsMadeAgainAfterAKill) {
  config_.segment_bytes = 250;
  log_->set_config(config_);
  for (int32_t i = 0; i < 20; ++i) send(i);
  open(false, 0);
  EXPECT_TRUE(send(19).is_duplicate);
  EXPECT_TRUE(send(15).is_duplicate);
  EXPECT_EQ(send(21).error, ErrorCode::kOutOfOrderSequenceNumber);
}

TEST_F(ProducersTest, ADamagedSnapshotIsReplacedByTheLog) {
  for (int32_t i = 0; i < 3; ++i) send(i);
  ASSERT_TRUE(log_->close().ok());
  disk_.flip_bit(file("00000000000000000003.snapshot"), 12);
  open(true, 3);
  EXPECT_THAT(log_->recovery_report().notes, ElementsAre(HasSubstr("checksum")));
  EXPECT_TRUE(send(2).is_duplicate);
}

TEST_F(ProducersTest, StateFollowsATruncation) {
  send(0);
  send(1);
  ASSERT_TRUE(log_->truncate_to(1).ok());
  EXPECT_EQ(send(1).first_offset, 1);
  EXPECT_FALSE(send(2).is_duplicate);
}

TEST_F(ProducersTest, AnOpenTransactionHoldsTheStableOffset) {
  append();
  send(0, 2, 0, 7, true);
  append();
  EXPECT_EQ(log_->first_open_transaction_offset(), 1);
  EXPECT_EQ(log_->last_stable_offset(4), 1);
  EXPECT_EQ(end(true).error, ErrorCode::kNone);
  EXPECT_EQ(log_->first_open_transaction_offset(), std::nullopt);
  EXPECT_EQ(log_->last_stable_offset(4), 1);  // The marker at 4 is not replicated yet.
  EXPECT_EQ(log_->last_stable_offset(5), 5);
}

TEST_F(ProducersTest, AbortedTransactionsAreInTheIndex) {
  send(0, 2, 0, 7, true);  // 0, 1
  send(0, 1, 0, 8, true);  // 2
  end(false, 0, 0, 7);     // 3
  end(true, 0, 0, 8);      // 4
  const AbortedTransaction expected{7, 0, 3, 2};
  EXPECT_THAT(*log_->aborted_transactions(0, 10), ElementsAre(expected));
  EXPECT_TRUE(log_->aborted_transactions(4, 10)->empty());
  close_and_open();
  EXPECT_THAT(*log_->aborted_transactions(1, 2), ElementsAre(expected));
  open(false, 0);
  EXPECT_THAT(*log_->aborted_transactions(1, 2), ElementsAre(expected));
}

TEST_F(ProducersTest, ATruncatedMarkerIsForgottenEverywhere) {
  send(0, 2, 0, 7, true);
  end(false);
  ASSERT_TRUE(log_->truncate_to(2).ok());
  EXPECT_EQ(log_->first_open_transaction_offset(), 0);
  EXPECT_TRUE(log_->aborted_transactions(0, 10)->empty());
}

TEST_F(ProducersTest, AnIndexEntryThatFindsNoSpaceIsWrittenLater) {
  send(0, 2, 0, 7, true);
  disk_.set_space_left(make_end_marker(7, 0, false, 0, 0).size());
  ASSERT_EQ(end(false).error, ErrorCode::kNone);
  EXPECT_EQ(log_->aborted_transactions(0, 10)->size(), 1u);
  disk_.set_space_left(SimulatedDisk::kUnlimited);
  close_and_open();
  EXPECT_EQ(log_->aborted_transactions(0, 10)->size(), 1u);
}

TEST_F(ProducersTest, AnOldCoordinatorIsFenced) {
  send(0, 1, 0, 7, true);
  EXPECT_EQ(end(true, 0, 5).error, ErrorCode::kNone);
  send(1, 1, 0, 7, true);
  EXPECT_EQ(end(true, 0, 4).error, ErrorCode::kTransactionCoordinatorFenced);
}

TEST_F(ProducersTest, ABatchOutsideTheOpenTransactionIsRefused) {
  send(0, 1, 0, 7, true);
  EXPECT_EQ(send(1).error, ErrorCode::kInvalidTxnState);
}

TEST(ProducerSnapshotTest, IsReadAsItWasWritten) {
  ProducerState state;
  state.apply({.base_offset = 4,
               .attributes = 0x10,
               .last_offset_delta = 2,
               .max_timestamp = 99,
               .producer_id = 7,
               .producer_epoch = 3,
               .base_sequence = 5},
              std::nullopt);
  auto again = ProducerState::from_snapshot(as_bytes(state.snapshot()));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->snapshot(), state.snapshot());
  EXPECT_EQ(again->first_open_offset(), 4);
  EXPECT_EQ(again->producers().at(7).last_sequence(), 7);
}

TEST(ProducerSnapshotTest, EveryFlippedBitIsFound) {
  ProducerState state;
  state.apply({.producer_id = 7, .producer_epoch = 0, .base_sequence = 0}, std::nullopt);
  std::string bytes = state.snapshot();
  for (size_t i = 0; i < bytes.size() * 8; ++i) {
    bytes[i / 8] = static_cast<char>(bytes[i / 8] ^ (1 << (i % 8)));
    EXPECT_FALSE(ProducerState::from_snapshot(as_bytes(bytes)).ok()) << i;
    bytes[i / 8] = static_cast<char>(bytes[i / 8] ^ (1 << (i % 8)));
  }
}

}  // namespace
}  // namespace moldau
