#include "server/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

#include "base/checked_file.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/log.h"

namespace tidemark::server {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLockName = "tidemark.lock";
constexpr const char* kFormatName = "FORMAT";
// Versions before the second one had no such file. The third one has streams in the change log and beside it;
// it reads what the second one wrote. The fourth one says in the history who made a change, and reads the
// history of the third. The fifth one has vector indexes and the revisions of policies in the schemas of
// tables, and reads those of the fourth. The sixth one has replicas of tables, and writes in the change log
// that were made for them; it reads what the fifth one wrote.
constexpr std::int64_t kFormat = 6;
constexpr std::int64_t kOldestReadFormat = 2;
constexpr const char* kTemporaryPrefix = "tidemark-mem-";
// A directory that is still being made has this ending and no lock yet.
constexpr const char* kUnfinishedSuffix = ".new";
constexpr std::uint64_t kWantedFreeBytes = 1ULL << 30;

std::string reason(int error) { return std::generic_category().message(error); }

struct Lock {
  int descriptor = -1;  // -1: somebody else has it
  std::string owner;    // pid of who has it, as far as known
};

// Errors: kIo; kNotFound without `create` when there is no lock file.
Result<Lock> lock_directory(const std::string& path, bool create) {
  const std::string file = path + "/" + kLockName;
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0), 0600);
  if (descriptor < 0) {
    const int error = errno;
    const std::string message = "cannot open " + file + ": " + reason(error);
    return fail(error == ENOENT ? Error::not_found(message) : Error::io(message));
  }
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    char text[32];
    const ssize_t length = ::read(descriptor, text, sizeof text);
    ::close(descriptor);
    if (error != EWOULDBLOCK) return fail(Error::io("cannot lock " + file + ": " + reason(error)));
    return Lock{-1, std::string(text, length > 0 ? static_cast<std::size_t>(length) : 0)};
  }
  return Lock{descriptor, {}};
}

// For the message that another process prints when it finds the directory locked.
void write_owner(int descriptor) {
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    log::warn("cannot note the pid in the lock file", {{"error", reason(errno)}});
  }
}

bool is_our_directory(const fs::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == ::geteuid();
}

// Removes the temporary directories that nobody holds.
void sweep(const std::string& base) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator entry(base, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.starts_with(kTemporaryPrefix) && !name.ends_with(kUnfinishedSuffix)) {
      found.push_back(entry->path());
    }
  }
  for (const fs::path& path : found) {
    if (!is_our_directory(path)) continue;
    auto lock = lock_directory(path, false);
    const bool is_abandoned = lock ? lock->descriptor >= 0 : lock.error().code == ErrorCode::kNotFound;
    if (is_abandoned) {
      fs::remove_all(path, error);
      log::info("removed the temporary data of a server that is no more", {{"directory", path.string()}});
    }
    if (lock && lock->descriptor >= 0) ::close(lock->descriptor);
  }
}

bool has_room(const std::string& base) {
  struct statvfs status {};
  return ::statvfs(base.c_str(), &status) == 0 && ::access(base.c_str(), W_OK | X_OK) == 0 &&
         static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize >= kWantedFreeBytes;
}

Error of_other_version(const std::string& path, const char* age) {
  return Error::invalid_argument("the data directory " + path + " was written by " + age +
                                 " version of Tidemark, whose data this one does not read: docs/upgrades.md");
}

Result<void> write_format(const std::string& path) {
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  json.member("format", kFormat);
  json.end_object();
  return replace_checked_file(posix_file_system(), path + "/" + kFormatName, text, true);
}

