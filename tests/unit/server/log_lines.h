// The log, as tests look at it.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "base/log.h"

namespace tidemark::server::test {

// The level for one test; afterwards the default again.
class LogLevel {
 public:
  explicit LogLevel(log::Level level) { log::set_level(level); }
  ~LogLevel() { log::set_level(log::Level::kInfo); }
  LogLevel(const LogLevel&) = delete;
  LogLevel& operator=(const LogLevel&) = delete;
};

// Whole lines, without their times.
inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text.substr(0, text.rfind('\n') + 1));
  for (std::string line; std::getline(stream, line);) lines.push_back(line.substr(line.find(' ') + 1));
  return lines;
}

}  // namespace tidemark::server::test
