// The part of disk.h that is the same for every disk.
#include "storage/disk.h"

#include "absl/strings/str_cat.h"

namespace moldau {

std::string join_path(std::string_view directory, std::string_view name) {
  std::string path(directory);
  path += '/';
  path += name;
  return path;
}

std::string parent_path(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

absl::StatusOr<std::shared_ptr<File>> write_file_unsynced(Disk& disk, const std::string& path,
                                                          Bytes contents) {
  const std::string temporary = absl::StrCat(path, ".tmp");
  auto file = disk.open(temporary, Disk::Mode::kCreate);
  if (!file.ok()) return file.status();
  if (auto status = (*file)->truncate(0); !status.ok()) return status;
  if (auto status = (*file)->write_at(0, contents); !status.ok()) return status;
  if (auto status = disk.rename(temporary, path); !status.ok()) return status;
  return file;
}

namespace {

class DirectoryFile : public File {
 public:
  DirectoryFile(Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}

  absl::StatusOr<size_t> read_at(uint64_t, MutableBytes) override { return not_a_file(); }
  absl::StatusOr<size_t> read_cached_at(uint64_t, MutableBytes) override { return not_a_file(); }
  absl::Status write_at(uint64_t, Bytes) override { return not_a_file(); }
  absl::Status truncate(uint64_t) override { return not_a_file(); }
  absl::StatusOr<uint64_t> size() override { return not_a_file(); }
  absl::Status sync() override { return disk_.sync_directory(path_); }
  const std::string& path() const override { return path_; }
  int native_handle() const override { return -1; }

 private:
  absl::Status not_a_file() const {
    return absl::FailedPreconditionError(absl::StrCat(path_, " is a directory"));
  }

  Disk& disk_;
  const std::string path_;
};

}  // namespace

std::shared_ptr<File> directory_as_file(Disk& disk, const std::string& path) {
  return std::make_shared<DirectoryFile>(disk, path);
}

}  // namespace moldau
