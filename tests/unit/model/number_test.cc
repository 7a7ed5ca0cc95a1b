#include "model/number.h"

#include <limits>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "tests/support/catch.h"

namespace tidemark::model {
namespace {

const std::string k38Nines(38, '9');

Number num(std::string_view text) { return Number::parse(text).value(); }

std::string repeated(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out.append(text);
  return out;
}

std::string sort_key(const Number& number) {
  std::string out;
  number.append_sort_key(&out);
  return out;
}

// Any number, from few digits to 38, over the whole range of exponents.
std::string random_number(Random& random) {
  std::string digits;
  const std::uint64_t count = 1 + random.next() % (random.next() % 2 == 0 ? 3 : 38);
  for (std::uint64_t i = 0; i < count; ++i) digits.push_back(static_cast<char>('0' + random.next() % 10));
  const auto exponent = static_cast<int>(random.next() % (random.next() % 2 == 0 ? 8 : 200)) -
                        static_cast<int>(random.next() % (random.next() % 2 == 0 ? 8 : 90));
  return (random.next() % 2 == 0 ? "-" : "") + digits + "e" + std::to_string(exponent);
}

std::vector<Number> random_numbers(std::uint64_t seed, std::size_t count) {
  SeededRandom random(seed);
  std::vector<Number> numbers;
  while (numbers.size() < count) {
    const auto number = Number::parse(random_number(random));
    if (number.has_value()) numbers.push_back(*number);
  }
  return numbers;
}

TEST_CASE("numbers in normal form") {
  struct Case {
    std::string text, normal;
  };
  const auto c = GENERATE(values<Case>({
      {"0", "0"},
      {"-0", "0"},
      {"-0.000e-5", "0"},
      {"0e125", "0"},
      {"0e-130", "0"},
      {"1", "1"},
      {"+5", "5"},
      {"00042", "42"},
      {"1.0", "1"},
      {"3.1400", "3.14"},
      {".5", "0.5"},
      {"5.", "5"},
      {"-.25", "-0.25"},
      {"1.5E2", "150"},
      {"1.5e+2", "150"},
      {"150e-3", "0.15"},
      {"1e-7", "0.0000001"},
      {"100000000000000000000000000000000000000000", "100000000000000000000000000000000000000000"},
      {"0.000000000000000000000000000000000000000000000001",
       "0.000000000000000000000000000000000000000000000001"},
      {k38Nines, k38Nines},
      {"-" + k38Nines + "e-20", "-999999999999999999.99999999999999999999"},
      {"12345678901234567890123456789012345678000", "12345678901234567890123456789012345678000"},
      {"1E125", "1" + std::string(125, '0')},
      {"9.9999999999999999999999999999999999999E125", k38Nines + std::string(88, '0')},
      {"1E-130", "0." + std::string(129, '0') + "1"},
      {"0000000001E-130", "0." + std::string(129, '0') + "1"},
      {"1" + std::string(200, '0') + "e-200", "1"},
      {"0." + std::string(200, '0') + "1e201", "1"},
  }));
  INFO(c.text);
  const auto number = Number::parse(c.text);
  REQUIRE(number.has_value());
  CHECK(number->to_string() == c.normal);
  CHECK(num(number->to_string()) == *number);
}

TEST_CASE("what is no number, or no number of this range") {
  struct Case {
    std::string text;
    NumberDefect defect;
  };
  const auto c = GENERATE(values<Case>({
      {"", NumberDefect::kNotANumber},
      {"-", NumberDefect::kNotANumber},
      {".", NumberDefect::kNotANumber},
      {"+.", NumberDefect::kNotANumber},
      {"foo", NumberDefect::kNotANumber},
      {" 1", NumberDefect::kNotANumber},
      {"1 ", NumberDefect::kNotANumber},
      {"1.2.3", NumberDefect::kNotANumber},
      {"--1", NumberDefect::kNotANumber},
      {"1e", NumberDefect::kNotANumber},
      {"1e+", NumberDefect::kNotANumber},
      {"1e+-1", NumberDefect::kNotANumber},
      {"1e1.5", NumberDefect::kNotANumber},
      {"e5", NumberDefect::kNotANumber},
      {"0x10", NumberDefect::kNotANumber},
      {"1_000", NumberDefect::kNotANumber},
      {"NaN", NumberDefect::kNotANumber},
      {"Infinity", NumberDefect::kNotANumber},
      {std::string("1\0", 2), NumberDefect::kNotANumber},
      {"1e9223372036854775808", NumberDefect::kNotANumber},
      {"1e9223372036854775807", NumberDefect::kOverflow},
      {"123e9223372036854775807", NumberDefect::kOverflow},
      {"1e-9223372036854775808", NumberDefect::kUnderflow},
      {"0.01e-9223372036854775808", NumberDefect::kUnderflow},
      {"1e126", NumberDefect::kOverflow},
      {"-1e126", NumberDefect::kOverflow},
      {"10e125", NumberDefect::kOverflow},
      {"0e126", NumberDefect::kOverflow},
      {"1e-131", NumberDefect::kUnderflow},
      {"0.1e-130", NumberDefect::kUnderflow},
      {"0e-131", NumberDefect::kUnderflow},
      {"1" + k38Nines, NumberDefect::kTooManyDigits},
      {"100000000000000000000000000000000000000.1", NumberDefect::kTooManyDigits},
      {"1" + k38Nines + "e125", NumberDefect::kOverflow},
  }));
  INFO(c.text);
  const auto number = Number::parse(c.text);
  REQUIRE_FALSE(number.has_value());
  CHECK(number.error() == c.defect);
}

TEST_CASE("numbers from integers") {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{1'000'000},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    CHECK(Number::from_int(value).to_string() == std::to_string(value));
    CHECK(Number::from_int(value) == num(std::to_string(value)));
  }
}

TEST_CASE("order") {
  const std::vector<std::string> ascending = {"-9e125", "-1e38", "-" + k38Nines, "-100",    "-99.5", "-2",
                                              "-1.01",  "-1",    "-0.1",         "-1e-130", "0",     "1e-130",
                                              "0.0999", "0.1",   "0.11",         "1",       "1.01",  "9",
                                              "10",     "99.99", "100",          k38Nines,  "1e38",  "9e125"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      INFO(ascending[i] << " and " << ascending[j]);
      CHECK((num(ascending[i]) <=> num(ascending[j])) == (i <=> j));
      CHECK((num(ascending[i]) == num(ascending[j])) == (i == j));
    }
  }
}

