#include "server/command_line/setting.h"

namespace tidemark::server {

std::string variable_of(std::string_view name) {
  std::string variable = "TIDEMARK_";
  for (const char c : name) {
    variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return variable;
}

}  // namespace tidemark::server
