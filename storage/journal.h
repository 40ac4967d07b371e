// The journal of a data directory makes small rounds of the flusher durable with one sync: what was
// appended to many files is copied into one file, ".moldau-journal", which is written with zeros
// beforehand and then over and over, so that its syncs change nothing in the file system.
//
// The files themselves are held: they are synced some time later, at a checkpoint. The journal has
// two halves (journal_block.h); while the files of one that is full are being synced, the other
// takes the rounds. After a crash replay_journal() puts everything into the files before anybody
// looks at them, so a record that was durable in the journal counts as durable in its log, for the
// recovery point too.
//
// Replay writes bytes where they were appended, and makes no files: a segment that is gone was
// deleted, and one that is new has had its directory synced in the round that first named it. Who
// changes a log in another way than by appending at its end, or frees its name for another, has the
// directory settled first. A clean stop retires the journal: the file goes, and the directory is
// as Apache Kafka knows it, which otherwise ignores the file.
//
// Belongs to the flusher's leading thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/bytes.h"
#include "storage/disk.h"
#include "storage/sync_pool.h"

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

inline constexpr std::string_view kJournalFile = ".moldau-journal";

// What replay_journal() found, for a line in the broker's log.
struct ReplayedJournal {
  int files = 0;
  uint64_t bytes = 0;
};

// Puts what the journal of `directory` holds into the files, durably, and removes it. DataLoss if
// blocks within it are bad that had been synced: then nothing is changed.
absl::StatusOr<ReplayedJournal> replay_journal(Disk& disk, const std::string& directory);
// Removes a journal that is of no use any more.
absl::Status remove_journal(Disk& disk, const std::string& directory);

class Journal {
 public:
  // Rounds in which the files have more bytes than this on average are not for the journal: to
  // write them twice costs more than to sync each file.
  static constexpr uint64_t kSmallBytesPerFile = 64 << 10;

  Journal(Disk& disk, std::string directory);

  // Writes the file, durably; ResourceExhausted if the disk has little room. Waits; any thread.
  static absl::StatusOr<std::shared_ptr<File>> make_file(Disk& disk, const std::string& directory,
                                                         uint64_t size_bytes);
  // From now on rounds are taken. The file is new.
  void use(std::shared_ptr<File> file, uint64_t size_bytes);
  bool is_used() const { return file_ != nullptr; }

  bool is_small(const std::vector<Unsynced>& round) const;
  // The files whose syncing makes the round durable: if it is small and there is room, the journal,
  // which then holds it, and those of the round that can not be held. Otherwise all of the round.
  Files absorb(const std::vector<Unsynced>& round);
  // The journal could not be written and takes nothing more: it should be retired.
  bool is_broken() const { return is_broken_; }

  // A half that is not taking rounds has files held; once they are synced, checkpointed() lets it
  // be used again.
  bool wants_checkpoint() const { return other().is_sealed; }
  Files checkpoint_files() const;
  void checkpointed();
  // Turns to the other half early, if that is free, so that files are not held for ever.
  void seal();
  bool holds_files() const { return !halves_[0].held.empty() || !halves_[1].held.empty(); }
  Files held_files() const;

  // Settling a directory: first these files are synced; then it is noted in the journal that what
  // it has of them is void, and the journal is synced. Null if that can not be written: then a
  // checkpoint makes room, or else the journal has to be retired.
  Files held_files_in(const std::string& directory) const;
  std::shared_ptr<File> note_settled(const std::string& directory);

  // The last thing, when all held files are synced: removes the file, durably.
  absl::Status retire();

 private:
  struct Half {
    absl::flat_hash_set<std::shared_ptr<File>> held;
    bool is_sealed = false;
  };
  Half& current() { return halves_[current_]; }
  Half& other() { return halves_[1 - current_]; }
  const Half& other() const { return halves_[1 - current_]; }

  std::string_view path_in(const File& file) const;
  bool can_hold(const Unsynced& unsynced) const;
  size_t block_bytes(const std::vector<Unsynced>& round) const;
  bool make_room(size_t bytes);
  size_t fill_block(const std::vector<Unsynced>& round);
  bool write_block(size_t bytes);

  Disk& disk_;
  const std::string directory_;
  std::shared_ptr<File> file_;
  uint64_t half_bytes_ = 0;
  std::array<Half, 2> halves_;
  size_t current_ = 0;
  uint64_t position_ = 0;  // In the current half.
  uint32_t number_ = 0;    // Of the next block.
  uint64_t lap_ = 1;
  uint64_t first_lap_ = 1;
  bool is_broken_ = false;
  Buffer block_;
};

}  // namespace moldau