TEST_CASE("sums and differences") {
  struct Case {
    std::string a, b, sum;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"1", "2", "3"},
      {"0", "-5", "-5"},
      {"0.1", "0.2", "0.3"},
      {"5", "-5", "0"},
      {"1.5", "-2.5", "-1"},
      {"999", "1", "1000"},
      {"1e38", "-1", k38Nines},
      {"-1e38", "1", "-" + k38Nines},
      {k38Nines, "1", "1" + std::string(38, '0')},
      {"1e125", "-1e125", "0"},
      {"5e125", "4e125", "9" + std::string(125, '0')},
      {"1e-130", "1e-130", "0." + std::string(129, '0') + "2"},
      {"1e-100", "1e-110", "0." + std::string(99, '0') + "10000000001"},
  }));
  INFO(c.a << " + " << c.b);
  CHECK(num(c.a).plus(num(c.b)).value().to_string() == c.sum);
  CHECK(num(c.b).plus(num(c.a)).value().to_string() == c.sum);
  CHECK(num(c.sum).minus(num(c.b)).value() == num(c.a));
  CHECK(num(c.sum).minus(num(c.a)).value() == num(c.b));
}

TEST_CASE("sums that leave the range") {
  struct Case {
    std::string a, b;
    NumberDefect defect;
  };
  const auto c = GENERATE(values<Case>({
      {k38Nines, k38Nines, NumberDefect::kTooManyDigits},
      {"1e50", "1", NumberDefect::kTooManyDigits},
      {"1e50", "-1", NumberDefect::kTooManyDigits},
      {"1e38", "1", NumberDefect::kTooManyDigits},
      {"2e38", "-1", NumberDefect::kTooManyDigits},
      {"9e38", "1", NumberDefect::kTooManyDigits},
      {"1e39", "-1", NumberDefect::kTooManyDigits},
      {"1e125", "1e-130", NumberDefect::kTooManyDigits},
      {"9e125", "1e125", NumberDefect::kOverflow},
      {"-9e125", "-9e125", NumberDefect::kOverflow},
      {"1.5e-130", "-1.4e-130", NumberDefect::kUnderflow},
  }));
  INFO(c.a << " + " << c.b);
  CHECK(num(c.a).plus(num(c.b)).error() == c.defect);
  CHECK(num(c.b).plus(num(c.a)).error() == c.defect);
}

