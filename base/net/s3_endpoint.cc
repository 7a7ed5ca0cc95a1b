#include "base/net/s3_endpoint.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"

namespace tidemark {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::string_view kBlanks = " \t\r";

// Takes `prefix` off the front of `*text`.
bool take(std::string_view prefix, std::string_view* text) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::string S3Address::host_field() const {
  std::string field = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (is_tls ? kHttpsPort : kHttpPort)) field += ":" + std::to_string(port);
  return field;
}

Result<S3Address> parse_s3_address(std::string_view url) {
  const auto bad = [&](const char* why) {
    return fail(Error::invalid_argument("'" + std::string(url) + "' " + why));
  };
  S3Address address;
  std::string_view rest = url;
  address.is_tls = take("https://", &rest);
  if (!address.is_tls && !take("http://", &rest)) return bad("is not a URL of http:// or https://");
  const bool is_plain =
      std::all_of(rest.begin(), rest.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (!is_plain || rest.find_first_of("?#%\"<>\\^`{|}") != std::string_view::npos) {
    return bad("has characters that the URL of an S3 service cannot have");
  }
  std::string_view authority = rest.substr(0, rest.find('/'));
  address.path = rest.substr(authority.size());
  while (address.path.ends_with('/')) address.path.pop_back();
  if (authority.find('@') != std::string_view::npos) {
    return bad("has a user name; the keys stand in a credentials file");
  }
  std::string_view port;
  if (take("[", &authority)) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return bad("has a broken address");
    address.host = authority.substr(0, end);
    port = authority.substr(end + 1);
  } else {
    address.host = authority.substr(0, authority.find(':'));
    port = authority.substr(address.host.size());
  }
  if (address.host.empty()) return bad("has no host");
  address.port = address.is_tls ? kHttpsPort : kHttpPort;
  if (port.empty()) return address;
  const char* const end = port.data() + port.size();
  const auto [stop, error] = std::from_chars(port.data() + 1, end, address.port);
  if (port.front() != ':' || error != std::errc() || stop != end || address.port == 0) {
    return bad("has a broken port");
  }
  return address;
}

Result<auth::SigningIdentity> load_identity(FileSystem& files, const std::string& path,
                                            std::string_view profile) {
  ASSIGN_OR_RETURN(const std::string text, read_file(files, path));
  auth::SigningIdentity identity;
  bool is_wanted = false;
  bool is_found = false;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view raw = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(raw.size() + 1, rest.size()));
    const std::string_view line = trimmed(raw, kBlanks);
    if (line.starts_with('[') && line.ends_with(']')) {
      const std::string_view name = trimmed(line.substr(1, line.size() - 2), kBlanks);
      is_wanted = profile.empty() ? !is_found : name == profile;
      is_found = is_found || is_wanted;
      continue;
    }
    const std::size_t equals = line.find('=');
    if (!is_wanted || line.starts_with('#') || line.starts_with(';') || equals == std::string_view::npos) {
      continue;
    }
    const std::string_view name = trimmed(line.substr(0, equals), kBlanks);
    const std::string_view value = trimmed(line.substr(equals + 1), kBlanks);
    if (name == "aws_access_key_id") identity.access_key = value;
    if (name == "aws_secret_access_key") identity.secret_key = value;
    if (name == "aws_session_token") identity.session_token = value;
  }
  if (!identity.access_key.empty() && !identity.secret_key.empty()) return identity;
  const std::string who = profile.empty() ? "no profile" : "no profile '" + std::string(profile) + "'";
  return fail(
      Error::invalid_argument(path + " has " + who + " with aws_access_key_id and aws_secret_access_key"));
}

}  // namespace tidemark
