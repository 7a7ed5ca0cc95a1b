// The files of the console, as script/build-console made them and cmake/console.cmake put them into the
// program.
#pragma once

#include <span>
#include <string_view>

namespace tidemark::server {

struct ConsoleFile {
  std::string_view name;  // `index.html`, `console-1a2b3c4d.js`
  std::string_view gzip;  // what it has, compressed
};

// Live as long as the process.
std::span<const ConsoleFile> console_files();

}  // namespace tidemark::server
