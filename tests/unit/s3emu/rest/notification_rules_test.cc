#include "s3emu/rules/notification_rules.h"

#include "tests/support/catch.h"

namespace tidemark::s3emu {
namespace {

std::string wrap(const std::string& inside) {
  return "<NotificationConfiguration>" + inside + "</NotificationConfiguration>";
}

std::string queue(const std::string& id, const std::string& events, const std::string& filter = {}) {
  std::string out = "<QueueConfiguration>";
  if (!id.empty()) out += "<Id>" + id + "</Id>";
  out += "<Queue>arn:aws:sqs:us-east-1:000000000000:q</Queue>";
  for (std::size_t at = 0; at < events.size();) {
    const std::size_t end = std::min(events.find(' ', at), events.size());
    out += "<Event>" + events.substr(at, end - at) + "</Event>";
    at = end + 1;
  }
  if (!filter.empty()) out += "<Filter><S3Key>" + filter + "</S3Key></Filter>";
  return out + "</QueueConfiguration>";
}

std::string rule(const std::string& name, const std::string& value) {
  return "<FilterRule><Name>" + name + "</Name><Value>" + value + "</Value></FilterRule>";
}

std::string joined(const std::vector<std::string>& ids) {
  std::string out;
  for (const std::string& id : ids) out += (out.empty() ? "" : ",") + (id.empty() ? std::string("-") : id);
  return out;
}

}  // namespace

TEST_CASE("notification configurations that are refused") {
  struct Case {
    const char* why;
    std::string inside;
    const char* code;  // empty: accepted
  };
  const auto c = GENERATE(values<Case>({
      {"nothing", "", ""},
      {"EventBridge", "<EventBridgeConfiguration/>", ""},
      {"a queue", queue("a", "s3:ObjectCreated:*"), ""},
      {"every event",
       queue("a",
             "s3:ObjectCreated:Post s3:ObjectRemoved:DeleteMarkerCreated s3:ObjectRestore:Completed "
             "s3:ReducedRedundancyLostObject s3:Replication:* s3:LifecycleTransition "
             "s3:IntelligentTiering s3:ObjectAcl:Put s3:LifecycleExpiration:* s3:ObjectTagging:Delete"),
       ""},
      {"no events", queue("a", ""), "MalformedXML"},
      {"an unknown element", "<Bell/>", "MalformedXML"},
      {"an unknown event", queue("a", "s3:ObjectCreated:Move"), "InvalidArgument"},
      {"a wildcard elsewhere", queue("a", "s3:*"), "InvalidArgument"},
      {"an ARN that is none",
       "<TopicConfiguration><Topic>topic</Topic><Event>s3:ObjectCreated:*</Event></TopicConfiguration>",
       "InvalidArgument"},
      {"a filter by size", queue("a", "s3:ObjectCreated:*", rule("size", "1")), "InvalidArgument"},
      {"two prefixes", queue("a", "s3:ObjectCreated:*", rule("prefix", "a") + rule("Prefix", "b")),
       "InvalidArgument"},
      {"prefix and suffix", queue("a", "s3:ObjectCreated:*", rule("Prefix", "a") + rule("Suffix", "b")), ""},
      {"one id twice", queue("a", "s3:ObjectCreated:Put") + queue("a", "s3:ObjectCreated:Copy"),
       "InvalidArgument"},
      {"one event twice", queue("a", "s3:ObjectCreated:Put") + queue("b", "s3:ObjectCreated:Put"),
       "InvalidArgument"},
      {"an event below a wildcard", queue("a", "s3:ObjectCreated:*") + queue("b", "s3:ObjectCreated:Put"),
       "InvalidArgument"},
      {"one event of other keys",
       queue("a", "s3:ObjectCreated:*", rule("prefix", "a/")) +
           queue("b", "s3:ObjectCreated:*", rule("prefix", "b/")),
       ""},
      {"one event of keys within others",
       queue("a", "s3:ObjectCreated:*", rule("prefix", "a/")) +
           queue("b", "s3:ObjectCreated:*", rule("prefix", "a/b")),
       "InvalidArgument"},
      {"one event of other endings",
       queue("a", "s3:ObjectCreated:*", rule("suffix", ".gz")) +
           queue("b", "s3:ObjectCreated:*", rule("suffix", ".json")),
       ""},
  }));
  INFO(c.why);
  const auto document = conform(kNotificationShape, wrap(c.inside));
  if (!document) {
    CHECK(document.error().code == c.code);
    return;
  }
  const auto rules = parse_notification(*document);
  CHECK((rules ? std::string() : rules.error().code) == c.code);
}

TEST_CASE("which rules take an event") {
  const auto rules =
      parse_notification(wrap(queue("all", "s3:ObjectRemoved:*") +
                              queue("manifests", "s3:ObjectCreated:*",
                                    rule("prefix", "AWSDynamoDB/") + rule("suffix", "manifest-files.json")) +
                              queue("copies", "s3:ObjectCreated:Copy", rule("suffix", ".txt"))));
  REQUIRE(rules);
  struct Case {
    const char* event;
    const char* key;
    const char* ids;
  };
  const auto c = GENERATE(values<Case>({
      {"ObjectCreated:Put", "AWSDynamoDB/01/manifest-files.json", "manifests"},
      {"ObjectCreated:CompleteMultipartUpload", "AWSDynamoDB/manifest-files.json", "manifests"},
      {"ObjectCreated:Put", "AWSDynamoDB/01/data/a.json.gz", ""},
      {"ObjectCreated:Put", "other/manifest-files.json", ""},
      {"ObjectCreated:Copy", "a.txt", "copies"},
      {"ObjectCreated:Put", "a.txt", ""},
      {"ObjectRemoved:Delete", "anything", "all"},
      {"ObjectRemoved:DeleteMarkerCreated", "", "all"},
      {"ObjectTagging:Put", "a.txt", ""},
  }));
  INFO(c.event << " " << c.key);
  CHECK(joined(matching_notifications(*rules, c.event, c.key)) == c.ids);
  const auto bridge = parse_notification(wrap("<EventBridgeConfiguration/>"));
  REQUIRE(bridge);
  CHECK(joined(matching_notifications(*bridge, c.event, c.key)) == "-");
}

TEST_CASE("rules without an id get one") {
  const std::string document = wrap(queue("", "s3:ObjectCreated:Put") +
                                    queue("mine", "s3:ObjectCreated:Copy") + queue("", "s3:ObjectRemoved:*"));
  const std::string named = with_notification_ids(document);
  CHECK(named == with_notification_ids(document));
  const auto rules = parse_notification(named);
  REQUIRE(rules);
  REQUIRE(rules->rules.size() == 3);
  CHECK(rules->rules[1].id == "mine");
  CHECK(!rules->rules[0].id.empty());
  CHECK(rules->rules[0].id != rules->rules[2].id);
}

TEST_CASE("an event counts once, however often a rule names it") {
  const auto repeated = [](const std::string& event) {
    std::string out = event;
    for (int i = 0; i < 15'000; ++i) out += " " + event;
    return out;
  };
  // Were they compared one by one, this would take minutes.
  const auto apart = parse_notification(wrap(queue("a", repeated("s3:ObjectCreated:Put")) +
                                             queue("b", repeated("s3:ObjectCreated:Copy")) +
                                             queue("c", repeated("s3:ObjectRemoved:*"))));
  REQUIRE(apart);
  CHECK(joined(matching_notifications(*apart, "ObjectCreated:Copy", "k")) == "b");
  CHECK(joined(matching_notifications(*apart, "ObjectRemoved:Delete", "k")) == "c");
  CHECK_FALSE(parse_notification(
      wrap(queue("a", repeated("s3:ObjectCreated:Put")) + queue("b", repeated("s3:ObjectCreated:*")))));
}

}  // namespace tidemark::s3emu
