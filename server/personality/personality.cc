#include "server/personality/personality.h"

#include <algorithm>
#include <array>

namespace tidemark::server {

std::span<const Personality* const> all_personalities() {
  static constexpr std::array kAll = {&kTidemarkPersonality, &kDynamoDbLocalPersonality,
                                      &kLocalStackPersonality, &kMinioPersonality, &kServicePersonality};
  return kAll;
}

const Personality* find_personality(std::string_view name) {
  const auto all = all_personalities();
  const auto found =
      std::find_if(all.begin(), all.end(), [name](const Personality* one) { return one->name == name; });
  return found == all.end() ? nullptr : *found;
}

const Personality& personality_of_port(std::uint16_t port, const Personality& otherwise) {
  for (const Personality* const one : all_personalities()) {
    if (one->usual_port != 0 && one->usual_port == port) return *one;
  }
  return otherwise;
}

}  // namespace tidemark::server
