// What is found in Ion, value by value, whether it is text or binary.
// Source: the Ion specification, 1.0.
#pragma once

#include <string_view>

namespace tidemark::transfer::format {

// Views live until the call returns.
class IonEvents {
 public:
  virtual ~IonEvents() = default;

  virtual void begin_struct() = 0;
  // In a struct, in front of each value.
  virtual void field(std::string_view name) = 0;
  virtual void unknown_field() = 0;  // a symbol of a shared table that nobody has
  // `annotation` is the first one, empty where there is none.
  virtual void begin_list(std::string_view annotation) = 0;
  virtual void end() = 0;  // the struct or list that began last

  virtual void string(std::string_view text) = 0;
  virtual void symbol(std::string_view text) = 0;
  virtual void number(std::string_view text) = 0;  // in the grammar of model::Number; also `nan`, `+inf`
  virtual void binary(std::string_view bytes) = 0;
  virtual void boolean(bool value) = 0;
  virtual void null() = 0;
  // A value that no item can have. `kind` goes into a sentence: `An Ion <kind> …`.
  virtual void other(std::string_view kind) = 0;
};

}  // namespace tidemark::transfer::format
