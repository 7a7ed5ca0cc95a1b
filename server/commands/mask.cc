#include "server/commands/mask.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "model/item.h"
#include "model/number.h"

namespace tidemark::server {
namespace {

constexpr std::size_t kHashBytes = 16;
constexpr std::uint64_t kNumberMax = 1'000'000'000'000'000;

}  // namespace

Result<Mask> Mask::parse(std::string_view text, std::string key) {
  Mask mask;
  mask.key_ = std::move(key);
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    const std::size_t equals = std::min(item.rfind('='), item.size());
    const std::string_view action = item.substr(std::min(equals + 1, item.size()));
    if (equals == 0 || (action != "hash" && action != "drop")) {
      return fail(Error::invalid_argument("--mask: '" + std::string(item) +
                                          "' is not attribute=hash or attribute=drop"));
    }
    mask.actions_[std::string(item.substr(0, equals))] = action == "hash" ? Action::kHash : Action::kDrop;
  }
  return mask;
}

bool Mask::drops(std::string_view name) const {
  const auto found = actions_.find(name);
  return found != actions_.end() && found->second == Action::kDrop;
}

void Mask::apply(model::AttributeMap* item) const {
  for (const auto& [name, action] : actions_) {
    const auto found = item->find(name);
    if (found == item->end()) continue;
    if (action == Action::kDrop) {
      item->erase(found);
    } else {
      hash(name, &found->second);
    }
  }
}

void Mask::hash(std::string_view name, model::AttributeValue* value) const {
  // The name is hashed with the value, so that equal values of two attributes do not tell of each other.
  std::string hashed = std::string(name) + '\0';
  model::append_value(&hashed, *value);
  const std::string sum = hmac_sha256(key_, hashed).substr(0, kHashBytes);
  if (value->binary() != nullptr) {
    value->data = model::Binary{sum};
    return;
  }
  if (value->number() != nullptr) {
    std::uint64_t number = 0;
    for (const char byte : sum.substr(0, 8)) number = number << 8 | static_cast<unsigned char>(byte);
    if (auto parsed = model::Number::parse(std::to_string(number % kNumberMax))) value->data = *parsed;
    return;
  }
  value->data = to_hex(sum);
}

}  // namespace tidemark::server
