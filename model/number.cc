#include "model/number.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/bytes.h"
#include "base/check.h"
#include "base/text.h"
#include "model/floor_half.h"

namespace tidemark::model {
namespace {

using Coefficient = Uint128;
__extension__ typedef __int128 Int128;

constexpr int kDigitsMax = 38;
constexpr int kMagnitudeMax = 125;
constexpr int kMagnitudeMin = -130;
constexpr std::size_t kPairsMax = 20;  // 38 digits laid over base-100 pairs that start in the middle of one
constexpr unsigned char kZeroByte = 0x80;
constexpr int kExponentBias = 0xC0;
constexpr char kNegativeEnd = 102;

constexpr std::array<Coefficient, kDigitsMax + 1> make_powers() {
  std::array<Coefficient, kDigitsMax + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr auto kPowersOfTen = make_powers();

// The decimal digits of a coefficient.
struct Digits {
  char text[40];
  int count;

  explicit Digits(Coefficient value) {
    constexpr std::uint64_t kHalf = 10'000'000'000'000'000'000U;  // 10^19
    const auto high = static_cast<std::uint64_t>(value / kHalf);
    const auto low = static_cast<std::uint64_t>(value % kHalf);
    char* end = std::to_chars(text, text + 20, high > 0 ? high : low).ptr;
    if (high > 0) {
      const Digits rest(low);
      end = std::fill_n(end, 19 - rest.count, '0');
      end = std::copy_n(rest.text, rest.count, end);
    }
    count = static_cast<int>(end - text);
  }
  [[nodiscard]] std::string_view view() const { return {text, static_cast<std::size_t>(count)}; }
};

int digit_count(Coefficient value) {
  const auto* const above = std::upper_bound(kPowersOfTen.begin(), kPowersOfTen.end(), value);
  return std::max(1, static_cast<int>(above - kPowersOfTen.begin()));
}

// What the digits of a written number say, before the exponent is applied.
struct Mantissa {
  Coefficient coefficient = 0;       // without trailing zeros; meaningless when there are too many digits
  std::int64_t significant = 0;      // digits from the first that is not zero to the last
  std::int64_t trailing_zeros = 0;   // behind the last digit that is not zero
  std::int64_t fraction_digits = 0;  // written behind the point
};

// Removes the digits and the point from the front of `*text`. False when there is no digit.
bool take_mantissa(std::string_view* text, Mantissa* out) {
  bool digit_seen = false;
  bool point_seen = false;
  std::size_t i = 0;
  for (; i < text->size(); ++i) {
    const char c = (*text)[i];
    if (c == '.' && !point_seen) {
      point_seen = true;
      continue;
    }
    if (!is_digit(c)) break;
    digit_seen = true;
    if (point_seen) ++out->fraction_digits;
    if (c == '0') {
      ++out->trailing_zeros;
      continue;
    }
    if (out->significant == 0) out->trailing_zeros = 0;  // zeros in front do not count
    const std::int64_t added = out->trailing_zeros + 1;
    out->significant += added;
    out->trailing_zeros = 0;
    if (out->significant <= kDigitsMax) {
      out->coefficient =
          out->coefficient * kPowersOfTen[static_cast<std::size_t>(added)] + static_cast<unsigned>(c - '0');
    }
  }
  text->remove_prefix(i);
  return digit_seen;
}

// Reads an exponent that must be all of `text`: `e5`, `E+5`, `e-5`, or nothing at all.
bool read_exponent(std::string_view text, std::int64_t* exponent) {
  *exponent = 0;
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return false;  // from_chars takes a minus sign
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *exponent);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Result<Number, NumberDefect> Number::parse(std::string_view text) {
  Number number;
  if (text.starts_with('-') || text.starts_with('+')) {
    number.negative_ = text.front() == '-';
    text.remove_prefix(1);
  }
  Mantissa mantissa;
  std::int64_t written_exponent = 0;
  if (!take_mantissa(&text, &mantissa) || !read_exponent(text, &written_exponent)) {
    return fail(NumberDefect::kNotANumber);
  }
  if (mantissa.significant == 0) {
    if (written_exponent > kMagnitudeMax) return fail(NumberDefect::kOverflow);
    if (written_exponent < kMagnitudeMin) return fail(NumberDefect::kUnderflow);
    return Number();
  }
  const Int128 exponent =
      static_cast<Int128>(written_exponent) - mantissa.fraction_digits + mantissa.trailing_zeros;
  const Int128 magnitude = exponent + mantissa.significant - 1;
  if (magnitude > kMagnitudeMax) return fail(NumberDefect::kOverflow);
  if (magnitude < kMagnitudeMin) return fail(NumberDefect::kUnderflow);
  if (mantissa.significant > kDigitsMax) return fail(NumberDefect::kTooManyDigits);
  number.coefficient_ = mantissa.coefficient;
  number.exponent_ = static_cast<std::int16_t>(exponent);
  return number;
}

Number Number::from_int(std::int64_t value) {
  Number number;
  number.negative_ = value < 0;
  std::uint64_t rest = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  if (rest == 0) return number;
  while (rest % 10 == 0) {
    rest /= 10;
    ++number.exponent_;
  }
  number.coefficient_ = rest;
  return number;
}

std::string Number::to_string() const {
  std::string out;
  append_to(&out);
  return out;
}

void Number::append_to(std::string* out) const {
  const Digits digits(coefficient_);
  if (negative_) out->push_back('-');
  const int integer_digits = digits.count + exponent_;
  if (exponent_ >= 0) {
    out->append(digits.view());
    out->append(static_cast<std::size_t>(exponent_), '0');
  } else if (integer_digits > 0) {
    out->append(digits.view().substr(0, static_cast<std::size_t>(integer_digits)));
    out->push_back('.');
    out->append(digits.view().substr(static_cast<std::size_t>(integer_digits)));
  } else {
    out->append("0.");
    out->append(static_cast<std::size_t>(-integer_digits), '0');
    out->append(digits.view());
  }
}

std::strong_ordering Number::operator<=>(const Number& other) const {
  const int sign = is_zero() ? 0 : (negative_ ? -1 : 1);
  const int other_sign = other.is_zero() ? 0 : (other.negative_ ? -1 : 1);
  if (sign != other_sign) return sign <=> other_sign;
  if (sign == 0) return std::strong_ordering::equal;
  const int digits = digit_count(coefficient_);
  const int other_digits = digit_count(other.coefficient_);
  auto order = digits + exponent_ <=> other_digits + other.exponent_;
  if (order == std::strong_ordering::equal) {
    // Same magnitude: the coefficients compare once both have as many digits.
    const Coefficient a =
        coefficient_ * kPowersOfTen[static_cast<std::size_t>(std::max(0, other_digits - digits))];
    const Coefficient b =
        other.coefficient_ * kPowersOfTen[static_cast<std::size_t>(std::max(0, digits - other_digits))];
    order = a < b ? std::strong_ordering::less
                  : (a > b ? std::strong_ordering::greater : std::strong_ordering::equal);
  }
  return sign > 0 ? order : 0 <=> order;
}

Result<Number, NumberDefect> Number::plus(const Number& other) const {
  if (is_zero()) return other;
  if (other.is_zero()) return *this;
  const Number& high = exponent_ >= other.exponent_ ? *this : other;
  const Number& low = exponent_ >= other.exponent_ ? other : *this;
  // The last digit of `low` is not zero and stays the last digit of the sum, so a `high` that cannot be
  // scaled down to it means too many digits. Scaled, it may have 39: 1E38 - 1 has 38.
  const auto shift = static_cast<std::size_t>(high.exponent_ - low.exponent_);
  Coefficient scaled = 0;
  if (shift > kDigitsMax || __builtin_mul_overflow(high.coefficient_, kPowersOfTen[shift], &scaled)) {
    return fail(NumberDefect::kTooManyDigits);
  }
  Number sum;
  if (high.negative_ == low.negative_) {
    if (__builtin_add_overflow(scaled, low.coefficient_, &sum.coefficient_)) {
      return fail(NumberDefect::kTooManyDigits);
    }
    sum.negative_ = high.negative_;
  } else if (scaled >= low.coefficient_) {
    sum.coefficient_ = scaled - low.coefficient_;
    sum.negative_ = high.negative_;
  } else {
    sum.coefficient_ = low.coefficient_ - scaled;
    sum.negative_ = low.negative_;
  }
  if (sum.coefficient_ == 0) return Number();
  sum.exponent_ = low.exponent_;
  while (sum.coefficient_ % 10 == 0) {
    sum.coefficient_ /= 10;
    ++sum.exponent_;
  }
  if (sum.coefficient_ >= kPowersOfTen[kDigitsMax]) return fail(NumberDefect::kTooManyDigits);
  const int magnitude = sum.exponent_ + digit_count(sum.coefficient_) - 1;
  if (magnitude > kMagnitudeMax) return fail(NumberDefect::kOverflow);
  if (magnitude < kMagnitudeMin) return fail(NumberDefect::kUnderflow);
  return sum;
}

Result<Number, NumberDefect> Number::minus(const Number& other) const {
  Number negated = other;
  negated.negative_ = !other.negative_ && !other.is_zero();
  return plus(negated);
}

std::uint32_t Number::size_bytes() const {
  if (is_zero()) return 1;
  const int first_pair = floor_half(exponent_ + digit_count(coefficient_) - 1);
  const int last_pair = floor_half(exponent_);
  return static_cast<std::uint32_t>(1 + first_pair - last_pair + 1 + (negative_ ? 1 : 0));
}

void Number::append_sort_key(std::string* out) const {
  if (is_zero()) {
    out->push_back(static_cast<char>(kZeroByte));
    return;
  }
  const Digits digits(coefficient_);
  const int magnitude = exponent_ + digits.count - 1;
  // Zeros complete the first and the last base-100 pair.
  char padded[42];
  char* end = padded;
  if (magnitude % 2 == 0) *end++ = '0';
  end = std::copy_n(digits.text, digits.count, end);
  if (exponent_ % 2 != 0) *end++ = '0';

  const auto first = static_cast<unsigned char>(kExponentBias + floor_half(magnitude) + 1);
  out->push_back(static_cast<char>(negative_ ? ~first : first));
  std::size_t pairs = 0;
  for (const char* pair = padded; pair != end; pair += 2, ++pairs) {
    const int value = (pair[0] - '0') * 10 + (pair[1] - '0');
    out->push_back(static_cast<char>(negative_ ? 101 - value : value + 1));
  }
  if (negative_ && pairs < kPairsMax) out->push_back(kNegativeEnd);
}

Result<Number> Number::from_sort_key(std::string_view bytes) {
  const auto damaged = [bytes] {
    return fail(Error::corruption("not a number's sort key: " + to_hex(bytes)));
  };
  if (bytes.empty() || bytes.size() > kPairsMax + 1) return damaged();
  if (bytes.size() == 1) {
    if (static_cast<unsigned char>(bytes[0]) != kZeroByte) return damaged();
    return Number();
  }
  Number number;
  auto first = static_cast<unsigned char>(bytes[0]);
  // Positive numbers and zero have the high bit set.
  number.negative_ = first < kZeroByte;
  if (number.negative_) first = static_cast<unsigned char>(~first);
  std::string_view pairs = bytes.substr(1);
  if (number.negative_ && pairs.back() == kNegativeEnd) pairs.remove_suffix(1);
  if (pairs.empty() || pairs.size() > kPairsMax) return damaged();

  std::string digits;
  for (const char c : pairs) {
    const int value = number.negative_ ? 101 - c : c - 1;
    if (value < 0 || value > 99) return damaged();
    digits.push_back(static_cast<char>('0' + value / 10));
    digits.push_back(static_cast<char>('0' + value % 10));
  }
  std::string_view rest = digits;
  Mantissa mantissa;
  take_mantissa(&rest, &mantissa);
  if (mantissa.significant == 0 || mantissa.significant > kDigitsMax) return damaged();
  number.coefficient_ = mantissa.coefficient;
  const int pair_exponent = first - kExponentBias - static_cast<int>(pairs.size());
  number.exponent_ = static_cast<std::int16_t>(2 * pair_exponent + mantissa.trailing_zeros);
  // Only what append_sort_key writes is accepted: one number has one key.
  std::string again;
  number.append_sort_key(&again);
  if (again != bytes) return damaged();
  return number;
}

}  // namespace tidemark::model
