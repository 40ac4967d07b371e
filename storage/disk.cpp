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

absl::Status File::write_gathered_at(uint64_t position, std::span<const Bytes> parts) {
  std::vector<uint8_t> all;
  for (Bytes part : parts) all.insert(all.end(), part.begin(), part.end());
  return write_at(position, all);
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

absl::Status SyncOnly::not_open() const {
  return absl::FailedPreconditionError(absl::StrCat(path_, " is not open"));
}

namespace {

class DirectoryFile : public SyncOnly {
 public:
  DirectoryFile(Disk& disk, std::string path) : SyncOnly(std::move(path)), disk_(disk) {}
  absl::Status sync() override { return disk_.sync_directory(path()); }

 private:
  Disk& disk_;
};

class ClosedFile : public SyncOnly {
 public:
  ClosedFile(Disk& disk, std::string path) : SyncOnly(std::move(path)), disk_(disk) {}
  absl::Status sync() override {
    auto file = disk_.open(path(), Disk::Mode::kRead);
    if (absl::IsNotFound(file.status())) return absl::OkStatus();
    return file.ok() ? (*file)->sync() : file.status();
  }

 private:
  Disk& disk_;
};

}  // namespace

std::shared_ptr<File> directory_as_file(Disk& disk, const std::string& path) {
  return std::make_shared<DirectoryFile>(disk, path);
}

std::shared_ptr<File> closed_file(Disk& disk, const std::string& path) {
  return std::make_shared<ClosedFile>(disk, path);
}

}  // namespace moldau
