// Reading JSON: a face over simdjson's DOM, so that its header stays out of everything else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::json {

enum class Type { kNull, kBool, kInteger, kDecimal, kString, kArray, kObject };

class ObjectCursor;
class ArrayCursor;

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
  const void* document_ = nullptr;
  std::size_t index_ = 0;
};

// Walks the members of an object in document order.
class ObjectCursor {
 public:
  // False at the end.
  bool next(std::string_view* name, Value* value);

 private:
  friend class Value;
  const void* document_ = nullptr;
  std::size_t index_ = 0;
  std::size_t end_ = 0;
};

class ArrayCursor {
 public:
  bool next(Value* value);

 private:
  friend class Value;
  const void* document_ = nullptr;
  std::size_t index_ = 0;
  std::size_t end_ = 0;
};

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
