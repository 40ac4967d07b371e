// A disk in memory with the faults of real ones: a power loss drops or tears what was not synced,
// names included; space runs out; a sync fails; pages are cold.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "storage/disk.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

class SimulatedDisk : public Disk {
 public:
  static constexpr uint64_t kUnlimited = UINT64_MAX;

  // --- Faults ---
  // Every file keeps what was synced; of each later write all, a part or nothing; of later changes
  // of names a beginning. Files that are open then lead nowhere.
  void lose_power(std::mt19937_64& random) {
    const size_t kept = pick(random, pending_names_.size() + 1);
    auto names = durable_names_;
    for (size_t i = 0; i < kept; ++i) pending_names_[i].apply(names);
    names_.clear();
    for (auto& [path, content] : names) names_[path] = content->after_power_loss(random);
    pending_names_.clear();
    durable_names_ = names_;
    changes_left_ = kUnlimited;
  }
  void lose_power_and_all_unsynced() {
    names_ = durable_names_;
    pending_names_.clear();
    for (auto& [path, content] : names_) {
      auto left = std::make_shared<Content>();
      left->bytes = left->durable = content->durable;
      content = std::move(left);
    }
    durable_names_ = names_;
    changes_left_ = kUnlimited;
  }
  // After so many more changes and syncs all others fail and do nothing, until lose_power().
  void cut_power_after(uint64_t changes) { changes_left_ = changes; }
  bool is_off() const { return changes_left_ == 0; }
  void set_space_left(uint64_t bytes) { space_left_ = bytes; }
  void set_cold(bool cold) { cold_ = cold; }
  uint64_t bytes_read() const { return bytes_read_; }
  void fail_syncs(bool fail) { fail_syncs_ = fail; }
  void fail_writes_to(const std::string& path) { fail_writes_to_ = path; }
  void flip_bit(const std::string& path, uint64_t position) {
    auto& content = *names_.at(path);
    content.bytes[position] = static_cast<char>(content.bytes[position] ^ 1);
    if (position < content.durable.size()) content.durable[position] = content.bytes[position];
  }
  int sync_count() const { return sync_count_; }
  int write_count() const { return write_count_; }
  int open_count() const { return open_count_; }
  const std::string& contents(const std::string& path) const { return names_.at(path)->bytes; }

