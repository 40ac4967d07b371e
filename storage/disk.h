// All disk access goes through Disk and File, so that a simulated disk can stand in for the real
// one.
//
// Errors are absl::Status: NotFound, AlreadyExists, ResourceExhausted (no space left), DataLoss
// (I/O error), each naming the path and the operation. A failed sync is final: stop using the file.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/bytes.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

// An open file. Reads and sync may be called from any thread, beside one writer.
class File : public ByteSource {
 public:
  virtual absl::Status write_at(uint64_t position, Bytes data) = 0;
  // The same for bytes that follow each other in the file and not in memory.
  virtual absl::Status write_gathered_at(uint64_t position, std::span<const Bytes> parts);
  virtual absl::Status truncate(uint64_t size) = 0;
  // Makes everything written before the call durable (fdatasync). Never retried after a failure.
  virtual absl::Status sync() = 0;
  virtual absl::StatusOr<uint64_t> size() = 0;
  virtual const std::string& path() const = 0;
};

// What of a file is not known to be durable.
struct Unsynced {
  enum class What {
    kFile,      // Anything about it, its name included where it is a directory.
    kAppended,  // The bytes [from, to), which were written at its end.
    kIndex,     // Any of it; but it can be made again, so after a crash it may as well be missing.
  };
  std::shared_ptr<File> file;
  What what = What::kFile;
  uint64_t from = 0;
  uint64_t to = 0;
};

class Disk {
 public:
  virtual ~Disk() = default;

  enum class Mode { kRead, kReadWrite, kCreate };  // kCreate: read and write, made if not there.
  virtual absl::StatusOr<std::shared_ptr<File>> open(const std::string& path, Mode mode) = 0;

  virtual absl::StatusOr<std::string> read_file(const std::string& path) = 0;
  // Replaces `path` atomically and durably: temporary file, sync, rename, directory sync.
  virtual absl::Status write_file(const std::string& path, Bytes contents) = 0;

  virtual absl::Status make_directories(const std::string& path) = 0;
  // Names, sorted.
  virtual absl::StatusOr<std::vector<std::string>> list(const std::string& directory) = 0;
  // The same of what is a directory.
  virtual absl::StatusOr<std::vector<std::string>> list_directories(
      const std::string& directory) = 0;
  virtual bool exists(const std::string& path) = 0;
  virtual absl::StatusOr<uint64_t> file_size(const std::string& path) = 0;
  virtual absl::StatusOr<int64_t> modified_ms(const std::string& path) = 0;  // Since 1970.
  virtual absl::Status rename(const std::string& from, const std::string& to) = 0;
  virtual absl::Status remove(const std::string& path) = 0;            // A missing file is fine.
  virtual absl::Status remove_directory(const std::string& path) = 0;  // With all it holds.
  virtual absl::Status sync_directory(const std::string& path) = 0;

  // The file system that `path` is on, as something whose sync() makes all of it durable, whoever
  // wrote it: for many files at once. An error says that something written since it was opened, or
  // before that without anybody having been told, may be lost. Unimplemented where a sync would
  // not say so (Linux before 5.8).
  virtual absl::StatusOr<std::shared_ptr<File>> open_file_system(const std::string& path) = 0;

  struct Space {
    uint64_t total_bytes = 0;
    uint64_t usable_bytes = 0;
  };
  virtual absl::StatusOr<Space> space(const std::string& path) = 0;

  // Holds an exclusive lock on `path` until the returned token is destroyed; FailedPrecondition if
  // another process has it.
  virtual absl::StatusOr<std::shared_ptr<void>> lock(const std::string& path) = 0;
};

// Something that can be synced and nothing else.
class SyncOnly : public File {
 public:
  explicit SyncOnly(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<size_t> read_at(uint64_t, MutableBytes) override { return not_open(); }
  absl::StatusOr<size_t> read_cached_at(uint64_t, MutableBytes) override { return not_open(); }
  absl::Status write_at(uint64_t, Bytes) override { return not_open(); }
  absl::Status truncate(uint64_t) override { return not_open(); }
  absl::StatusOr<uint64_t> size() override { return not_open(); }
  const std::string& path() const override { return path_; }

 private:
  absl::Status not_open() const;

  const std::string path_;
};

// Replaces `path` without waiting for the device: after a crash the file may be the old one, the
// new one, or the new one cut short, so its reader must be able to tell. The new file is returned,
// to be synced together with its directory.
absl::StatusOr<std::shared_ptr<File>> write_file_unsynced(Disk& disk, const std::string& path,
                                                          Bytes contents);
// The directory as something that a flusher can sync, so that names in it become durable.
std::shared_ptr<File> directory_as_file(Disk& disk, const std::string& path);
// The same for a file that need not stay open until then; one that is gone by then is no error.
std::shared_ptr<File> closed_file(Disk& disk, const std::string& path);

std::string join_path(std::string_view directory, std::string_view name);
std::string parent_path(std::string_view path);

// The machine's own file system.
std::unique_ptr<Disk> make_posix_disk();

}  // namespace moldau
