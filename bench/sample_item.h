// The item that every measurement uses: ten attributes, about 1 KB, of words that compress as text does.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::bench {

// `length` bytes of words, drawn from `seed`.
inline std::string words(std::uint64_t seed, std::size_t length) {
  static constexpr std::array<std::string_view, 32> kWords = {
      "harbour", "signal", "order",  "river",  "7f3a91", "amount",  "winter",  "copper",
      "lantern", "market", "22.50",  "cedar",  "packet", "station", "blue",    "north",
      "a81c",    "ledger", "violet", "engine", "quiet",  "1998",    "saffron", "bridge",
      "window",  "paper",  "stone",  "c0ffee", "garden", "silver",  "voyage",  "morning"};
  std::string text;
  std::uint64_t state = seed * 0x9e3779b97f4a7c15ULL + 1;
  while (text.size() < length) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    text += kWords[(state >> 33) % kWords.size()];
    // A number now and then, as real texts have ids.
    if ((state >> 60) == 0) text += std::to_string(state >> 40);
    text += ' ';
  }
  text.resize(length);
  return text;
}

// Attributes in canonical order; `key` and `sort` are the table's key, `group` that of its index.
inline std::string sample_item(std::string_view key, std::string_view sort, std::uint32_t group,
                               std::uint32_t version) {
  std::string item = "{";
  for (char name = 'a'; name < 'g'; ++name) {
    const auto seed = std::hash<std::string_view>{}(key) + version * 31 + static_cast<std::uint32_t>(name);
    item += std::string("\"") + name + R"(":{"S":")" + words(seed, 150) + R"("},)";
  }
  item += R"("gk":{"S":"g)" + std::to_string(group) + R"("},"pk":{"S":")" + std::string(key) +
          R"("},"sk":{"S":")" + std::string(sort) + R"("},"version":{"N":")" + std::to_string(version) +
          R"("}})";
  return item;
}

}  // namespace tidemark::bench
