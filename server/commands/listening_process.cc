#include "server/commands/listening_process.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>

#include "base/text.h"

namespace tidemark::server {
namespace {

// The inodes of the sockets that listen on the port. A line of /proc/net/tcp:
//   sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
//   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 12345 ...
std::set<std::string> inodes_listening_on(std::uint16_t port) {
  static constexpr std::string_view kListening = "0A";
  std::set<std::string> inodes;
  for (const char* const table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      std::string slot, local, remote, state, queues, timer, retransmits, user, timeout, inode;
      fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >>
          inode;
      const std::size_t colon = local.rfind(':');
      if (!fields || state != kListening || colon == std::string::npos) continue;
      unsigned number = 0;
      std::from_chars(local.data() + colon + 1, local.data() + local.size(), number, 16);
      if (number == port) inodes.insert(inode);
    }
  }
  return inodes;
}

bool has_socket(const std::filesystem::path& process, const std::set<std::string>& inodes) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(process / "fd", error)) {
    const std::string target = std::filesystem::read_symlink(entry.path(), error).string();
    static constexpr std::string_view kSocket = "socket:[";
    if (!target.starts_with(kSocket)) continue;
    if (inodes.contains(target.substr(kSocket.size(), target.size() - kSocket.size() - 1))) return true;
  }
  return false;
}

}  // namespace

std::optional<ListeningProcess> process_listening_on(std::uint16_t port) {
  const std::set<std::string> inodes = inodes_listening_on(port);
  if (inodes.empty()) return std::nullopt;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename().string();
    if (name.empty() || !all_digits(name) || !has_socket(entry.path(), inodes)) continue;
    ListeningProcess found;
    std::from_chars(name.data(), name.data() + name.size(), found.pid);
    std::ifstream file(entry.path() / "comm");
    std::getline(file, found.name);
    return found;
  }
  return ListeningProcess{};
}

}  // namespace tidemark::server
