// disk.h on POSIX, with Linux's preadv2(RWF_NOWAIT) for reads that must not wait.
#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "storage/disk.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

absl::Status failure(int error, const char* operation, const std::string& path) {
  const std::string text = absl::StrCat(operation, " ", path, ": ", std::strerror(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(text);
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
      return absl::ResourceExhaustedError(text);
    case EIO:
      return absl::DataLossError(text);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(text);
    default:
      return absl::InternalError(text);
  }
}

// The system call, on all architectures; glibc has no name for it.
constexpr long kCachestat = 451;

std::span<iovec> without_front(std::span<iovec> ranges, size_t bytes) {
  while (!ranges.empty() && bytes >= ranges.front().iov_len) {
    bytes -= ranges.front().iov_len;
    ranges = ranges.subspan(1);
  }
  if (bytes > 0) {
    ranges.front().iov_base = static_cast<uint8_t*>(ranges.front().iov_base) + bytes;
    ranges.front().iov_len -= bytes;
  }
  return ranges;
}

class PosixFile : public File {
 public:
  PosixFile(std::string path, int descriptor) : path_(std::move(path)), fd_(descriptor) {}
  ~PosixFile() override { ::close(fd_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  absl::StatusOr<size_t> read_at(uint64_t position, MutableBytes out) override {
    return read(position, out, [this](uint64_t at, MutableBytes part) {
      return ::pread(fd_, part.data(), part.size(), static_cast<off_t>(at));
    });
  }

  // A file system that does not know RWF_NOWAIT counts as cold.
  absl::StatusOr<size_t> read_cached_at(uint64_t position, MutableBytes out) override {
    return read(position, out, [this](uint64_t at, MutableBytes part) {
      iovec range = {part.data(), part.size()};
      const ssize_t got = ::preadv2(fd_, &range, 1, static_cast<off_t>(at), RWF_NOWAIT);
      if (got < 0 && (errno == EOPNOTSUPP || errno == ENOSYS)) errno = EAGAIN;
      return got;
    });
  }

  absl::Status write_at(uint64_t position, Bytes bytes) override {
    while (!bytes.empty()) {
      const ssize_t put = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(position));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return failure(errno, "write", path_);
      position += static_cast<uint64_t>(put);
      bytes = bytes.subspan(static_cast<size_t>(put));
    }
    return absl::OkStatus();
  }

  absl::Status write_gathered_at(uint64_t position, std::span<const Bytes> parts) override {
    std::vector<iovec> ranges;
    ranges.reserve(parts.size());
    for (Bytes part : parts) ranges.push_back({const_cast<uint8_t*>(part.data()), part.size()});
    for (auto left = std::span(ranges); !left.empty();) {
      const int count = static_cast<int>(std::min<size_t>(left.size(), IOV_MAX));
      const ssize_t put = ::pwritev(fd_, left.data(), count, static_cast<off_t>(position));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return failure(errno, "write", path_);
      position += static_cast<uint64_t>(put);
      left = without_front(left, static_cast<size_t>(put));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<uint64_t> size() override {
    struct stat info = {};
    if (::fstat(fd_, &info) != 0) return failure(errno, "stat", path_);
    return static_cast<uint64_t>(info.st_size);
  }

  absl::Status truncate(uint64_t size_bytes) override {
    if (::ftruncate(fd_, static_cast<off_t>(size_bytes)) != 0)
      return failure(errno, "truncate", path_);
    return absl::OkStatus();
  }

  absl::Status sync() override {
    if (::fdatasync(fd_) != 0) return failure(errno, "fdatasync", path_);
    return absl::OkStatus();
  }

  const std::string& path() const override { return path_; }
  int descriptor() const override { return fd_; }

  // Kernels before 6.5 do not tell; then the ends of the range stand for all of it.
  bool is_cached(uint64_t position, size_t size) const override {
    if (size == 0) return true;
    static const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
    struct {
      uint64_t offset, length;
    } range = {position, size};
    struct {
      uint64_t cached, dirty, writeback, evicted, recently_evicted;
    } pages = {};
    if (::syscall(kCachestat, fd_, &range, &pages, 0) == 0)
      return pages.cached >= (position + size - 1) / page - position / page + 1;
    return has_cached_byte(position) && has_cached_byte(position + size - 1);
  }

 private:
  bool has_cached_byte(uint64_t position) const {
    uint8_t byte = 0;
    iovec range = {&byte, 1};
    return ::preadv2(fd_, &range, 1, static_cast<off_t>(position), RWF_NOWAIT) == 1;
  }

  template <class ReadSome>
  absl::StatusOr<size_t> read(uint64_t position, MutableBytes out, ReadSome read_some) {
    size_t done = 0;
    while (done < out.size()) {
      const ssize_t got = read_some(position + done, out.subspan(done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return absl::UnavailableError("not in the page cache");
      if (got < 0) return failure(errno, "read", path_);
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    return done;
  }

  const std::string path_;
  const int fd_;
};

absl::StatusOr<int> open_descriptor(const std::string& path, int flags) {
  int fd = -1;
  do fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  while (fd < 0 && errno == EINTR);
  if (fd < 0) return failure(errno, "open", path);
  return fd;
}

absl::StatusOr<struct stat> stat_of(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) return failure(errno, "stat", path);
  return info;
}

absl::Status sync_path(const std::string& path) {
  auto fd = open_descriptor(path, O_RDONLY | O_DIRECTORY);
  if (!fd.ok()) return fd.status();
  const int result = ::fsync(*fd);
  const int error = errno;
  ::close(*fd);
  return result == 0 ? absl::OkStatus() : failure(error, "fsync", path);
}

// Held open, so that an error of writing back is told to this one even if another asked before.
class FileSystem : public SyncOnly {
 public:
  FileSystem(std::string path, int descriptor) : SyncOnly(std::move(path)), fd_(descriptor) {}
  ~FileSystem() override { ::close(fd_); }
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;

  absl::Status sync() override {
    if (::syncfs(fd_) != 0) return failure(errno, "syncfs", path());
    return absl::OkStatus();
  }

 private:
  const int fd_;
};

// Before Linux 5.8 syncfs(2) kept to itself what could not be written.
bool syncfs_tells_errors() {
  utsname system = {};
  int major = 0, minor = 0;
  if (::uname(&system) != 0 || std::sscanf(system.release, "%d.%d", &major, &minor) != 2)
    return false;
  return major > 5 || (major == 5 && minor >= 8);
}

bool is_directory(const dirent& entry, const std::string& parent) {
  if (entry.d_type != DT_UNKNOWN && entry.d_type != DT_LNK) return entry.d_type == DT_DIR;
  auto info = stat_of(join_path(parent, entry.d_name));
  return info.ok() && S_ISDIR(info->st_mode);
}

// Names that satisfy `wanted(dirent)`, sorted.
template <class Wanted>
absl::StatusOr<std::vector<std::string>> names_in(const std::string& path, Wanted wanted) {
  std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (!directory) return failure(errno, "list", path);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != ".." && wanted(*entry)) names.emplace_back(name);
  }
  std::ranges::sort(names);
  return names;
}

class PosixDisk : public Disk {
 public:
  absl::StatusOr<std::shared_ptr<File>> open(const std::string& path, Mode mode) override {
    const int flags = mode == Mode::kRead        ? O_RDONLY
                      : mode == Mode::kReadWrite ? O_RDWR
                                                 : O_RDWR | O_CREAT;
    auto fd = open_descriptor(path, flags);
    if (!fd.ok()) return fd.status();
    return std::make_shared<PosixFile>(path, *fd);
  }

  absl::StatusOr<std::string> read_file(const std::string& path) override {
    auto file = open(path, Mode::kRead);
    if (!file.ok()) return file.status();
    auto size = (*file)->size();
    if (!size.ok()) return size.status();
    std::string contents(*size, '\0');
    auto got = (*file)->read_at(
        0, MutableBytes(reinterpret_cast<uint8_t*>(contents.data()), contents.size()));
    if (!got.ok()) return got.status();
    contents.resize(*got);
    return contents;
  }

  absl::Status write_file(const std::string& path, Bytes contents) override {
    const std::string temporary = absl::StrCat(path, ".tmp");
    auto file = open(temporary, Mode::kCreate);
    if (!file.ok()) return file.status();
    if (auto status = (*file)->truncate(0); !status.ok()) return status;
    if (auto status = (*file)->write_at(0, contents); !status.ok()) return status;
    if (auto status = (*file)->sync(); !status.ok()) return status;
    if (auto status = rename(temporary, path); !status.ok()) return status;
    return sync_path(parent_path(path));
  }

  absl::Status make_directories(const std::string& path) override {
    if (::mkdir(path.c_str(), 0755) == 0) return absl::OkStatus();
    const int error = errno;
    if (error == EEXIST) {
      auto info = stat_of(path);
      if (!info.ok()) return info.status();
      return S_ISDIR(info->st_mode) ? absl::OkStatus() : failure(ENOTDIR, "mkdir", path);
    }
    const std::string parent = parent_path(path);
    if (error != ENOENT || parent == path) return failure(error, "mkdir", path);
    if (auto status = make_directories(parent); !status.ok()) return status;
    if (::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST) return absl::OkStatus();
    return failure(errno, "mkdir", path);
  }

  absl::StatusOr<std::vector<std::string>> list(const std::string& path) override {
    return names_in(path, [](const dirent&) { return true; });
  }

  absl::StatusOr<std::vector<std::string>> list_directories(const std::string& path) override {
    return names_in(path, [&](const dirent& entry) { return is_directory(entry, path); });
  }

  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  absl::StatusOr<uint64_t> file_size(const std::string& path) override {
    auto info = stat_of(path);
    if (!info.ok()) return info.status();
    return static_cast<uint64_t>(info->st_size);
  }

  absl::StatusOr<int64_t> modified_ms(const std::string& path) override {
    auto info = stat_of(path);
    if (!info.ok()) return info.status();
    return int64_t{info->st_mtim.tv_sec} * 1000 + info->st_mtim.tv_nsec / 1000000;
  }

  absl::Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failure(errno, "rename", from);
    return absl::OkStatus();
  }

  absl::Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failure(errno, "remove", path);
    return absl::OkStatus();
  }

  absl::Status remove_directory(const std::string& path) override {
    auto names = list(path);
    if (absl::IsNotFound(names.status())) return absl::OkStatus();
    if (!names.ok()) return names.status();
    for (const auto& name : *names) {
      const std::string inner = join_path(path, name);
      struct stat info = {};
      if (::lstat(inner.c_str(), &info) != 0) continue;
      auto status = S_ISDIR(info.st_mode) ? remove_directory(inner) : remove(inner);
      if (!status.ok()) return status;
    }
    if (::rmdir(path.c_str()) != 0 && errno != ENOENT) return failure(errno, "remove", path);
    return absl::OkStatus();
  }

  absl::Status sync_directory(const std::string& path) override { return sync_path(path); }

  absl::StatusOr<std::shared_ptr<File>> open_file_system(const std::string& path) override {
    if (!syncfs_tells_errors()) return absl::UnimplementedError("syncfs tells no errors here");
    auto fd = open_descriptor(path, O_RDONLY | O_DIRECTORY);
    if (!fd.ok()) return fd.status();
    return std::make_shared<FileSystem>(path, *fd);
  }

  absl::StatusOr<Space> space(const std::string& path) override {
    struct statvfs info = {};
    if (::statvfs(path.c_str(), &info) != 0) return failure(errno, "statvfs", path);
    return Space{.total_bytes = uint64_t{info.f_blocks} * info.f_frsize,
                 .usable_bytes = uint64_t{info.f_bavail} * info.f_frsize};
  }

  // flock belongs to the open file, so it holds between two opens in one process as well.
  absl::StatusOr<std::shared_ptr<void>> lock(const std::string& path) override {
    auto fd = open_descriptor(path, O_RDWR | O_CREAT);
    if (!fd.ok()) return fd.status();
    auto file = std::make_shared<PosixFile>(path, *fd);
    if (::flock(*fd, LOCK_EX | LOCK_NB) == 0) return std::shared_ptr<void>(std::move(file));
    if (errno != EWOULDBLOCK) return failure(errno, "lock", path);
    return absl::FailedPreconditionError(
        absl::StrCat("lock ", path, ": another process is using this directory"));
  }
};

}  // namespace

std::unique_ptr<Disk> make_posix_disk() { return std::make_unique<PosixDisk>(); }

}  // namespace moldau
