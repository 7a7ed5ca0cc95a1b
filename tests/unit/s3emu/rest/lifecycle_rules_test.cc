#include "s3emu/rules/lifecycle_rules.h"

#include "tests/support/catch.h"

namespace tidemark::s3emu {
namespace {

S3Result<LifecycleRules> rules_of(const std::string& rules) {
  ASSIGN_OR_RETURN(const std::string document, conform(kLifecycleShape, "<LifecycleConfiguration>" + rules +
                                                                            "</LifecycleConfiguration>"));
  return parse_lifecycle(document);
}

std::string rule(const std::string& inside, const std::string& filter = "<Filter/>") {
  return "<Rule><Status>Enabled</Status>" + filter + inside + "</Rule>";
}

std::string days(int count) { return "<Expiration><Days>" + std::to_string(count) + "</Days></Expiration>"; }

Timestamp at(const char* text) { return parse_iso_time(text).value(); }

std::string text(const std::optional<LifecycleDue>& due) {
  return due ? due->rule->id + " " + format_iso_seconds(due->when) : "never";
}

TEST_CASE("lifecycle configurations that are refused") {
  const std::string tag = "<Tag><Key>k</Key><Value>v</Value></Tag>";
  std::string many;
  for (int i = 0; i < 1001; ++i) many += rule(days(1));
  struct Case {
    const char* why;
    std::string rules;
    std::string code;
  };
  const std::vector<Case> cases = {
      {"no rule", "", "MalformedXML"},
      {"1001 rules", many, "MalformedXML"},
      {"no status", "<Rule><Filter/>" + days(1) + "</Rule>", "MalformedXML"},
      {"status", "<Rule><Filter/><Status>enabled</Status>" + days(1) + "</Rule>", "MalformedXML"},
      {"neither filter nor prefix", rule(days(1), ""), "MalformedXML"},
      {"filter and prefix", rule(days(1), "<Filter/><Prefix/>"), "MalformedXML"},
      {"two conditions without And", rule(days(1), "<Filter><Prefix>a</Prefix>" + tag + "</Filter>"),
       "MalformedXML"},
      {"And of one", rule(days(1), "<Filter><And>" + tag + "</And></Filter>"), "MalformedXML"},
      {"And and another", rule(days(1), "<Filter><Prefix>a</Prefix><And>" + tag + tag + "</And></Filter>"),
       "MalformedXML"},
      {"tag twice", rule(days(1), "<Filter><And>" + tag + tag + "</And></Filter>"), "InvalidRequest"},
      {"no size fits",
       rule(days(1),
            "<Filter><And><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan><ObjectSizeLessThan>5"
            "</ObjectSizeLessThan></And></Filter>"),
       "InvalidRequest"},
      {"negative size", rule(days(1), "<Filter><ObjectSizeLessThan>-5</ObjectSizeLessThan></Filter>"),
       "InvalidArgument"},
      {"long prefix", rule(days(1), "<Prefix>" + std::string(1025, 'p') + "</Prefix>"), "InvalidRequest"},
      {"no action", rule(""), "InvalidRequest"},
      {"empty expiration", rule("<Expiration/>"), "MalformedXML"},
      {"days and date", rule("<Expiration><Days>1</Days><Date>2030-01-01</Date></Expiration>"),
       "MalformedXML"},
      {"days and marker",
       rule("<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></"
            "Expiration>"),
       "MalformedXML"},
      {"0 days", rule(days(0)), "InvalidArgument"},
      {"-1 days", rule(days(-1)), "InvalidArgument"},
      {"too many days", rule("<Expiration><Days>2147483648</Days></Expiration>"), "MalformedXML"},
      {"not midnight", rule("<Expiration><Date>2030-01-01T01:00:00Z</Date></Expiration>"), "InvalidArgument"},
      {"no date", rule("<Expiration><Date>soon</Date></Expiration>"), "MalformedXML"},
      {"marker with a tag",
       rule("<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>",
            "<Filter>" + tag + "</Filter>"),
       "InvalidRequest"},
      {"noncurrent without days", rule("<NoncurrentVersionExpiration/>"), "MalformedXML"},
      {"0 noncurrent days",
       rule("<NoncurrentVersionExpiration><NoncurrentDays>0</NoncurrentDays></NoncurrentVersionExpiration>"),
       "InvalidArgument"},
      {"101 newer versions",
       rule("<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>101"
            "</NewerNoncurrentVersions></NoncurrentVersionExpiration>"),
       "InvalidArgument"},
      {"0 days for uploads",
       rule("<AbortIncompleteMultipartUpload><DaysAfterInitiation>0</DaysAfterInitiation>"
            "</AbortIncompleteMultipartUpload>"),
       "InvalidArgument"},
      {"uploads with a tag",
       rule("<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>"
            "</AbortIncompleteMultipartUpload>",
            "<Filter>" + tag + "</Filter>"),
       "InvalidRequest"},
      {"storage class", rule("<Transition><Days>1</Days><StorageClass>STANDARD</StorageClass></Transition>"),
       "MalformedXML"},
      {"transition without time", rule("<Transition><StorageClass>GLACIER</StorageClass></Transition>"),
       "MalformedXML"},
      {"class twice",
       rule("<Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>"
            "<Transition><Days>2</Days><StorageClass>GLACIER</StorageClass></Transition>"),
       "InvalidRequest"},
      {"mixed",
       rule("<Transition><Date>2030-01-01</Date><StorageClass>GLACIER</StorageClass></Transition>" + days(1)),
       "InvalidRequest"},
      {"expired before it moves",
       rule("<Transition><Days>5</Days><StorageClass>GLACIER</StorageClass></Transition>" + days(5)),
       "InvalidArgument"},
      {"long id", rule("<ID>" + std::string(256, 'i') + "</ID>" + days(1)), "InvalidArgument"},
      {"id twice", rule("<ID>a</ID>" + days(1)) + rule("<ID>a</ID>" + days(2)), "InvalidArgument"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    const auto rules = rules_of(c.rules);
    REQUIRE_FALSE(rules.has_value());
    CHECK(rules.error().code == c.code);
  }
}

TEST_CASE("a rule takes effect at the midnight after its days") {
  struct Case {
    const char* from;
    int days;
    const char* due;
  };
  const auto c = GENERATE(values<Case>({
      {"2014-01-15T10:30:00Z", 3, "2014-01-19T00:00:00Z"},
      {"2014-01-15T00:00:00Z", 1, "2014-01-17T00:00:00Z"},
      {"2014-01-15T23:59:59.999Z", 1, "2014-01-17T00:00:00Z"},
      {"2024-02-28T12:00:00Z", 1, "2024-03-01T00:00:00Z"},
      {"2014-01-15T10:30:00Z", 2'147'483'647, "9999-12-31T00:00:00Z"},
  }));
  INFO(c.from);
  CHECK(format_iso_seconds(lifecycle_due(at(c.from), c.days)) == c.due);
}

TEST_CASE("the earliest of the rules that fit an object counts") {
  const auto rules = rules_of(
      rule("<ID>all</ID>" + days(100), "<Prefix/>") +
      rule("<ID>logs</ID>" + days(10), "<Filter><Prefix>logs/</Prefix></Filter>") +
      "<Rule><ID>off</ID><Prefix/><Status>Disabled</Status>" + days(1) + "</Rule>" +
      rule("<ID>tagged</ID>" + days(5),
           "<Filter><And><Prefix>t/</Prefix><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value>2"
           "</Value></Tag></And></Filter>") +
      rule("<ID>dated</ID><Expiration><Date>2025-12-31T00:00:00Z</Date></Expiration>",
           "<Filter><Prefix>d/</Prefix></Filter>") +
      rule("<ID>sized</ID>" + days(7),
           "<Filter><And><ObjectSizeGreaterThan>10</ObjectSizeGreaterThan><ObjectSizeLessThan>20"
           "</ObjectSizeLessThan></And></Filter>"));
  REQUIRE(rules.has_value());
  const NamedValues none;
  const NamedValues one = {{"a", "1"}};
  const NamedValues both = {{"b", "2"}, {"c", "3"}, {"a", "1"}};
  struct Case {
    const char* key;
    std::uint64_t size;
    const NamedValues* tags;
    const char* due;
  };
  const std::vector<Case> cases = {
      {"k", 0, &none, "all 2026-04-12T00:00:00Z"},     {"logs/k", 0, &none, "logs 2026-01-12T00:00:00Z"},
      {"log", 0, &none, "all 2026-04-12T00:00:00Z"},   {"t/k", 0, &both, "tagged 2026-01-07T00:00:00Z"},
      {"t/k", 0, &one, "all 2026-04-12T00:00:00Z"},    {"t/k", 0, nullptr, "all 2026-04-12T00:00:00Z"},
      {"d/k", 0, &none, "dated 2025-12-31T00:00:00Z"}, {"k", 10, &none, "all 2026-04-12T00:00:00Z"},
      {"k", 11, &none, "sized 2026-01-09T00:00:00Z"},  {"k", 19, &none, "sized 2026-01-09T00:00:00Z"},
      {"k", 20, &none, "all 2026-04-12T00:00:00Z"},
  };
  for (const Case& c : cases) {
    INFO(c.key << " of " << c.size);
    const LifecycleObject object{c.key, c.size, at("2026-01-01T15:00:00Z"), c.tags};
    CHECK(text(expiration_of(*rules, object)) == c.due);
  }
  CHECK(depends_on_tags(*rules, "t/k", 0));
  CHECK_FALSE(depends_on_tags(*rules, "k", 0));
}

TEST_CASE("noncurrent versions, delete markers and uploads have rules of their own") {
  const auto rules = rules_of(
      rule("<ID>versions</ID><NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays>"
           "<NewerNoncurrentVersions>3</NewerNoncurrentVersions></NoncurrentVersionExpiration>") +
      rule("<ID>markers</ID><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></"
           "Expiration>",
           "<Filter><Prefix>m/</Prefix></Filter>") +
      rule("<ID>days</ID>" + days(4), "<Filter><Prefix>x/</Prefix></Filter>") +
      rule("<ID>uploads</ID><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>"
           "</AbortIncompleteMultipartUpload>",
           "<Filter><Prefix>u/</Prefix></Filter>"));
  REQUIRE(rules.has_value());
  const Timestamp time = at("2026-01-01T15:00:00Z");
  const LifecycleObject object{"k", 1, time, nullptr};
  CHECK(text(expiration_of(*rules, object)) == "never");
  CHECK(text(noncurrent_expiration_of(*rules, object, time, 2)) == "never");
  CHECK(text(noncurrent_expiration_of(*rules, object, time, 3)) == "versions 2026-01-04T00:00:00Z");
  CHECK(text(marker_expiration_of(*rules, "k", time)) == "never");
  CHECK(text(marker_expiration_of(*rules, "m/k", time)) == "markers 2026-01-02T00:00:00Z");
  CHECK(text(marker_expiration_of(*rules, "x/k", time)) == "days 2026-01-06T00:00:00Z");
  CHECK(text(abort_of(*rules, "k", time)) == "never");
  CHECK(text(abort_of(*rules, "u/k", time)) == "uploads 2026-01-03T00:00:00Z");
}

TEST_CASE("rules without an id get one, the same each time") {
  const auto document =
      conform(kLifecycleShape, "<LifecycleConfiguration>" + rule(days(1)) + rule("<ID></ID>" + days(1)) +
                                   rule("<ID>mine</ID>" + days(1)) + "</LifecycleConfiguration>");
  REQUIRE(document.has_value());
  const std::string named = with_rule_ids(*document);
  const auto rules = parse_lifecycle(named);
  REQUIRE(rules.has_value());
  CHECK((*rules)[0].id.size() == 36);
  CHECK((*rules)[1].id.size() == 36);
  CHECK((*rules)[0].id != (*rules)[1].id);
  CHECK((*rules)[2].id == "mine");
  CHECK(with_rule_ids(*document) == named);
  CHECK(with_rule_ids(named) == named);
}

}  // namespace
}  // namespace tidemark::s3emu
