#include "server/program/complain.h"

#include <algorithm>
#include <cstdio>

namespace tidemark::server {

int complain(std::string message, log::Format format, int status) {
  if (format == log::Format::kJson) {
    log::set_format(format);
    log::set_level(log::Level::kError);
    log::error(message);
    return status;
  }
  std::replace_if(
      message.begin(), message.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  std::fprintf(stderr, "tidemark: %s\n", message.c_str());
  return status;
}

}  // namespace tidemark::server
