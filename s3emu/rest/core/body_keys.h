// What the body of a request tells the conditions of policies: what others say in headers.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {

// The names, as BodyKeyReader has them, of the keys of tags.
inline constexpr std::string_view kTagKeyNames[] = {"requestobjecttag/", "requestobjecttagkeys"};

struct BodyKeys {
  std::optional<NamedValues> tags = std::nullopt;  // s3:RequestObjectTag/..., s3:RequestObjectTagKeys
  NamedValues others = {};                         // by the name of the key behind `s3:`, in lower case
  // Before the body is there: BodyKeyReader.names.
  std::span<const std::string_view> pending = {};
  // Those, likewise, that headers of the same name say nothing about: they are not what the operation goes
  // by.
  std::span<const std::string_view> not_of_headers = {};
};

// Which keys the body of an operation has, and how they are got from it.
struct BodyKeyReader {
  // All that there may be, and what is reckoned from them, behind `s3:` and in lower case; one that ends with
  // `/` stands for all that begin so.
  std::span<const std::string_view> names;
  // A body that cannot be read has none.
  BodyKeys (*read)(const std::string& body) = nullptr;
};

}  // namespace tidemark::s3emu