// Also writes the file where there is no data yet.
Result<void> check_format(const std::string& path) {
  const std::string file = path + "/" + kFormatName;
  FileSystem& files = posix_file_system();
  if (!files.exists(file)) {
    const bool has_data = files.exists(path + "/dynamodb") || files.exists(path + "/objects");
    if (has_data) return fail(of_other_version(path, "an earlier"));
    return write_format(path);
  }
  ASSIGN_OR_RETURN(const std::string text, read_checked_file(files, file));
  json::Document document;
  const auto root = document.parse(text);
  const auto format = root && root->is_object() ? root->find("format") : std::nullopt;
  if (!format || format->type() != json::Type::kInteger) {
    return fail(Error::corruption(file + " does not say which version the data is of"));
  }
  if (format->integer() < kOldestReadFormat) return fail(of_other_version(path, "an earlier"));
  if (format->integer() > kFormat) return fail(of_other_version(path, "a later"));
  // Before anything of the newer format is in the directory.
  if (format->integer() < kFormat) return write_format(path);
  return {};
}

// The uppermost directory on the way to `path` that is not there; empty when all are.
fs::path first_missing(const fs::path& path) {
  std::error_code ignored;
  fs::path missing;
  for (fs::path one = path; !one.empty() && !fs::exists(one, ignored); one = one.parent_path()) missing = one;
  return missing;
}

}  // namespace

std::vector<std::string> temporary_bases() {
  std::vector<std::string> bases = {"/dev/shm"};
  const char* const configured = std::getenv("TMPDIR");
  if (configured != nullptr && *configured != '\0') bases.emplace_back(configured);
  bases.emplace_back("/tmp");
  return bases;
}

Result<std::unique_ptr<DataDirectory>> DataDirectory::open(const std::string& path) {
  std::error_code error;
  const fs::path first_made = first_missing(path);
  fs::create_directories(path, error);
  if (error) return fail(Error::io("cannot create the data directory " + path + ": " + error.message()));
  ASSIGN_OR_RETURN(const Lock lock, lock_directory(path, true));
  if (lock.descriptor < 0) {
    const std::string owner = lock.owner.empty() ? "another process" : "process " + lock.owner;
    return fail(Error::unavailable("the data directory " + path + " is in use by " + owner));
  }
  write_owner(lock.descriptor);
  std::unique_ptr<DataDirectory> directory(new DataDirectory(path, lock.descriptor, false));
  directory->first_made_ = first_made;
  RETURN_IF_ERROR(check_format(path));
  return directory;
}

Result<std::unique_ptr<DataDirectory>> DataDirectory::create_temporary(const std::vector<std::string>& bases,
                                                                       Random& random) {
  std::string base = bases.back();
  for (const std::string& candidate : bases) sweep(candidate);
  for (const std::string& candidate : bases) {
    if (has_room(candidate)) {
      base = candidate;
      break;
    }
  }
  const std::string path = base + "/" + kTemporaryPrefix + std::to_string(::getpid()) + "-" + random.hex(8);
  // Locked first, then given its name: a sweeper never sees it without an owner.
  const std::string unfinished = path + kUnfinishedSuffix;
  if (::mkdir(unfinished.c_str(), 0700) != 0) {
    return fail(Error::io("cannot create a temporary directory in " + base + ": " + reason(errno)));
  }
  auto lock = lock_directory(unfinished, true);
  std::error_code error;
  if (lock) fs::rename(unfinished, path, error);
  if (!lock || error) {
    std::error_code ignored;
    fs::remove_all(unfinished, ignored);
    return fail(lock ? Error::io("cannot create " + path + ": " + error.message()) : lock.error());
  }
  write_owner(lock->descriptor);
  return std::unique_ptr<DataDirectory>(new DataDirectory(path, lock->descriptor, true));
}

DataDirectory::~DataDirectory() {
  if (is_temporary_ || !first_made_.empty()) {
    std::error_code error;
    fs::remove_all(path_, error);
    if (error) {
      log::warn("cannot remove the data directory", {{"directory", path_}, {"error", error.message()}});
    }
    // Those above it that were made for it, unless somebody else uses them, too.
    for (fs::path above = fs::path(path_); !first_made_.empty() && !error && above != first_made_;) {
      above = above.parent_path();
      fs::remove(above, error);
    }
  }
  ::close(lock_);
}

}  // namespace tidemark::server
