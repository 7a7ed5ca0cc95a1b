#include "server/command_line/serve_values.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/file.h"
#include "server/command_line/values.h"

namespace tidemark::server {
namespace {

Result<S3Address> parse_address(const Given& given, std::string_view url) {
  auto address = parse_s3_address(url);
  if (!address) return fail(Error::invalid_argument(given.source + ": " + address.error().message));
  return address;
}

}  // namespace

Result<const Personality*> parse_personality(const Given& given) {
  const Personality* const personality = find_personality(given.value);
  if (personality != nullptr) return personality;
  return fail(bad_value(given, "tidemark, dynamodb-local, localstack, minio or service"));
}

Result<std::vector<ListenerConfig>> parse_listeners(const Given& given) {
  std::vector<ListenerConfig> listeners;
  for (const std::string& item : split_list(given.value)) {
    const std::size_t equals = std::min(item.find('='), item.size());
    Given part = given;
    part.value = item.substr(0, equals);
    ListenerConfig listener;
    ASSIGN_OR_RETURN(listener.port, parse_port(part));
    listener.personality = &personality_of_port(listener.port, kTidemarkPersonality);
    if (equals < item.size()) {
      part.value = item.substr(equals + 1);
      ASSIGN_OR_RETURN(listener.personality, parse_personality(part));
    }
    listeners.push_back(listener);
  }
  return listeners;
}

Result<Spaces> parse_spaces(const Given& given) {
  if (given.value == "account") return Spaces::kAccount;
  if (given.value == "key") return Spaces::kKey;
  if (given.value == "one") return Spaces::kOne;
  return fail(bad_value(given, "account, key or one"));
}

Result<unsigned> parse_threads(const Given& given) {
  ASSIGN_OR_RETURN(const std::uint64_t threads, parse_number(given, 1, 64, "a number of threads"));
  return static_cast<unsigned>(threads);
}

Result<bool> parse_auth(const Given& given) {
  if (given.value != "open" && given.value != "strict") return fail(bad_value(given, "open or strict"));
  return given.value == "strict";
}

Result<std::int64_t> parse_skew(const Given& given) {
  ASSIGN_OR_RETURN(const std::uint64_t seconds, parse_number(given, 0, 1'000'000'000, "a number of seconds"));
  return static_cast<std::int64_t>(seconds);
}

Result<std::size_t> parse_table_count(const Given& given) {
  return parse_number(given, 0, 1'000'000, "a number of tables");
}

Result<std::vector<std::string>> parse_origins(const Given& given) {
  std::vector<std::string> origins = split_list(given.value);
  for (std::string& origin : origins) {
    if (origin.ends_with('/')) origin.pop_back();
    const std::size_t scheme = origin.find("://");
    const bool is_origin = scheme != std::string::npos && scheme > 0 && scheme + 3 < origin.size() &&
                           origin.find('/', scheme + 3) == std::string::npos;
    if (!is_origin && origin != "*" && origin != "null") {
      return fail(bad_value(given, "a list of origins (http://app.lan)"));
    }
  }
  return origins;
}

Result<std::vector<AddressRange>> parse_proxies(const Given& given) {
  std::vector<AddressRange> proxies;
  for (const std::string& item : split_list(given.value)) {
    auto range = parse_address_range(item);
    if (!range) return fail(bad_value(given, "a list of addresses (10.0.0.1) or ranges (10.0.0.0/8)"));
    proxies.push_back(std::move(*range));
  }
  return proxies;
}

Result<api::CompressAnswers> parse_compression(const Given& given) {
  if (given.value == "never") return api::CompressAnswers::kNever;
  if (given.value == "remote") return api::CompressAnswers::kForOtherMachines;
  if (given.value == "always") return api::CompressAnswers::kAlways;
  return fail(bad_value(given, "never, remote or always"));
}

Result<model::Wording> parse_error_wording(const Given& given) {
  const auto wording = model::parse_wording(given.value);
  if (!wording) return fail(bad_value(given, "current or classic"));
  return *wording;
}

Result<api::Extensions> parse_extensions(const Given& given) {
  api::Extensions extensions;
  for (std::string_view rest = given.value; !rest.empty();) {
    const std::string_view name = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    if (name != "csv-export") return fail(bad_value(given, "a list of extensions (csv-export)"));
    extensions.csv_export = true;
  }
  return extensions;
}

Result<double> parse_usd(const Given& given) {
  if (const auto usd = admin::parse_usd(given.value)) return *usd;
  return fail(bad_value(given, "a number of USD, 0 or more"));
}

Result<admin::Prices> load_prices(const Given& given) {
  const auto text = read_file(posix_file_system(), given.value);
  if (!text) {
    return fail(Error::invalid_argument(given.source + ": " + given.value +
                                        " cannot be read: " + text.error().message));
  }
  return admin::parse_prices(*text, given.value);
}

Result<std::optional<HttpUrl>> parse_webhook(const Given& given) {
  auto url = parse_http_url(given.value);
  if (!url) return fail(Error::invalid_argument(given.source + ": " + url.error().message));
  return std::optional(std::move(*url));
}

Result<S3Address> parse_endpoint(const Given& given) { return parse_address(given, given.value); }

Result<std::map<std::string, S3Address>> parse_buckets(const Given& given) {
  std::map<std::string, S3Address> addresses;
  for (std::string_view rest = given.value; !rest.empty();) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    const std::size_t equals = std::min(item.find('='), item.size());
    const std::string name(item.substr(0, equals));
    if (name.empty() || equals == item.size()) {
      return fail(bad_value(given, "a list of buckets and where they are (lake=http://s3.lan)"));
    }
    ASSIGN_OR_RETURN(const S3Address address, parse_address(given, item.substr(equals + 1)));
    if (!addresses.emplace(name, address).second) {
      return fail(bad_value(given, "a list that names each bucket once"));
    }
  }
  return addresses;
}

Result<BucketStyle> parse_bucket_style(const Given& given) {
  if (given.value == "path") return BucketStyle::kPath;
  if (given.value == "host") return BucketStyle::kHost;
  return fail(bad_value(given, "path or host"));
}

Result<std::chrono::milliseconds> parse_patience(const Given& given) {
  ASSIGN_OR_RETURN(const std::chrono::microseconds patience, parse_duration(given));
  return std::chrono::ceil<std::chrono::milliseconds>(patience);
}

}  // namespace tidemark::server
