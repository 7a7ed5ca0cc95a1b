// The CORS configuration of a bucket: which pages may do what.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/http_message.h"
#include "s3emu/xml/schema.h"

namespace tidemark::s3emu {

extern const XmlElement kCorsShape;

struct CorsRule {
  std::vector<std::string> origins;  // each with at most one `*`, for any run of characters
  std::vector<std::string> methods;
  std::vector<std::string> headers;  // as the origins, without regard to case
  std::vector<std::string> exposed;
  std::optional<std::int64_t> max_age_seconds;
};
using CorsRules = std::vector<CorsRule>;

// `document` is a CORSConfiguration that fits the shape. Errors: InvalidRequest.
S3Result<CorsRules> parse_cors(const std::string& document);
// What grants everything to every page.
const CorsRules& any_origin_rules();

struct CorsQuestion {
  std::string_view origin;
  std::string_view method;                // which the page wants to use
  std::vector<std::string_view> headers;  // which it wants to send
};

// The first rule that allows it; nullptr: none does.
const CorsRule* find_cors_rule(const CorsRules& rules, const CorsQuestion& question);
// What tells the browser so.
void add_cors_grant(const CorsRule& rule, const CorsQuestion& question, http::Headers* headers);

}  // namespace tidemark::s3emu