  // --- Disk ---
  absl::StatusOr<std::shared_ptr<File>> open(const std::string& path, Mode mode) override {
    auto it = names_.find(path);
    if (it == names_.end()) {
      if (mode != Mode::kCreate) return absl::NotFoundError("open " + path);
      if (space_left_ == 0) return no_space("create " + path);
      if (!has_power()) return off();
      auto content = std::make_shared<Content>();
      change_names({.to = path, .content = content});
      it = names_.find(path);
    }
    return std::make_shared<OpenFile>(*this, path, it->second);
  }
  absl::StatusOr<std::string> read_file(const std::string& path) override {
    auto it = names_.find(path);
    if (it == names_.end()) return absl::NotFoundError("open " + path);
    return it->second->bytes;
  }
  absl::Status write_file(const std::string& path, Bytes contents) override {
    const std::string temporary = path + ".tmp";
    auto file = open(temporary, Mode::kCreate);
    if (!file.ok()) return file.status();
    if (auto status = (*file)->truncate(0); !status.ok()) return status;
    if (auto status = (*file)->write_at(0, contents); !status.ok()) return status;
    if (auto status = (*file)->sync(); !status.ok()) return status;
    if (auto status = rename(temporary, path); !status.ok()) return status;
    return sync_directory(parent_path(path));
  }
  absl::Status make_directories(const std::string& path) override {
    directories_[path] = true;
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<std::string>> list(const std::string& directory) override {
    std::vector<std::string> names;
    const std::string prefix = directory + "/";
    const auto add = [&](const std::string& path) {
      if (!path.starts_with(prefix)) return;
      names.push_back(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
    };
    for (const auto& [path, content] : names_) add(path);
    for (const auto& [path, there] : directories_) add(path);
    if (names.empty() && !directories_.contains(directory))
      return absl::NotFoundError("list " + directory);
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }
  absl::StatusOr<std::vector<std::string>> list_directories(const std::string& path) override {
    auto names = list(path);
    if (!names.ok()) return names.status();
    std::erase_if(*names, [&](const std::string& name) {
      const std::string inside = path + "/" + name + "/";
      const auto first = names_.lower_bound(inside);
      const bool holds_files = first != names_.end() && first->first.starts_with(inside);
      return !holds_files && !directories_.contains(path + "/" + name);
    });
    return names;
  }
  bool exists(const std::string& path) override {
    return names_.contains(path) || directories_.contains(path);
  }
  absl::StatusOr<uint64_t> file_size(const std::string& path) override {
    auto it = names_.find(path);
    if (it == names_.end()) return absl::NotFoundError("stat " + path);
    return it->second->bytes.size();
  }
  absl::StatusOr<int64_t> modified_ms(const std::string& path) override {
    if (!names_.contains(path)) return absl::NotFoundError("stat " + path);
    return modified_ms_;
  }
  void set_modified_ms(int64_t ms) { modified_ms_ = ms; }
  absl::Status rename(const std::string& from, const std::string& to) override {
    if (!has_power()) return off();
    std::vector<std::pair<std::string, std::string>> moves;
    if (names_.contains(from)) moves.emplace_back(from, to);
    for (const auto& [path, content] : names_)
      if (path.starts_with(from + "/")) moves.emplace_back(path, to + path.substr(from.size()));
    if (directories_.erase(from) > 0)
      directories_[to] = true;
    else if (moves.empty())
      return absl::NotFoundError("rename " + from);
    for (const auto& [old_path, new_path] : moves)
      change_names({.from = old_path, .to = new_path, .content = names_.at(old_path)});
    return absl::OkStatus();
  }
  absl::Status remove(const std::string& path) override {
    if (!has_power()) return off();
    if (names_.contains(path)) change_names({.from = path});
    return absl::OkStatus();
  }
  absl::Status remove_directory(const std::string& path) override {
    if (!has_power()) return off();
    std::vector<std::string> inside;
    for (const auto& [name, content] : names_)
      if (name.starts_with(path + "/")) inside.push_back(name);
    for (const auto& name : inside) change_names({.from = name});
    directories_.erase(path);
    return absl::OkStatus();
  }
  absl::Status sync_directory(const std::string& path) override {
    if (fail_syncs_) return absl::DataLossError("fsync " + path + ": Input/output error");
    if (!has_power()) return off();
    ++sync_count_;
    for (const auto& change : pending_names_) change.apply(durable_names_);
    pending_names_.clear();
    return absl::OkStatus();
  }
  absl::StatusOr<std::shared_ptr<File>> open_file_system(const std::string& path) override {
    return std::make_shared<FileSystem>(*this, path);
  }
  absl::StatusOr<Space> space(const std::string&) override { return Space{1 << 30, space_left_}; }
  absl::StatusOr<std::shared_ptr<void>> lock(const std::string& path) override {
    if (auto held = locks_[path].lock())
      return absl::FailedPreconditionError("lock " + path + ": in use");
    auto token = std::make_shared<int>(0);
    locks_[path] = token;
    return std::shared_ptr<void>(token);
  }

 private:
  struct Content;
  using Names = std::map<std::string, std::shared_ptr<Content>>;

  static size_t pick(std::mt19937_64& random, size_t below) {
    return below == 0 ? 0 : static_cast<size_t>(random() % below);
  }
  static absl::Status no_space(const std::string& what) {
    return absl::ResourceExhaustedError(what + ": No space left on device");
  }

  static absl::Status off() { return absl::DataLossError("the power is off"); }
  bool has_power() {
    if (changes_left_ == 0) return false;
    if (changes_left_ != kUnlimited) --changes_left_;
    return true;
  }

  // A write, or with no bytes a truncation to `position`.
  struct Change {
    uint64_t position = 0;
    std::string bytes;
    bool is_truncation = false;

    void apply(std::string& to) const {
      if (is_truncation) return to.resize(position);
      if (to.size() < position + bytes.size()) to.resize(position + bytes.size());
      std::ranges::copy(bytes, to.begin() + static_cast<ptrdiff_t>(position));
    }
  };

  struct Content {
    std::string bytes;
    std::string durable;
    std::vector<Change> pending;

    std::shared_ptr<Content> after_power_loss(std::mt19937_64& random) const {
      auto left = std::make_shared<Content>();
      left->bytes = durable;
      for (Change change : pending) {
        const size_t fate = pick(random, 4);
        if (fate == 0) continue;
        if (fate == 1 && !change.is_truncation)
          change.bytes.resize(pick(random, change.bytes.size() + 1));
        change.apply(left->bytes);
      }
      left->durable = left->bytes;
      return left;
    }
  };

  struct NameChange {
    std::string from;
    std::string to;
    std::shared_ptr<Content> content;

    void apply(Names& names) const {
      if (!from.empty()) names.erase(from);
      if (!to.empty()) names[to] = content;
    }
  };

  void change_names(NameChange change) {
    change.apply(names_);
    pending_names_.push_back(std::move(change));
  }

  void sync_content(Content& content) {
    content.durable = content.bytes;
    content.pending.clear();
  }

  absl::Status sync_everything(const std::string& path) {
    if (fail_syncs_) return absl::DataLossError("syncfs " + path + ": Input/output error");
    for (const auto& change : pending_names_)
      if (change.content) sync_content(*change.content);
    for (const auto& [name, content] : names_) sync_content(*content);
    return sync_directory(path);
  }

  class FileSystem : public SyncOnly {
   public:
    FileSystem(SimulatedDisk& disk, std::string path) : SyncOnly(std::move(path)), disk_(disk) {}
    absl::Status sync() override { return disk_.sync_everything(path()); }

   private:
    SimulatedDisk& disk_;
  };

  class OpenFile : public File {
   public:
    OpenFile(SimulatedDisk& disk, std::string path, std::shared_ptr<Content> content)
        : disk_(disk), path_(std::move(path)), content_(std::move(content)) {
      ++disk_.open_count_;
    }
    ~OpenFile() override { --disk_.open_count_; }

    absl::StatusOr<size_t> read_at(uint64_t position, MutableBytes out) override {
      const std::string& bytes = content_->bytes;
      if (position >= bytes.size()) return size_t{0};
      const size_t size = std::min(out.size(), bytes.size() - static_cast<size_t>(position));
      std::copy_n(bytes.begin() + static_cast<ptrdiff_t>(position), size, out.begin());
      disk_.bytes_read_ += size;
      return size;
    }
    absl::StatusOr<size_t> read_cached_at(uint64_t position, MutableBytes out) override {
      if (disk_.cold_) return absl::UnavailableError("cold");
      return read_at(position, out);
    }
    absl::Status write_at(uint64_t position, Bytes data) override {
      ++disk_.write_count_;
      if (disk_.fail_writes_to_ == path_) return absl::DataLossError("write " + path_);
      if (!disk_.has_power()) return off();
      const uint64_t size = content_->bytes.size();
      const uint64_t growth = position + data.size() > size ? position + data.size() - size : 0;
      if (growth > disk_.space_left_) {
        const uint64_t fits = data.size() - (growth - disk_.space_left_);
        disk_.space_left_ = 0;
        change({.position = position, .bytes = std::string(as_text(data.first(fits)))});
        return no_space("write " + path_);
      }
      if (disk_.space_left_ != kUnlimited) disk_.space_left_ -= growth;
      change({.position = position, .bytes = std::string(as_text(data))});
      return absl::OkStatus();
    }
    absl::Status truncate(uint64_t size) override {
      if (!disk_.has_power()) return off();
      change({.position = size, .is_truncation = true});
      return absl::OkStatus();
    }
    absl::Status sync() override {
      if (disk_.fail_syncs_) return absl::DataLossError("fdatasync " + path_ + ": I/O error");
      if (!disk_.has_power()) return off();
      ++disk_.sync_count_;
      disk_.sync_content(*content_);
      return absl::OkStatus();
    }
    absl::StatusOr<uint64_t> size() override { return content_->bytes.size(); }
    const std::string& path() const override { return path_; }

   private:
    void change(Change change) {
      change.apply(content_->bytes);
      content_->pending.push_back(std::move(change));
    }

    SimulatedDisk& disk_;
    const std::string path_;
    const std::shared_ptr<Content> content_;
  };

  Names names_;
  Names durable_names_;
  std::vector<NameChange> pending_names_;
  std::map<std::string, bool> directories_;
  std::map<std::string, std::weak_ptr<int>> locks_;
  uint64_t space_left_ = kUnlimited;
  int64_t modified_ms_ = 0;
  bool cold_ = false;
  uint64_t bytes_read_ = 0;
  int write_count_ = 0;
  bool fail_syncs_ = false;
  std::string fail_writes_to_;
  uint64_t changes_left_ = kUnlimited;
  int sync_count_ = 0;
  int open_count_ = 0;
};

}  // namespace moldau
