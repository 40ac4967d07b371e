// Reading a journal after a crash.
#include <algorithm>
#include <map>
#include <utility>

#include "storage/checkpoint_file.h"
#include "storage/journal.h"
#include "storage/journal_block.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

using journal::Block;
using journal::Entry;

// The entries that count, by directory and path, in the order in which they were written.
using Contents = std::map<std::string, std::map<std::string, std::vector<Entry>>>;

absl::Status damaged(const std::string& path, absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat(path, ": ", what,
                   ". It holds records that were acknowledged and may not be in the logs yet. ",
                   "Restore the file from a copy; or, to accept the loss, remove it."));
}

// A block is written only when those before it are synced, so one of the same lap behind a bad one
// tells that the bad one is no interrupted write.
bool lap_goes_on(Bytes half, size_t from, const Block& last) {
  for (size_t at = from; at < half.size(); at += journal::kBlockAlignment) {
    const auto block = journal::parse_block(half.subspan(at));
    if (block && block->lap == last.lap && block->number > last.number) return true;
  }
  return false;
}

absl::StatusOr<std::vector<Block>> blocks_of(const std::string& path, Bytes half) {
  std::vector<Block> blocks;
  for (size_t at = 0; at < half.size(); at += blocks.back().size_bytes()) {
    const auto block = journal::parse_block(half.subspan(at));
    const bool follows = block && block->number == blocks.size() &&
                         (blocks.empty() || block->lap == blocks.front().lap);
    if (!follows) {
      if (!blocks.empty() && lap_goes_on(half, at, blocks.back()))
        return damaged(path, absl::StrCat("block ", blocks.size(), " of lap ", blocks.back().lap,
                                          " is bad and later ones are not"));
      break;
    }
    blocks.push_back(*block);
  }
  return blocks;
}

// Both halves', in order, without laps whose files had been synced.
absl::StatusOr<std::vector<Block>> blocks_that_count(const std::string& path, Bytes bytes) {
  const size_t half = bytes.size() / 2 / journal::kBlockAlignment * journal::kBlockAlignment;
  std::vector<Block> all;
  for (const size_t from : {size_t{0}, half}) {
    auto blocks = blocks_of(path, bytes.subspan(from, half));
    if (!blocks.ok()) return blocks.status();
    all.insert(all.end(), blocks->begin(), blocks->end());
  }
  std::ranges::stable_sort(all, {}, &Block::lap);
  uint64_t first_lap = 0;
  for (const auto& block : all) first_lap = std::max(first_lap, block.first_lap);
  std::erase_if(all, [&](const Block& block) { return block.lap < first_lap; });
  return all;
}

bool is_within(std::string_view path) {
  const auto names = split(path, '/');
  return !names.empty() && path.front() != '/' && std::ranges::count(names, "..") == 0;
}

absl::StatusOr<Contents> contents_of(const std::string& path, const std::vector<Block>& blocks) {
  Contents contents;
  for (const auto& block : blocks) {
    auto entries = journal::parse_entries(block.entries);
    if (!entries.ok()) return damaged(path, entries.status().message());
    for (const auto& entry : *entries) {
      if (!is_within(entry.path))
        return damaged(path, "an entry has no path within the data directory");
      if (entry.kind == Entry::Kind::kSettled)
        contents.erase(std::string(entry.path));
      else
        contents[parent_path(entry.path)][std::string(entry.path)].push_back(entry);
    }
  }
  return contents;
}

// A missing file was deleted: its name was durable when the journal took its bytes.
absl::Status put_back(Disk& disk, const std::string& path, const std::vector<Entry>& entries,
                      ReplayedJournal& replayed) {
  auto file = disk.open(path, Disk::Mode::kReadWrite);
  if (absl::IsNotFound(file.status())) return absl::OkStatus();
  if (!file.ok()) return file.status();
  for (const auto& entry : entries) {
    if (auto status = (*file)->write_at(entry.position, entry.bytes); !status.ok()) return status;
    replayed.bytes += entry.bytes.size();
  }
  ++replayed.files;
  return (*file)->sync();
}

absl::Status replay_directory(Disk& disk, const std::string& root, const std::string& directory,
                              const Contents::mapped_type& files, ReplayedJournal& replayed) {
  bool is_changed = false;
  for (const auto& [name, entries] : files) {
    const std::string path = join_path(root, name);
    if (entries.front().kind == Entry::Kind::kIndex) {
      is_changed |= disk.exists(path);
      if (auto status = disk.remove(path); !status.ok()) return status;
    } else if (auto status = put_back(disk, path, entries, replayed); !status.ok()) {
      return status;
    }
  }
  return is_changed ? disk.sync_directory(join_path(root, directory)) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<ReplayedJournal> replay_journal(Disk& disk, const std::string& directory) {
  const std::string path = join_path(directory, kJournalFile);
  ReplayedJournal replayed;
  if (!disk.exists(path)) return replayed;
  auto bytes = disk.read_file(path);
  if (!bytes.ok()) return bytes.status();
  auto blocks = blocks_that_count(path, as_bytes(*bytes));
  if (!blocks.ok()) return blocks.status();
  auto contents = contents_of(path, *blocks);
  if (!contents.ok()) return contents.status();
  for (const auto& [name, files] : *contents)
    if (auto status = replay_directory(disk, directory, name, files, replayed); !status.ok())
      return status;
  if (auto status = remove_journal(disk, directory); !status.ok()) return status;
  return replayed;
}

absl::Status remove_journal(Disk& disk, const std::string& directory) {
  const std::string path = join_path(directory, kJournalFile);
  if (!disk.exists(path)) return absl::OkStatus();
  if (auto status = disk.remove(path); !status.ok()) return status;
  return disk.sync_directory(directory);
}

}  // namespace moldau
