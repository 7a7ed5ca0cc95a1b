// DynamoDB's number: exact decimal, up to 38 significant digits, magnitude 1E-130 to 9.99…E+125, and zero.
// Source of the rules: DynamoDB developer guide, "Naming rules and data types", Number.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::model {

// A GCC and Clang extension that ISO C++ does not name.
__extension__ typedef unsigned __int128 Uint128;

enum class NumberDefect {
  kNotANumber,     // also the empty string
  kOverflow,       // magnitude over 9.99…E+125; zero is judged by its written exponent
  kUnderflow,      // magnitude under 1E-130
  kTooManyDigits,  // more than 38 significant digits
};

// A value type; always in normal form: no trailing zeros in the coefficient, zero is +0 with exponent 0.
class Number {
 public:
  Number() = default;  // zero

  // Grammar: optional sign, digits with an optional point, optional exponent. No blanks.
  static Result<Number, NumberDefect> parse(std::string_view text);
  static Number from_int(std::int64_t value);

  // Plain decimal, never an exponent: `150`, `-0.25`, `0`.
  [[nodiscard]] std::string to_string() const;
  void append_to(std::string* out) const;

  [[nodiscard]] bool is_zero() const { return coefficient_ == 0; }
  [[nodiscard]] bool is_negative() const { return negative_; }
  std::strong_ordering operator<=>(const Number& other) const;
  bool operator==(const Number& other) const { return (*this <=> other) == std::strong_ordering::equal; }

  // Exact. Errors: kTooManyDigits when the sum needs more than 38 digits; kOverflow; kUnderflow, when close
  // numbers near 1E-130 are subtracted.
  [[nodiscard]] Result<Number, NumberDefect> plus(const Number& other) const;
  [[nodiscard]] Result<Number, NumberDefect> minus(const Number& other) const;

  // Bytes as the service counts them (item size): see model/item_size.h.
  [[nodiscard]] std::uint32_t size_bytes() const;

  // Appends bytes that sort, compared unsigned, as numbers sort; at most 21 bytes. A key may be the prefix of
  // a longer one (1 and 1.01), so what follows it must be set apart as behind a string: zero is 0x80; a
  // positive number is 0xC0 + base-100 exponent, then digit pairs + 1; a negative number is the complement of
  // that and ends in 102 when fewer than 20 pairs were written.
  void append_sort_key(std::string* out) const;
  // Inverse of append_sort_key. Errors: kCorruption.
  static Result<Number> from_sort_key(std::string_view bytes);

 private:
  // value = (negative_ ? -1 : 1) * coefficient_ * 10^exponent_
  Uint128 coefficient_ = 0;  // below 10^38
  std::int16_t exponent_ = 0;
  bool negative_ = false;
};

}  // namespace tidemark::model
