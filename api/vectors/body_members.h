// The members that a request body must have, as the service's search endpoint reads it: not with the
// deserializer of the other operations, but with one that says at which line and column it stopped.
#pragma once

#include <span>
#include <string_view>

#include "api/core/error.h"

namespace tidemark::api {

struct BodyMember {
  std::string_view name;
  std::string_view expected;  // `a string`: what stands there instead of null
};

// `body` is a JSON object that has been parsed. Errors: SerializationException for a member that is null, in
// the order of the body; ValidationException for the first of `members` that is not there.
ApiResult<void> check_body_members(std::string_view body, std::span<const BodyMember> members);

}  // namespace tidemark::api
