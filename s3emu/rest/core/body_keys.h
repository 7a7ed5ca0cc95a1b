// What the body of a request tells the conditions of policies: what others say in headers.
#pragma once

#include <optional>
#include <string>

#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {

struct BodyKeys {
  std::optional<NamedValues> tags = std::nullopt;  // s3:RequestObjectTag/..., s3:RequestObjectTagKeys
  NamedValues others = {};                         // by the name of the key behind `s3:`, in lower case
};

}  // namespace tidemark::s3emu
