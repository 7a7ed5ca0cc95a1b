// Reads Ion value by value out of the bytes of a file.
// Source: the Ion specification, 1.0, "Ion text" and "Ion binary".
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "transfer/format/ion_events.h"

namespace tidemark::transfer::format {

// With what a file of binary Ion begins.
inline constexpr std::string_view kIonBinaryMarker("\xe0\x01\x00\xea", 4);
// Levels of structs and lists in each other; far more than an item may have, and few enough for the stack.
inline constexpr int kIonLevelsMax = 500;

// Version markers and symbol tables are taken in on the way; a list at the top is entered, and its elements
// are told like values at the top. Not thread-safe.
class IonParser {
 public:
  enum class Step {
    kStruct,  // one was told
    kOther,   // a whole value that is no struct; what was told of it is of no use
    kEnd,     // only blanks were left
    kMore,    // a value begins here and does not end
    kBroken,  // this is no Ion, or no Ion that anybody needs
  };

  virtual ~IonParser() = default;
  // Tells `events` of the next value at the top. `bytes` are all those not taken yet, `is_last` means that no
  // more will come. `*taken` are those that are done with, whatever the step; on kMore some may have been
  // told already: the next call begins the value again.
  virtual Step next(std::string_view bytes, bool is_last, IonEvents& events, std::size_t* taken) = 0;
};

std::unique_ptr<IonParser> ion_text_parser();
std::unique_ptr<IonParser> ion_binary_parser();

// Appends a natural number of any size, big-endian, in decimal. False, and nothing is appended, when it has
// more digits than any number in an item may.
bool append_decimal(std::string* out, std::string_view magnitude);
// Appends the shortest decimal that reads back as the same double.
void append_decimal(std::string* out, double value);

}  // namespace tidemark::transfer::format
