// Who listens on a port of this machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tidemark::server {

struct ListeningProcess {
  std::int64_t pid = 0;  // 0: of another user, so that nothing more is known
  std::string name;      // as `ps` shows it
};

// Nothing: nobody does, in this network namespace. By /proc, so for Linux.
std::optional<ListeningProcess> process_listening_on(std::uint16_t port);

}  // namespace tidemark::server
