#include "server/command_line/values.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/clock.h"
#include "base/text.h"

namespace tidemark::server {
namespace {

Result<std::string> parse_non_empty(const Given& given, std::string_view what) {
  if (given.value.empty()) return fail(bad_value(given, what));
  return given.value;
}

Result<std::string> parse_text(const Given& given, std::size_t smallest, std::size_t largest,
                               std::string_view alphabet, std::string_view what) {
  if (given.value.size() < smallest || given.value.size() > largest ||
      given.value.find_first_not_of(alphabet) != std::string::npos) {
    return fail(bad_value(given, what));
  }
  return given.value;
}

}  // namespace

Error bad_value(const Given& given, std::string_view wanted) {
  return Error::invalid_argument(given.source + ": '" + given.value + "' is not " + std::string(wanted));
}

Result<std::string> parse_anything(const Given& given) { return given.value; }

Result<std::string> parse_host(const Given& given) { return parse_non_empty(given, "an address"); }

Result<std::string> parse_directory(const Given& given) { return parse_non_empty(given, "a directory"); }

Result<std::string> parse_file(const Given& given) { return parse_non_empty(given, "a file"); }

Result<std::string> parse_region(const Given& given) {
  return parse_text(given, 1, 64, "abcdefghijklmnopqrstuvwxyz0123456789-", "a region");
}

Result<std::string> parse_account_id(const Given& given) {
  return parse_text(given, 12, 12, "0123456789", "an account id (twelve digits)");
}

Result<bool> parse_switch(const Given& given) {
  std::string word = given.value;
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (word == "true" || word == "1" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "0" || word == "no" || word == "off") return false;
  return fail(bad_value(given, "true or false"));
}

Result<std::uint64_t> parse_number(const Given& given, std::uint64_t smallest, std::uint64_t largest,
                                   std::string_view what) {
  std::uint64_t number = 0;
  const char* const end = given.value.data() + given.value.size();
  const auto [stop, error] = std::from_chars(given.value.data(), end, number);
  if (error != std::errc() || stop != end || number < smallest || number > largest) {
    return fail(bad_value(
        given, std::string(what) + " (" + std::to_string(smallest) + " to " + std::to_string(largest) + ")"));
  }
  return number;
}

Result<std::uint16_t> parse_port(const Given& given) {
  ASSIGN_OR_RETURN(const std::uint64_t port, parse_number(given, 0, 65'535, "a port"));
  return static_cast<std::uint16_t>(port);
}

Result<std::optional<std::uint16_t>> parse_optional_port(const Given& given) {
  if (given.value.empty() || given.value == "off") return std::optional<std::uint16_t>();
  ASSIGN_OR_RETURN(const std::uint16_t port, parse_port(given));
  return std::optional(port);
}

Result<std::uint64_t> parse_size(const Given& given) {
  constexpr std::string_view kUnits = "KMG";
  Given digits = given;
  int shift = 0;
  if (!digits.value.empty()) {
    const std::size_t unit = kUnits.find(digits.value.back());
    if (unit != std::string_view::npos) {
      shift = 10 * (static_cast<int>(unit) + 1);
      digits.value.pop_back();
    }
  }
  constexpr std::uint64_t kLargest = 1ULL << 60;
  const auto number = parse_number(digits, 0, kLargest >> static_cast<unsigned>(shift), "a size");
  if (!number) return fail(bad_value(given, "a size (1000000, 500K, 100M or 2G)"));
  return *number << static_cast<unsigned>(shift);
}

Result<std::chrono::microseconds> parse_duration(const Given& given) {
  const auto duration = parse_iso_duration(given.value);
  if (!duration) return fail(bad_value(given, "a duration like PT10S or P2D"));
  return *duration;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  for (;;) {
    const std::size_t comma = text.find(',');
    items.push_back(lower_case(text.substr(0, comma)));
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

Result<std::vector<std::string>> parse_names(const Given& given) { return split_list(given.value); }

Result<std::vector<std::string>> parse_domains(const Given& given) {
  std::vector<std::string> domains = split_list(given.value);
  for (const std::string& domain : domains) {
    const bool is_name =
        !domain.empty() && domain.front() != '.' && domain.back() != '.' &&
        domain.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos;
    if (!is_name) return fail(bad_value(given, "a list of domain names"));
  }
  return domains;
}

Result<log::Level> parse_log_level(const Given& given) {
  log::Level level = log::Level::kInfo;
  if (!log::parse_level(given.value, &level)) {
    return fail(bad_value(given, "a log level (debug, info, warn, error, off)"));
  }
  return level;
}

Result<log::Format> parse_log_format(const Given& given) {
  log::Format format = log::Format::kText;
  if (!log::parse_format(given.value, &format)) return fail(bad_value(given, "a log format (text, json)"));
  return format;
}

}  // namespace tidemark::server
