#include "s3emu/rest/core/request.h"

#include <algorithm>

namespace tidemark::s3emu {
namespace {

bool is_address_literal(std::string_view host) {
  return host.empty() || host.front() == '[' ||
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// Lower-case host name without port and trailing dot.
std::string host_name(std::string_view host) {
  if (host.empty() || host.front() == '[') return std::string(host);
  host = host.substr(0, host.find(':'));
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  std::string out(host);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

// Takes `.label` from the end of `name`; the label. Empty when there is only one.
std::string_view take_last_label(std::string_view* name) {
  const std::size_t dot = name->rfind('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view label = name->substr(dot + 1);
  name->remove_suffix(label.size() + 1);
  return label;
}

// `us-east-1`, `ap-southeast-2`, `us-gov-west-1`
bool is_region(std::string_view label) {
  const std::size_t dash = label.rfind('-');
  if (dash == std::string_view::npos || label.find('-') == dash) return false;
  const std::string_view number = label.substr(dash + 1);
  return !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos &&
         label.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == dash + 1;
}

// Takes `s3.<region>` from the end of `name`, which stood in front of a base domain. False if it is not
// there.
bool take_region(std::string_view* name) {
  std::string_view rest = *name;
  if (!is_region(take_last_label(&rest))) return false;
  if (rest == "s3") {
    *name = {};
    return true;
  }
  if (take_last_label(&rest) != "s3") return false;
  *name = rest;
  return true;
}

// Whether the header is about the bytes of the body. A presigner knows them only by chance, and moves the
// checksum of those that it has - of none, as a rule - into the query all the same.
bool is_about_body(std::string_view header) {
  constexpr std::string_view kChecksum = "x-amz-checksum-";
  const auto is = [header](std::string_view name) { return http::equal_ignoring_case(header, name); };
  if (!http::equal_ignoring_case(header.substr(0, kChecksum.size()), kChecksum)) {
    return is("x-amz-sdk-checksum-algorithm") || is("x-amz-trailer") || is("x-amz-decoded-content-length");
  }
  return !is("x-amz-checksum-algorithm") && !is("x-amz-checksum-mode") && !is("x-amz-checksum-type");
}

}  // namespace

bool may_stand_in_query(std::string_view header) {
  if (http::equal_ignoring_case(header.substr(0, 6), "x-amz-")) return !is_about_body(header);
  return http::equal_ignoring_case(header, "content-type") ||
         http::equal_ignoring_case(header, "content-md5");
}

std::optional<std::string> bucket_of_host(std::string_view host,
                                          const std::vector<std::string>& base_domains) {
  const std::string name = host_name(host);
  if (is_address_literal(name)) return std::nullopt;
  std::size_t longest = 0;
  for (const std::string& base : base_domains) {
    if (name == base) return std::nullopt;
    const bool below =
        name.size() > base.size() + 1 && name.ends_with(base) && name[name.size() - base.size() - 1] == '.';
    if (below) longest = std::max(longest, base.size());
  }
  if (longest == 0) return std::nullopt;
  std::string_view bucket = std::string_view(name).substr(0, name.size() - longest - 1);
  if (take_region(&bucket) && bucket.empty()) return std::nullopt;
  return std::string(bucket);
}

bool S3Request::has_param(std::string_view name) const { return param(name).has_value(); }

std::optional<std::string_view> S3Request::param(std::string_view name) const {
  for (const auto& [key_name, value] : query) {
    if (key_name == name) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> S3Request::header(std::string_view name) const {
  if (const auto sent = head.headers.find(name)) return sent;
  if (!presigned || !may_stand_in_query(name)) return std::nullopt;
  for (const auto& [key_name, value] : query) {
    if (http::equal_ignoring_case(key_name, name)) return value;
  }
  return std::nullopt;
}

std::optional<NamedValues> parse_query(std::string_view text) {
  NamedValues out;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    if (out.size() == kQueryParametersMax) return std::nullopt;
    auto name = http::percent_decode(pair.substr(0, equals), http::Plus::kBlank);
    auto value = http::percent_decode(
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), http::Plus::kBlank);
    if (!name || !value) return std::nullopt;
    out.emplace_back(std::move(*name), std::move(*value));
  }
  return out;
}

S3Result<S3Request> parse_request(http::RequestHead head, const std::vector<std::string>& base_domains) {
  S3Request request;
  request.head = std::move(head);
  const auto query = parse_query(request.head.query());
  if (!query) return fail(S3Error::of(S3Code::kInvalidUri));
  request.query = *query;

  std::string_view path = request.head.path();
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  if (auto bucket = bucket_of_host(request.head.headers.find("Host").value_or(""), base_domains)) {
    request.virtual_host = true;
    request.bucket = std::move(*bucket);
  } else {
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    auto decoded = http::percent_decode(name, http::Plus::kPlus);
    if (!decoded) return fail(S3Error::of(S3Code::kInvalidUri));
    request.bucket = std::move(*decoded);
  }
  auto key = http::percent_decode(path, http::Plus::kPlus);
  if (!key || (request.bucket.empty() && !key->empty())) return fail(S3Error::of(S3Code::kInvalidUri));
  request.key = std::move(*key);
  return request;
}

}  // namespace tidemark::s3emu
