// Table on RocksDB, tuned for a small map beside a broker: little memory, one small log file, no
// chatter in its own LOG.
#include "storage/table.h"

#include <algorithm>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

absl::Status translate(const rocksdb::Status& status, const std::string& what) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = absl::StrCat(what, ": ", status.ToString());
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(text);
  if (status.IsCorruption()) return absl::DataLossError(text);
  if (status.IsIOError() && text.find("lock") != std::string::npos)
    return absl::FailedPreconditionError(text);
  return absl::InternalError(text);
}

class QuietLogger : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::Options small_options() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = 1 << 20;
  options.max_write_buffer_number = 2;
  options.max_total_wal_size = 4 << 20;
  options.max_open_files = 32;
  options.max_background_jobs = 1;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.keep_log_file_num = 1;
  options.info_log = std::make_shared<QuietLogger>();
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = rocksdb::NewLRUCache(1 << 20, 0);
  blocks.cache_index_and_filter_blocks = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  return options;
}

class RocksTable : public Table {
 public:
  explicit RocksTable(std::unique_ptr<rocksdb::DB> db) : db_(std::move(db)) {}

  absl::StatusOr<std::optional<std::string>> get(std::string_view key) const override {
    std::string value;
    const auto status = db_->Get(rocksdb::ReadOptions(), slice(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return translate(status, "table get");
    return std::optional<std::string>(std::move(value));
  }

  absl::Status apply(const std::vector<Write>& batch) override {
    rocksdb::WriteBatch writes;
    for (const auto& [key, value] : batch) {
      const auto status = value ? writes.Put(key, *value) : writes.Delete(key);
      if (!status.ok()) return translate(status, "table apply");
    }
    return translate(db_->Write(rocksdb::WriteOptions(), &writes), "table apply");
  }

  absl::Status scan_from(std::string_view prefix, std::string_view from,
                         const Visit& visit) const override {
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions()));
    for (it->Seek(slice(std::max(prefix, from)));
         it->Valid() && it->key().starts_with(slice(prefix)); it->Next())
      if (!visit(view(it->key()), view(it->value()))) break;
    return translate(it->status(), "table scan");
  }

  absl::Status remove_prefix(std::string_view prefix) override {
    rocksdb::WriteBatch writes;
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions()));
    for (it->Seek(slice(prefix)); it->Valid() && it->key().starts_with(slice(prefix)); it->Next())
      if (auto status = writes.Delete(it->key()); !status.ok()) return translate(status, "table");
    if (!it->status().ok()) return translate(it->status(), "table remove");
    return translate(db_->Write(rocksdb::WriteOptions(), &writes), "table remove");
  }

  absl::Status flush() override { return translate(db_->SyncWAL(), "table sync"); }

 private:
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Table>> open_rocksdb_table(const std::string& directory) {
  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::Open(small_options(), directory, &db);
  if (!status.ok()) return translate(status, absl::StrCat("open table ", directory));
  return std::make_unique<RocksTable>(std::unique_ptr<rocksdb::DB>(db));
}

}  // namespace moldau
