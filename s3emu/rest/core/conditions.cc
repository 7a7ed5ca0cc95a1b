#include "s3emu/rest/core/conditions.h"

#include <algorithm>
#include <charconv>

namespace tidemark::s3emu {
namespace {

bool list_matches(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (item == "*" || unquoted(item) == etag) return true;
  }
  return false;
}

std::optional<Timestamp> usable_date(const std::optional<std::string_view>& text, Timestamp now) {
  if (!text) return std::nullopt;
  const auto date = parse_http_date(*text);
  if (!date || *date > now) return std::nullopt;
  return date;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return UINT64_MAX;
  if (error != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

std::string_view unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') return etag.substr(1, etag.size() - 2);
  return etag;
}

std::string quoted(std::string_view etag) { return '"' + std::string(etag) + '"'; }

ReadConditions read_conditions(const S3Request& request, const std::string& prefix) {
  return {request.header(prefix + "if-match"), request.header(prefix + "if-none-match"),
          request.header(prefix + "if-modified-since"), request.header(prefix + "if-unmodified-since")};
}

ConditionOutcome evaluate(const ReadConditions& conditions, const ObjectInfo& object, Timestamp now) {
  const Timestamp modified = object.last_modified.floor_second();
  if (conditions.match) {
    if (!list_matches(*conditions.match, object.etag)) return ConditionOutcome::kFailed;
  } else if (const auto date = usable_date(conditions.unmodified_since, now)) {
    if (modified > *date) return ConditionOutcome::kFailed;
  }
  if (conditions.none_match) {
    if (list_matches(*conditions.none_match, object.etag)) return ConditionOutcome::kNotModified;
  } else if (const auto date = usable_date(conditions.modified_since, now)) {
    if (modified <= *date) return ConditionOutcome::kNotModified;
  }
  return ConditionOutcome::kHolds;
}

S3Result<WriteConditions> write_conditions(const S3Request& request) {
  WriteConditions conditions;
  const auto none_match = request.header("If-None-Match");
  const auto match = request.header("If-Match");
  if ((none_match && *none_match != "*") || (none_match && match)) {
    return fail(S3Error::of(S3Code::kNotImplemented)
                    .with("Header", "If-None-Match")
                    .with("additionalMessage",
                          "We don't accept the provided value of If-None-Match header for this API"));
  }
  conditions.if_absent = none_match.has_value();
  if (match) conditions.if_match = std::string(unquoted(*match));
  return conditions;
}

RangeChoice choose_range(std::string_view header, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit)) return {};
  const std::string_view spec = header.substr(kUnit.size());
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view first_text = spec.substr(0, dash);
  const std::string_view last_text = spec.substr(dash + 1);
  const auto first = number(first_text);
  const auto last = number(last_text);
  if ((!first && !first_text.empty()) || (!last && !last_text.empty()) || (!first && !last)) return {};
  if (!first) {
    if (*last == 0 || size == 0) return {RangeKind::kUnsatisfiable, {}};
    const std::uint64_t count = std::min(*last, size);
    return {RangeKind::kPart, {size - count, count}};
  }
  if (last && *last < *first) return {};
  if (*first >= size) return {RangeKind::kUnsatisfiable, {}};
  const std::uint64_t end = last ? std::min(*last, size - 1) : size - 1;
  return {RangeKind::kPart, {*first, end - *first + 1}};
}

std::optional<ByteRange> parse_copy_range(std::string_view text) {
  constexpr std::string_view kUnit = "bytes=";
  if (!text.starts_with(kUnit)) return std::nullopt;
  text.remove_prefix(kUnit.size());
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = number(text.substr(0, dash));
  const auto last = number(text.substr(dash + 1));
  if (!first || !last || *last < *first || *last == UINT64_MAX) return std::nullopt;
  return ByteRange{*first, *last - *first + 1};
}

}  // namespace tidemark::s3emu
