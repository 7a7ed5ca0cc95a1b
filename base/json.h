// Reading JSON: a face over simdjson's DOM, so that its header stays out of everything else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/result.h"

namespace tidemark::json {

enum class Type { kNull, kBool, kInteger, kDecimal, kString, kArray, kObject };

class ObjectCursor;
class ArrayCursor;

// What simdjson makes of a text (its doc/tape.md): a word for each value, a letter for its type on top. A
// string's word says where in `strings` its length and bytes are, an opening bracket's where the value ends
// and how many members or elements it has; the number itself is the word behind that of a number.
struct Tape {
  const std::uint64_t* words = nullptr;
  const unsigned char* strings = nullptr;

  [[nodiscard]] char letter(std::size_t index) const { return static_cast<char>(words[index] >> 56); }
  [[nodiscard]] std::string_view string(std::size_t index) const {
    const unsigned char* const at = strings + (words[index] & 0x00ff'ffff'ffff'ffff);
    std::uint32_t length = 0;
    std::memcpy(&length, at, sizeof length);
    return {reinterpret_cast<const char*>(at) + sizeof length, length};
  }
  // The index of what follows the value at `index`.
  [[nodiscard]] std::size_t behind(std::size_t index) const {
    switch (letter(index)) {
      case '{':
      case '[':
        return static_cast<std::uint32_t>(words[index]);
      case 'l':
      case 'u':
      case 'd':
        return index + 2;
      default:
        return index + 1;
    }
  }
};

// A value inside a Document: a cheap handle, valid until the document parses again or dies.
class Value {
 public:
  Value() = default;
  [[nodiscard]] Type type() const;
  [[nodiscard]] bool is_string() const { return type() == Type::kString; }
  [[nodiscard]] bool is_object() const { return type() == Type::kObject; }
  [[nodiscard]] bool is_array() const { return type() == Type::kArray; }
  [[nodiscard]] bool is_null() const { return type() == Type::kNull; }

  // Each accessor needs a value of its type.
  [[nodiscard]] std::string_view string() const;
  [[nodiscard]] bool boolean() const;
  // Integers beyond int64 are clamped.
  [[nodiscard]] std::int64_t integer() const;
  // Integer or decimal as a double.
  [[nodiscard]] double decimal() const;

  // Number of members or elements; the value must be an object or an array.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] ObjectCursor members() const;
  [[nodiscard]] ArrayCursor elements() const;

  // The last member of that name ("last one wins"); nothing if absent or JSON null, which the service
  // treats as absent. Needs an object.
  [[nodiscard]] std::optional<Value> find(std::string_view name) const;

 private:
  friend class Document;
  friend class ObjectCursor;
  friend class ArrayCursor;
  // For more members than the tape counts.
  [[nodiscard]] std::size_t walked_size() const;
  const Tape* tape_ = nullptr;
  std::size_t index_ = 0;
};

// Walks the members of an object in document order.
class ObjectCursor {
 public:
  // False at the end.
  bool next(std::string_view* name, Value* value);

 private:
  friend class Value;
  const Tape* tape_ = nullptr;
  std::size_t index_ = 0;
  std::size_t end_ = 0;
};

class ArrayCursor {
 public:
  bool next(Value* value);

 private:
  friend class Value;
  const Tape* tape_ = nullptr;
  std::size_t index_ = 0;
  std::size_t end_ = 0;
};

inline Type Value::type() const {
  switch (tape_->letter(index_)) {
    case 't':
    case 'f':
      return Type::kBool;
    case 'l':
    case 'u':
      return Type::kInteger;
    case 'd':
      return Type::kDecimal;
    case '"':
      return Type::kString;
    case '[':
      return Type::kArray;
    case '{':
      return Type::kObject;
    default:
      return Type::kNull;
  }
}

inline std::string_view Value::string() const {
  INVARIANT(is_string());
  return tape_->string(index_);
}

inline std::size_t Value::size() const {
  INVARIANT(is_object() || is_array());
  constexpr std::size_t kCountMax = 0xff'ffff;
  const std::size_t count = tape_->words[index_] >> 32 & kCountMax;
  return count < kCountMax ? count : walked_size();
}

inline ObjectCursor Value::members() const {
  INVARIANT(is_object());
  ObjectCursor cursor;
  cursor.tape_ = tape_;
  cursor.index_ = index_ + 1;
  cursor.end_ = tape_->behind(index_) - 1;
  return cursor;
}

inline ArrayCursor Value::elements() const {
  INVARIANT(is_array());
  ArrayCursor cursor;
  cursor.tape_ = tape_;
  cursor.index_ = index_ + 1;
  cursor.end_ = tape_->behind(index_) - 1;
  return cursor;
}

inline bool ObjectCursor::next(std::string_view* name, Value* value) {
  if (index_ == end_) return false;
  *name = tape_->string(index_);
  value->tape_ = tape_;
  value->index_ = index_ + 1;
  index_ = tape_->behind(index_ + 1);
  return true;
}

inline bool ArrayCursor::next(Value* value) {
  if (index_ == end_) return false;
  value->tape_ = tape_;
  value->index_ = index_;
  index_ = tape_->behind(index_);
  return true;
}

// Owns a parsed text. Keep one per thread and parse again and again: its buffers are reused.
class Document {
 public:
  Document();
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  // Checks the whole text (syntax, UTF-8) before it answers. Copies it, so `text` need not live on.
  // Errors: kInvalidArgument for anything that is not one JSON value, or is nested deeper than 1,024 levels.
  Result<Value> parse(std::string_view text);
  // Gives back what a large text took, if the last one was large; its values die.
  void shrink();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::json
