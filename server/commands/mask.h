// Makes items presentable: what must not leave production as it is becomes something else, or nothing.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/attribute_value.h"

namespace tidemark::server {

class Mask {
 public:
  enum class Action { kHash, kDrop };

  Mask() = default;  // leaves everything as it is
  // `email=hash,name=drop`: attributes at the top of an item. `key` makes the hashes: equal values have equal
  // ones as long as it is the same, and nobody who does not know it can find them by trying.
  // Errors: kInvalidArgument.
  static Result<Mask> parse(std::string_view text, std::string key);

  [[nodiscard]] bool is_empty() const { return actions_.empty(); }
  [[nodiscard]] bool drops(std::string_view name) const;
  // A hash keeps the type of strings (32 hexadecimal digits), numbers (up to 15 digits) and binaries (16
  // bytes); every other value becomes such a string.
  void apply(model::AttributeMap* item) const;

 private:
  void hash(std::string_view name, model::AttributeValue* value) const;

  std::map<std::string, Action, std::less<>> actions_;
  std::string key_;
};

}  // namespace tidemark::server
