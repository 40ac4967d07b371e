#include "storage/table.h"

#include <filesystem>
#include <stdlib.h>

#include <gmock/gmock.h>

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TableTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "moldau-table-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    table_ = open();
  }
  void TearDown() override {
    table_.reset();
    std::filesystem::remove_all(folder_);
  }
  std::unique_ptr<Table> open() {
    if (!GetParam()) return make_memory_table();
    auto table = open_rocksdb_table(folder_ + "/table");
    EXPECT_TRUE(table.ok()) << table.status();
    return *std::move(table);
  }
  std::vector<std::string> keys(std::string_view prefix) {
    std::vector<std::string> found;
    EXPECT_TRUE(table_
                    ->scan(prefix,
                           [&](std::string_view key, std::string_view) {
                             found.emplace_back(key);
                             return found.size() < 3;
                           })
                    .ok());
    return found;
  }

  std::string folder_;
  std::unique_ptr<Table> table_;
};

TEST_P(TableTest, KeepsAndDeletes) {
  ASSERT_TRUE(table_->apply({{"a", "1"}, {"b", ""}, {"c", "3"}}).ok());
  ASSERT_TRUE(table_->apply({{"a", std::nullopt}}).ok());
  EXPECT_EQ(*table_->get("a"), std::nullopt);
  EXPECT_EQ(*table_->get("b"), "");
  EXPECT_EQ(*table_->get("c"), "3");
}

TEST_P(TableTest, ScansAPrefixInOrderUntilTold) {
  ASSERT_TRUE(
      table_->apply({{"p4", ""}, {"p1", ""}, {"q", ""}, {"p2", ""}, {"p3", ""}, {"o", ""}}).ok());
  EXPECT_THAT(keys("p"), ElementsAre("p1", "p2", "p3"));
  EXPECT_THAT(keys("q"), ElementsAre("q"));
  EXPECT_THAT(keys("x"), IsEmpty());
}

TEST_P(TableTest, RemovesAPrefix) {
  ASSERT_TRUE(table_->apply({{"p1", ""}, {"q", ""}, {"p2", ""}}).ok());
  ASSERT_TRUE(table_->remove_prefix("p").ok());
  EXPECT_THAT(keys(""), ElementsAre("q"));
  EXPECT_TRUE(table_->flush().ok());
}

INSTANTIATE_TEST_SUITE_P(Kinds, TableTest, testing::Bool());

class RocksTableTest : public TableTest {};

TEST_P(RocksTableTest, IsThereAfterItWasClosed) {
  ASSERT_TRUE(table_->apply({{"a", "1"}}).ok());
  table_.reset();
  table_ = open();
  EXPECT_EQ(*table_->get("a"), "1");
}

TEST_P(RocksTableTest, IsOpenOnlyOnce) {
  EXPECT_TRUE(absl::IsFailedPrecondition(open_rocksdb_table(folder_ + "/table").status()));
}

INSTANTIATE_TEST_SUITE_P(OnDisk, RocksTableTest, testing::Values(true));

}  // namespace
}  // namespace moldau
