// Writes canonical text (model/item.h) with few steps a value: what model/item_canonical.cc is quick by.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <variant>

#include "base/json_writer.h"
#include "model/attribute_value.h"

namespace tidemark::model {

// `{"S":`: how a value of a type begins.
struct Opening {
  std::array<char, 8> bytes{};
  std::size_t length = 0;
};
constexpr std::array<Opening, std::variant_size_v<decltype(AttributeValue::data)>> make_openings() {
  std::array<Opening, std::variant_size_v<decltype(AttributeValue::data)>> openings;
  for (std::size_t type = 0; type < openings.size(); ++type) {
    Opening& opening = openings[type];
    const std::string_view name = type_descriptor(static_cast<AttributeType>(type));
    for (const std::string_view part : {std::string_view("{\""), name, std::string_view("\":")}) {
      for (const char c : part) opening.bytes[opening.length++] = c;
    }
  }
  return openings;
}
inline constexpr auto kOpenings = make_openings();

// Copies to `to` and returns where that ends. Most of what is copied is short.
[[gnu::always_inline]] inline char* copied(std::string_view bytes, char* to) {
  const char* const from = bytes.data();
  const std::size_t size = bytes.size();
  const auto both_ends = [&](auto word) {
    std::memcpy(&word, from, sizeof word);
    auto last = word;
    std::memcpy(&last, from + size - sizeof word, sizeof word);
    std::memcpy(to, &word, sizeof word);
    std::memcpy(to + size - sizeof word, &last, sizeof word);
  };
  if (size > 16) {
    std::memcpy(to, from, size);
  } else if (size >= 8) {
    both_ends(std::uint64_t{});
  } else if (size >= 4) {
    both_ends(std::uint32_t{});
  } else {
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
  }
  return to + size;
}

// Buffers that serve one writer after the other.
struct CanonicalBuffers {
  static constexpr std::size_t kKeptBytesMax = 64 << 10;

  // Gives back what a large item took.
  void shrink() {
    if (text.capacity() > kKeptBytesMax) std::string().swap(text);
    if (escaped.capacity() > kKeptBytesMax) std::string().swap(escaped);
  }

  std::string text;  // larger than what is written
  std::string escaped;
};

class CanonicalWriter {
 public:
  explicit CanonicalWriter(CanonicalBuffers* buffers) : text_(buffers->text), escaped_(buffers->escaped) {
    text_.resize(std::max<std::size_t>(text_.capacity(), 1'024));
    at_ = text_.data();
    end_ = at_ + text_.size();
  }

  void put(char c) {
    make_room(1);
    *at_++ = c;
  }
  void put(std::string_view bytes) {
    make_room(bytes.size());
    at_ = copied(bytes, at_);
  }
  // Between quotes.
  void put_plain_string(std::string_view bytes) {
    make_room(bytes.size() + 2);
    *at_ = '"';
    at_ = copied(bytes, at_ + 1);
    *at_++ = '"';
  }
  void put_string(std::string_view bytes) {
    if (!needs_json_escape(bytes)) [[likely]] {
      return put_plain_string(bytes);
    }
    escaped_.clear();
    append_json_string(&escaped_, bytes);
    put(escaped_);
  }
  // `{"S":`
  void put_opening(AttributeType type) {
    const Opening& opening = kOpenings[static_cast<std::size_t>(type)];
    make_room(opening.bytes.size());
    std::memcpy(at_, opening.bytes.data(), opening.bytes.size());
    at_ += opening.length;
  }

  // `{"S":"x"}`; false, and nothing is written, when the string needs escapes.
  bool put_plain_string_value(std::string_view bytes) {
    constexpr std::string_view kBefore = "{\"S\":\"";
    constexpr std::string_view kBehind = "\"}";
    if (needs_json_escape(bytes)) return false;
    make_room(kBefore.size() + bytes.size() + kBehind.size());
    std::memcpy(at_, kBefore.data(), kBefore.size());
    at_ = copied(bytes, at_ + kBefore.size());
    std::memcpy(at_, kBehind.data(), kBehind.size());
    at_ += kBehind.size();
    return true;
  }
  // `"name":`, behind a comma unless it is the first.
  void put_name(std::string_view name, bool is_first) {
    if (!is_first) put(',');
    put_string(name);
    put(':');
  }

  [[nodiscard]] std::string_view written() const {
    return {text_.data(), static_cast<std::size_t>(at_ - text_.data())};
  }

 private:
  [[gnu::always_inline]] void make_room(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) [[unlikely]] {
      grow(bytes);
    }
  }
  void grow(std::size_t bytes) {
    const auto size = static_cast<std::size_t>(at_ - text_.data());
    text_.resize(std::max(text_.size() * 2, size + bytes));
    at_ = text_.data() + size;
    end_ = text_.data() + text_.size();
  }

  std::string& text_;
  std::string& escaped_;
  char* at_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace tidemark::model
