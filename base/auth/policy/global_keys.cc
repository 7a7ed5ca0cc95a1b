#include "base/auth/policy/global_keys.h"

#include <algorithm>

#include "base/auth/policy/policy.h"
#include "base/request_note.h"

namespace tidemark::auth {
namespace {

using Values = std::optional<std::vector<std::string>>;

Values one(std::string value) { return std::vector<std::string>{std::move(value)}; }

Values header(const http::RequestHead& head, std::string_view name) {
  const auto value = head.headers.find(name);
  return value ? one(std::string(*value)) : std::nullopt;
}

}  // namespace

bool is_secure(const http::RequestHead& head, std::span<const AddressRange> trusted_proxies) {
  const auto proto = head.headers.find("X-Forwarded-Proto");
  const auto peer = proto ? parse_address_range(head.peer) : std::nullopt;
  const bool is_trusted =
      peer && std::any_of(trusted_proxies.begin(), trusted_proxies.end(),
                          [&](const AddressRange& range) { return range.contains(*peer); });
  if (is_trusted) return http::equal_ignoring_case(*proto, "https");
  return (head.note != nullptr && head.note->over_tls) || http::is_from_this_machine(head);
}

Values request_value(std::string_view key, const RequestFacts& facts) {
  const http::RequestHead& head = facts.head;
  if (key == "aws:sourceip" && !head.peer.empty()) return one(head.peer);
  if (key == "aws:securetransport") return one(is_secure(head, facts.trusted_proxies) ? "true" : "false");
  if (key == "aws:useragent") return header(head, "User-Agent");
  if (key == "aws:referer") return header(head, "Referer");
  if (key == "aws:currenttime") return one(format_iso_seconds(facts.now));
  if (key == "aws:epochtime") return one(std::to_string(facts.now.seconds()));
  if (key == "aws:requestedregion") return one(std::string(facts.region));
  if (key == "aws:viaawsservice" || key == "aws:principalisawsservice") return one("false");
  return std::nullopt;
}

Values caller_value(std::string_view key, const Account* caller) {
  if (key == "aws:principaltype") return one(caller == nullptr ? "Anonymous" : "User");
  if (key == "aws:userid") return one(caller == nullptr ? "anonymous" : caller->id);
  if (caller == nullptr) return std::nullopt;
  if (key == "aws:principalaccount") return one(caller->id);
  if (key == "aws:principalarn") return one(caller_arn(*caller));
  if (key == "aws:username") return one(caller->display_name);
  return std::nullopt;
}

}  // namespace tidemark::auth
