// Text in the answers of a running server.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace tidemark::server {

// The member of that name, of an object; empty when it is not there, or no text.
std::string member_text(const json::Value& object, std::string_view name);

}  // namespace tidemark::server
