#include "s3emu/rules/cors_rules.h"

#include <algorithm>
#include <array>

#include "s3emu/rules/rule_id.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kRulesMax = 100;
constexpr std::array<std::string_view, 5> kMethods = {"GET", "PUT", "POST", "DELETE", "HEAD"};

constexpr XmlElement kRule[] = {
    {.name = "ID"},
    {.name = "AllowedHeader", .max = kXmlMany},
    {.name = "AllowedMethod", .min = 1, .max = kXmlMany},
    {.name = "AllowedOrigin", .min = 1, .max = kXmlMany},
    {.name = "ExposeHeader", .max = kXmlMany},
    {.name = "MaxAgeSeconds", .kind = XmlKind::kInteger},
};
constexpr XmlElement kConfiguration[] = {
    {.name = "CORSRule", .kind = XmlKind::kGroup, .min = 1, .max = kXmlMany, .children = kRule},
};

auto invalid(std::string message) { return fail(S3Error::of(S3Code::kInvalidRequest, std::move(message))); }

S3Result<void> check_wildcards(std::string_view element, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    if (std::count(pattern.begin(), pattern.end(), '*') > 1) {
      return invalid(std::string(element) + " \"" + pattern + "\" can not have more than one wildcard.");
    }
  }
  return {};
}

S3Result<void> check(const CorsRule& rule, const std::optional<std::string>& id) {
  if (id && id->size() > kRuleIdSizeMax) return invalid(kRuleIdTooLong);
  for (const std::string& method : rule.methods) {
    if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
      return invalid("Found unsupported HTTP method in CORS config. Unsupported method is " + method);
    }
  }
  RETURN_IF_ERROR(check_wildcards("AllowedOrigin", rule.origins));
  RETURN_IF_ERROR(check_wildcards("AllowedHeader", rule.headers));
  for (const std::string& header : rule.exposed) {
    if (header.find('*') != std::string::npos) {
      return invalid("ExposeHeader \"" + header +
                     "\" contains wildcard. We currently do not support wildcard for ExposeHeader.");
    }
  }
  return {};
}

bool equal(std::string_view a, std::string_view b, bool ignore_case) {
  return ignore_case ? http::equal_ignoring_case(a, b) : a == b;
}

bool matches(std::string_view pattern, std::string_view text, bool ignore_case) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return equal(pattern, text, ignore_case);
  const std::string_view head = pattern.substr(0, star);
  const std::string_view tail = pattern.substr(star + 1);
  return text.size() >= head.size() + tail.size() && equal(text.substr(0, head.size()), head, ignore_case) &&
         equal(text.substr(text.size() - tail.size()), tail, ignore_case);
}

bool any_matches(const std::vector<std::string>& patterns, std::string_view text, bool ignore_case) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches(pattern, text, ignore_case); });
}

bool allows(const CorsRule& rule, const CorsQuestion& question) {
  return any_matches(rule.origins, question.origin, false) &&
         std::find(rule.methods.begin(), rule.methods.end(), question.method) != rule.methods.end() &&
         std::all_of(question.headers.begin(), question.headers.end(),
                     [&](std::string_view header) { return any_matches(rule.headers, header, true); });
}

template <class Texts>
std::string joined(const Texts& texts) {
  std::string out;
  for (const auto& text : texts) {
    if (!out.empty()) out += ", ";
    // A line break, which a rule may hold, would end the header.
    for (const char c : text) {
      if (c != '\r' && c != '\n' && c != '\0') out += c;
    }
  }
  return out;
}

}  // namespace

constinit const XmlElement kCorsShape = {
    .name = "CORSConfiguration", .kind = XmlKind::kGroup, .children = kConfiguration};

S3Result<CorsRules> parse_cors(const std::string& document) {
  pugi::xml_document parsed;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_xml(&parsed, document, kCorsShape.name));
  CorsRules rules;
  for (const pugi::xml_node node : child_elements(root, "CORSRule")) {
    if (rules.size() == kRulesMax) {
      return invalid("The number of CORS rules should not exceed allowed limit of 100 rules.");
    }
    CorsRule rule{child_texts(node, "AllowedOrigin"), child_texts(node, "AllowedMethod"),
                  child_texts(node, "AllowedHeader"), child_texts(node, "ExposeHeader"),
                  child_number(node, "MaxAgeSeconds")};
    RETURN_IF_ERROR(check(rule, child_text(node, "ID")));
    rules.push_back(std::move(rule));
  }
  return rules;
}

const CorsRules& any_origin_rules() {
  static const CorsRules rules = {
      {{"*"},
       {kMethods.begin(), kMethods.end()},
       {"*"},
       // The last one is for browsers; they do not take it for the others when cookies are sent along.
       {"ETag", "x-amz-request-id", "x-amz-id-2", "x-amz-version-id", "x-amz-delete-marker", "*"},
       3000}};
  return rules;
}

const CorsRule* find_cors_rule(const CorsRules& rules, const CorsQuestion& question) {
  for (const CorsRule& rule : rules) {
    if (allows(rule, question)) return &rule;
  }
  return nullptr;
}

void add_cors_grant(const CorsRule& rule, const CorsQuestion& question, http::Headers* headers) {
  const bool for_all = std::find(rule.origins.begin(), rule.origins.end(), "*") != rule.origins.end();
  headers->add("Access-Control-Allow-Origin", for_all ? "*" : std::string(question.origin));
  headers->add("Access-Control-Allow-Methods", joined(rule.methods));
  if (!question.headers.empty()) headers->add("Access-Control-Allow-Headers", joined(question.headers));
  if (!rule.exposed.empty()) headers->add("Access-Control-Expose-Headers", joined(rule.exposed));
  if (rule.max_age_seconds) headers->add("Access-Control-Max-Age", std::to_string(*rule.max_age_seconds));
  if (!for_all) headers->add("Access-Control-Allow-Credentials", "true");
}

}  // namespace tidemark::s3emu
