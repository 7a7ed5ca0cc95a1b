#include "admin/bill/charges.h"

#include <algorithm>
#include <charconv>

#include "base/yaml.h"

namespace tidemark::admin {
namespace {

constexpr std::size_t kWordBytesMax = 100;
constexpr double kUsdMax = 1e12;

std::string all_names() {
  std::string names;
  for (const ChargeKind& kind : kCharges) {
    if (!names.empty()) names += ", ";
    names += kind.name;
  }
  return names;
}

Result<void> read_list(const yaml::Node& list, const std::string& source, Prices* prices) {
  if (!list.is_mapping()) {
    return fail(yaml::error_at(source, list.line, "prices must be names with a number each"));
  }
  for (const auto& member : list.members) {
    const auto& name = member.first;
    const auto& value = member.second;
    const auto kind = std::find_if(kCharges.begin(), kCharges.end(),
                                   [&](const ChargeKind& one) { return one.name == name; });
    if (kind == kCharges.end()) {
      return fail(
          yaml::error_at(source, value.line, "there is no price '" + name + "'; there are " + all_names()));
    }
    const auto price = value.is_scalar() ? parse_usd(value.text) : std::nullopt;
    if (!price) return fail(yaml::error_at(source, value.line, name + " must be a number of USD, 0 or more"));
    prices->usd[static_cast<std::size_t>(kind->charge)] = *price;
  }
  return {};
}

Result<void> read_word(const yaml::Node& value, const std::string& name, const std::string& source,
                       std::string* out) {
  if (!value.is_scalar() || value.text.empty() || value.text.size() > kWordBytesMax) {
    return fail(yaml::error_at(source, value.line, name + " must be a word"));
  }
  *out = value.text;
  return {};
}

}  // namespace

std::optional<double> parse_usd(std::string_view text) {
  const bool begins_right =
      !text.empty() && (text.front() == '.' || (text.front() >= '0' && text.front() <= '9'));
  double usd = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, usd);
  // `inf` and `nan` begin otherwise.
  if (!begins_right || error != std::errc() || stop != end || usd > kUsdMax) return std::nullopt;
  return usd;
}

Prices::Prices() {
  for (std::size_t i = 0; i < kCharges.size(); ++i) usd[i] = kCharges[i].usd;
}

Result<Prices> parse_prices(std::string_view text, const std::string& source) {
  ASSIGN_OR_RETURN(const yaml::Node root, yaml::parse(text, source));
  if (!root.is_mapping()) {
    return fail(
        yaml::error_at(source, root.line, "there must be a member prices, and may be region and date"));
  }
  Prices prices;
  bool has_list = false;
  for (const auto& [name, value] : root.members) {
    if (name == "prices") {
      RETURN_IF_ERROR(read_list(value, source, &prices));
      has_list = true;
    } else if (name == "region") {
      RETURN_IF_ERROR(read_word(value, name, source, &prices.region));
    } else if (name == "date") {
      RETURN_IF_ERROR(read_word(value, name, source, &prices.date));
    } else {
      return fail(yaml::error_at(source, value.line,
                                 "there is no member '" + name + "'; there are prices, region and date"));
    }
  }
  if (!has_list) return fail(yaml::error_at(source, root.line, "the member prices is missing"));
  return prices;
}

// Source: S3's price list: PUT, COPY, POST and LIST requests on the one hand, GET and all others on the
// other, DELETE and the end of an upload for nothing.
Charge s3_charge_of(std::string_view operation) {
  const auto begins = [operation](std::string_view verb) { return operation.starts_with(verb); };
  if (begins("Delete") || begins("Abort")) return Charge::kS3Free;
  for (const std::string_view verb : {"Put", "Copy", "Post", "List", "Create", "Upload", "Complete"}) {
    if (begins(verb)) return Charge::kS3Writes;
  }
  return Charge::kS3Reads;
}

}  // namespace tidemark::admin