TEST_CASE("arithmetic agrees with integers of 64 bits") {
  SeededRandom random(11);
  for (int i = 0; i < 2'000; ++i) {
    const auto a = static_cast<std::int64_t>(random.next() >> 2) * (random.next() % 2 == 0 ? 1 : -1);
    const auto b = static_cast<std::int64_t>(random.next() >> (2 + random.next() % 60));
    CHECK(Number::from_int(a).plus(Number::from_int(b)).value() == Number::from_int(a + b));
    CHECK(Number::from_int(a).minus(Number::from_int(b)).value() == Number::from_int(a - b));
    CHECK((Number::from_int(a) <=> Number::from_int(b)) == (a <=> b));
  }
}

TEST_CASE("size in bytes") {
  struct Case {
    std::string text;
    std::uint32_t bytes;
  };
  const auto c = GENERATE(values<Case>({
      {"0", 1},
      {"1", 2},
      {"-1", 3},
      {"10", 2},
      {"99", 2},
      {"100", 2},
      {"101", 3},
      {"123456", 4},
      {"12345", 4},
      {"3.14159", 5},
      {"1E125", 2},
      {"1E124", 2},
      {"0.0000001", 2},
      {"0.01", 2},
      {"-0.001", 3},
      {"1000.01", 4},
      {k38Nines, 20},
      {"-" + k38Nines, 21},
      {k38Nines + "e-1", 21},
  }));
  INFO(c.text);
  CHECK(num(c.text).size_bytes() == c.bytes);
}

TEST_CASE("sort keys have pinned bytes") {
  struct Case {
    std::string text, hex;
  };
  const auto c = GENERATE(values<Case>({
      {"0", "80"},
      {"1", "c102"},
      {"10", "c10b"},
      {"100", "c202"},
      {"1.01", "c10202"},
      {"0.5", "c033"},
      {"0.001", "bf0b"},
      {"-1", "3e6466"},
      {"-100", "3d6466"},
      {"-0.5", "3f3366"},
      {"1e-130", "8002"},
      {"9e125", "ff5b"},
      {"-1e-130", "7f6466"},
      {"-9e125", "000b66"},
      // 20 pairs: no end mark
      {"-" + k38Nines + "e-1", "2c5c" + repeated("02", 18) + "0b"},
  }));
  INFO(c.text);
  CHECK(to_hex(sort_key(num(c.text))) == c.hex);
}

TEST_CASE("sort keys order as numbers do and read back") {
  const std::uint64_t seed = GENERATE(1, 2, 3);
  INFO(seed);
  const std::vector<Number> numbers = random_numbers(seed, 400);
  for (const Number& a : numbers) {
    const std::string key = sort_key(a);
    REQUIRE(key.size() <= 21);
    REQUIRE(Number::from_sort_key(key).value() == a);
    REQUIRE(num(a.to_string()) == a);
  }
  for (std::size_t i = 0; i + 1 < numbers.size(); ++i) {
    for (std::size_t j = 0; j < numbers.size(); j += 7) {
      INFO(numbers[i].to_string() << " and " << numbers[j].to_string());
      // std::string compares bytes as unsigned.
      REQUIRE((numbers[i] <=> numbers[j]) == (sort_key(numbers[i]) <=> sort_key(numbers[j])));
    }
  }
}

TEST_CASE("bytes that are no sort key are corrupt") {
  const auto hex = GENERATE(
      values<std::string>({"", "c1", "81", "00", "c101", "c10201", "c10166", "c165", "c1ff", "3e64", "3e6566",
                           "3e66", "3e0066", "8000", "c1020202020202020202020202020202020202020202",
                           "c202020202020202020202020202020202020202020202"}));
  INFO(hex);
  const auto number = Number::from_sort_key(from_hex(hex).value());
  REQUIRE_FALSE(number.has_value());
  CHECK(number.error().code == ErrorCode::kCorruption);
}

}  // namespace
}  // namespace tidemark::model
