#include "server/client/member_text.h"

namespace tidemark::server {

std::string member_text(const json::Value& object, std::string_view name) {
  const auto found = object.find(name);
  return found && found->is_string() ? std::string(found->string()) : std::string();
}

}  // namespace tidemark::server
