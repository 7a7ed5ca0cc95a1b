#include <set>

#include "s3emu/rest/core/operation.h"
#include "tests/support/catch.h"
#include "tests/unit/s3emu/rest/rest_fixture.h"

namespace tidemark::s3emu {
namespace {

std::string tag(const std::string& key, const std::string& value) {
  return "<Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag>";
}

std::string tagging(const std::string& tags) { return "<Tagging><TagSet>" + tags + "</TagSet></Tagging>"; }

std::string encryption(const std::string& by_default, const std::string& more = {}) {
  return "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>" + by_default +
         "</ApplyServerSideEncryptionByDefault>" + more + "</Rule></ServerSideEncryptionConfiguration>";
}

std::string website(const std::string& inside) {
  return "<WebsiteConfiguration>" + inside + "</WebsiteConfiguration>";
}

std::string logging(const std::string& bucket) {
  return "<BucketLoggingStatus><LoggingEnabled><TargetBucket>" + bucket +
         "</TargetBucket><TargetPrefix>p/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>";
}

std::string replication(const std::string& target) {
  return "<ReplicationConfiguration><Role>arn:aws:iam::1:role/r</Role><Rule><Status>Enabled</"
         "Status><Priority>1"
         "</Priority><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication><Filter/>"
         "<Destination><Bucket>" +
         target + "</Bucket></Destination></Rule></ReplicationConfiguration>";
}

std::string metrics(const std::string& id) {
  return "<MetricsConfiguration><Id>" + id + "</Id></MetricsConfiguration>";
}

// Everything inside the root of a document.
std::string inside(const std::string& document) {
  const std::size_t root = document.find('<', document.find("?>"));
  const std::size_t start = document.find('>', root) + 1;
  return document.substr(start, document.rfind('<') - start);
}

TEST_CASE("settings are kept, given back in the service's form, and removed") {
  RestFixture f;
  f.make_bucket();
  struct Case {
    const char* param;
    std::string unset;  // code or content before and after
    std::string body;
    int put_status;
    std::string kept;
    bool removable;
  };
  const std::string aes =
      "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
      "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule>";
  const std::vector<Case> cases = {
      {"tagging", "NoSuchTagSet", tagging("\n" + tag("b", "") + tag("a", "x@y")), 204,
       "<TagSet>" + tag("b", "") + tag("a", "x@y") + "</TagSet>", true},
      {"cors", "NoSuchCORSConfiguration",
       "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
       "<ID>i</ID></CORSRule></CORSConfiguration>",
       200,
       "<CORSRule><ID>i</ID><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>",
       true},
      {"lifecycle", "NoSuchLifecycleConfiguration",
       "<LifecycleConfiguration><Rule><ID>i</ID><Status>Enabled</Status><Prefix></Prefix><Expiration><Date>"
       "2030-01-01</Date></Expiration></Rule></LifecycleConfiguration>",
       200,
       "<Rule><ID>i</ID><Prefix></Prefix><Status>Enabled</Status><Expiration><Date>2030-01-01T00:00:00.000Z</"
       "Date>"
       "</Expiration></Rule>",
       true},
      {"encryption", aes,
       encryption("<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID>",
                  "<BucketKeyEnabled>true</BucketKeyEnabled>"),
       200,
       "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>k"
       "</KMSMasterKeyID></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></"
       "Rule>",
       true},
      {"website", "NoSuchWebsiteConfiguration",
       website("<IndexDocument><Suffix>i.html</Suffix></IndexDocument><RoutingRules><RoutingRule><Redirect>"
               "<HostName>h</HostName></Redirect></RoutingRule></RoutingRules>"),
       200,
       "<IndexDocument><Suffix>i.html</Suffix></"
       "IndexDocument><RoutingRules><RoutingRule><Redirect><HostName>h"
       "</HostName></Redirect></RoutingRule></RoutingRules>",
       true},
      {"requestPayment", "<Payer>BucketOwner</Payer>",
       "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>", 200,
       "<Payer>Requester</Payer>", false},
      {"accelerate", "", "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>", 200,
       "<Status>Enabled</Status>", false},
      {"logging", "", logging("bucket"), 200,
       "<LoggingEnabled><TargetBucket>bucket</TargetBucket><TargetPrefix>p/</TargetPrefix></LoggingEnabled>",
       false},
  };
  for (const Case& c : cases) {
    INFO(c.param);
    const std::string target = std::string("/bucket?") + c.param;
    const auto unset = [&] {
      const Answer answer = f.send("GET", target);
      return answer.status == 200 ? inside(answer.body) : answer.element("Code");
    };
    CHECK(unset() == c.unset);
    CHECK(f.send("PUT", target, {}, "<?xml version='1.0'?>\n" + c.body).status == c.put_status);
    const Answer kept = f.send("GET", target);
    CHECK(kept.status == 200);
    CHECK(kept.header("Content-Type") == "application/xml");
    CHECK(inside(kept.body) == c.kept);
    CHECK(kept.has("xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""));
    // What is given back can be put again.
    CHECK(f.send("PUT", target, {}, kept.body).status == c.put_status);
    CHECK(f.send("GET", target).body == kept.body);
    const Answer removed = f.send("DELETE", target);
    if (c.removable) {
      CHECK(removed.status == 204);
      CHECK(unset() == c.unset);
      CHECK(f.send("DELETE", target).status == 204);
    } else {
      CHECK(removed.status == 501);
    }
    for (const char* method : {"GET", "PUT", "DELETE"}) {
      if (!c.removable && std::string(method) == "DELETE") continue;
      CHECK(f.send(method, std::string("/none?") + c.param, {}, c.body).element("Code") == "NoSuchBucket");
    }
    CHECK(f.send("PUT", target, {}, "").element("Code") == "MissingRequestBodyError");
    CHECK(f.send("PUT", target, {}, "<a>").element("Code") == "MalformedXML");
    CHECK(f.send("PUT", target, {}, "<Other/>").element("Code") == "MalformedXML");
    CHECK(f.send("PUT", target, {{"Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="}}, c.body).element("Code") ==
          "BadDigest");
  }
}

TEST_CASE("settings outlive the process and go with the bucket") {
  RestFixture f;
  f.make_bucket();
  REQUIRE(f.send("PUT", "/bucket?tagging", {}, tagging(tag("a", "1"))).status == 204);
  REQUIRE(f.send("DELETE", "/bucket").status == 204);
  f.make_bucket();
  CHECK(f.send("GET", "/bucket?tagging").element("Code") == "NoSuchTagSet");
}

TEST_CASE("settings that are refused") {
  RestFixture f;
  f.make_bucket();
  REQUIRE(f.send("PUT", "/dotted.name").status == 200);
  std::string fifty_one;
  for (int i = 0; i <= 50; ++i) fifty_one += tag("k" + std::to_string(i), "v");
  struct Case {
    const char* why;
    std::string target;
    std::string body;
    std::string code;
  };
  const std::string index = "<IndexDocument><Suffix>i</Suffix></IndexDocument>";
  const std::string rule = "<RoutingRules><RoutingRule>";
  const std::string end = "</RoutingRule></RoutingRules>";
  const std::vector<Case> cases = {
      {"51 tags", "/bucket?tagging", tagging(fifty_one), "BadRequest"},
      {"nobody looks at what is in too many tags", "/bucket?tagging",
       tagging(fifty_one + "<Tag><Key/></Tag>"), "BadRequest"},
      {"tag twice", "/bucket?tagging", tagging(tag("a", "1") + tag("a", "2")), "InvalidTag"},
      {"empty key", "/bucket?tagging", tagging(tag("", "1")), "InvalidTag"},
      {"long key", "/bucket?tagging", tagging(tag(std::string(129, 'k'), "")), "InvalidTag"},
      {"long value", "/bucket?tagging", tagging(tag("a", std::string(257, 'v'))), "InvalidTag"},
      {"character", "/bucket?tagging", tagging(tag("a", "?")), "InvalidTag"},
      {"the service's own", "/bucket?tagging", tagging(tag("aws:x", "")), "InvalidTag"},
      {"tag without value", "/bucket?tagging", tagging("<Tag><Key>a</Key></Tag>"), "MalformedXML"},
      {"algorithm", "/bucket?encryption", encryption("<SSEAlgorithm>ROT13</SSEAlgorithm>"), "MalformedXML"},
      {"key without KMS", "/bucket?encryption",
       encryption("<SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID>"),
       "InvalidArgument"},
      {"no index", "/bucket?website", website("<ErrorDocument><Key>e</Key></ErrorDocument>"),
       "InvalidArgument"},
      {"index with a slash", "/bucket?website",
       website("<IndexDocument><Suffix>a/i</Suffix></IndexDocument>"), "InvalidArgument"},
      {"empty error page", "/bucket?website", website(index + "<ErrorDocument><Key/></ErrorDocument>"),
       "InvalidArgument"},
      {"redirect and index", "/bucket?website",
       website("<RedirectAllRequestsTo><HostName>h</HostName></RedirectAllRequestsTo>" + index),
       "InvalidArgument"},
      {"protocol", "/bucket?website",
       website(
           "<RedirectAllRequestsTo><HostName>h</HostName><Protocol>ftp</Protocol></RedirectAllRequestsTo>"),
       "MalformedXML"},
      {"empty condition", "/bucket?website",
       website(index + rule + "<Condition/><Redirect><HostName>h</HostName></Redirect>" + end),
       "InvalidRequest"},
      {"two replacements", "/bucket?website",
       website(index + rule +
               "<Redirect><ReplaceKeyWith>a</ReplaceKeyWith><ReplaceKeyPrefixWith>b</ReplaceKeyPrefixWith>"
               "</Redirect>" +
               end),
       "InvalidRequest"},
      {"log target", "/bucket?logging", logging("none"), "InvalidTargetBucketForLogging"},
      {"payer", "/bucket?requestPayment",
       "<RequestPaymentConfiguration><Payer>Me</Payer></RequestPaymentConfiguration>", "MalformedXML"},
      {"name with dots", "/dotted.name?accelerate",
       "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>", "InvalidRequest"},
      {"not versioned", "/bucket?replication", replication("arn:aws:s3:::b"), "InvalidRequest"},
      {"not versioned", "/bucket?object-lock",
       "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>",
       "InvalidBucketState"},
      {"lifecycle", "/bucket?lifecycle",
       "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter/></Rule></LifecycleConfiguration>",
       "InvalidRequest"},
      {"cors", "/bucket?cors",
       "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod>"
       "</CORSRule></CORSConfiguration>",
       "InvalidRequest"},
      {"other id", "/bucket?metrics&id=a", metrics("b"), "InvalidArgument"},
      {"no id", "/bucket?metrics", metrics(""), "InvalidArgument"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    const Answer put = f.send("PUT", c.target, {}, c.body);
    CHECK(put.element("Code") == c.code);
  }
  for (const char* param : {"tagging", "website", "cors", "lifecycle", "replication", "object-lock"}) {
    INFO(param);
    CHECK(f.send("GET", std::string("/bucket?") + param).status == 404);
  }
  CHECK(inside(f.send("GET", "/bucket?logging").body).empty());
}

TEST_CASE("an empty tag set and an empty logging status take the setting away") {
  RestFixture f;
  f.make_bucket();
  REQUIRE(f.send("PUT", "/bucket?tagging", {}, tagging(tag("a", "1"))).status == 204);
  CHECK(f.send("PUT", "/bucket?tagging", {}, tagging("")).status == 204);
  CHECK(f.send("GET", "/bucket?tagging").element("Code") == "NoSuchTagSet");
  REQUIRE(f.send("PUT", "/bucket?logging", {}, logging("bucket")).status == 200);
  CHECK(f.send("PUT", "/bucket?logging", {}, "<BucketLoggingStatus/>").status == 200);
  CHECK(inside(f.send("GET", "/bucket?logging").body).empty());
}

TEST_CASE("replication is kept on a versioned bucket") {
  RestFixture f;
  f.make_bucket();
  REQUIRE(f.store->set_versioning("bucket", Versioning::kEnabled).has_value());
  CHECK(f.send("PUT", "/bucket?replication", {}, replication("somewhere")).element("Code") ==
        "InvalidArgument");
  CHECK(f.send("PUT", "/bucket?replication", {}, replication("arn:aws:s3:::b")).status == 200);
  CHECK(f.send("GET", "/bucket?replication").element("Bucket") == "arn:aws:s3:::b");
  CHECK(f.send("DELETE", "/bucket?replication").status == 204);
  CHECK(f.send("GET", "/bucket?replication").element("Code") == "ReplicationConfigurationNotFoundError");
}

TEST_CASE("the smallest size that lifecycle transitions move is kept beside the rules") {
  const char* const kHeader = "x-amz-transition-default-minimum-object-size";
  const std::string body =
      "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter/><Expiration><Days>1</Days></Expiration>"
      "</Rule></LifecycleConfiguration>";
  RestFixture f;
  f.make_bucket();
  CHECK(f.send("PUT", "/bucket?lifecycle", {}, body).header(kHeader) == "all_storage_classes_128K");
  CHECK(f.send("GET", "/bucket?lifecycle").header(kHeader) == "all_storage_classes_128K");
  CHECK(f.send("PUT", "/bucket?lifecycle", {{kHeader, "varies_by_storage_class"}}, body).status == 200);
  CHECK(f.send("GET", "/bucket?lifecycle").header(kHeader) == "varies_by_storage_class");
  CHECK(f.send("GET", "/bucket?lifecycle").element("ID").size() == 36);
  CHECK(f.send("PUT", "/bucket?lifecycle", {{kHeader, "1"}}, body).element("Code") == "InvalidArgument");
}

TEST_CASE("configurations with ids are kept, listed by pages and removed") {
  RestFixture f;
  f.make_bucket();
  for (const char* param : {"analytics", "inventory", "metrics", "intelligent-tiering"}) {
    INFO(param);
    const std::string target = std::string("/bucket?") + param;
    CHECK(f.send("GET", target).element("IsTruncated") == "false");
    CHECK(f.send("GET", target + "&id=a").element("Code") == "NoSuchConfiguration");
    CHECK(f.send("DELETE", target + "&id=a").element("Code") == "NoSuchConfiguration");
    CHECK(f.send("PUT", target + "&id=a", {}, "<Other/>").element("Code") == "MalformedXML");
  }
  for (int i = 0; i < 101; ++i) {
    const std::string id = std::to_string(1000 + i);
    REQUIRE(f.send("PUT", "/bucket?metrics&id=" + id, {}, metrics(id)).status == 200);
  }
  CHECK(f.send("GET", "/bucket?metrics&id=1007").element("Id") == "1007");
  const Answer first = f.send("GET", "/bucket?metrics");
  CHECK(first.has("<ListMetricsConfigurationsResult"));
  CHECK(first.has("<Id>1000</Id>"));
  CHECK(first.has("<Id>1099</Id>"));
  CHECK_FALSE(first.has("<Id>1100</Id>"));
  CHECK(first.element("IsTruncated") == "true");
  const std::string token =
      http::percent_encode(first.element("NextContinuationToken"), http::Slash::kEncoded);
  const Answer second = f.send("GET", "/bucket?metrics&continuation-token=" + token);
  CHECK(second.element("Id") == "1100");
  CHECK(second.element("IsTruncated") == "false");
  CHECK(f.send("GET", "/bucket?metrics&continuation-token=%21").element("Code") == "InvalidArgument");
  CHECK(f.send("DELETE", "/bucket?metrics&id=1100").status == 204);
  CHECK(f.send("GET", "/bucket?metrics").element("IsTruncated") == "false");
}

TEST_CASE("what CreateBucket can say") {
  RestFixture f;
  const auto create = [&](const std::string& name, const std::string& body) {
    return f.send("PUT", "/" + name, {},
                  "<CreateBucketConfiguration>" + body + "</CreateBucketConfiguration>");
  };
  CHECK(create("abroad", "<LocationConstraint>eu-west-1</LocationConstraint>").status == 200);
  CHECK(create("abroad", "<LocationConstraint>eu-west-1</LocationConstraint>").element("Code") ==
        "BucketAlreadyOwnedByYou");
  CHECK(f.send("HEAD", "/abroad").header("x-amz-bucket-region") == "eu-west-1");
  CHECK(inside(f.send("GET", "/abroad?location").body) == "eu-west-1");
  CHECK(create("home", "").status == 200);
  CHECK(create("home", "").status == 200);
  CHECK(inside(f.send("GET", "/home?location").body).empty());
  CHECK(create("tagged", "<Tags>" + tag("a", "1") + "</Tags>").status == 200);
  CHECK(f.send("GET", "/tagged?tagging").element("Value") == "1");
  CHECK(f.send("PUT", "/locked", {{"x-amz-bucket-object-lock-enabled", "true"}}).status == 200);
  CHECK(f.store->head_bucket("locked")->object_lock);
  CHECK(f.store->head_bucket("locked")->versioning == Versioning::kEnabled);
  std::string too_many;
  for (int i = 0; i <= 50; ++i) too_many += tag("k" + std::to_string(i), "v");
  const Answer many = create("many-tags", "<Tags>" + too_many + "</Tags>");
  CHECK(many.element("Code") == "BadRequest");
  CHECK(many.element("Message") == "Bucket tag count cannot be greater than 50");
  CHECK(create("bad-tags", "<Tags>" + tag("", "1") + "</Tags>").element("Code") == "InvalidTag");
  CHECK(create("bad-place", "<LocationConstraint>" + std::string(65, 'x') + "</LocationConstraint>")
            .element("Code") == "InvalidLocationConstraint");
  CHECK(create("directory", "<Bucket><Type>Directory</Type></Bucket>").element("Code") == "NotImplemented");
  CHECK(create("strange", "<Colour/>").element("Code") == "MalformedXML");
  for (const char* name : {"many-tags", "bad-tags", "bad-place", "directory", "strange"}) {
    CHECK(f.send("HEAD", std::string("/") + name).status == 404);
  }
}

TEST_CASE("every operation has a name of its own") {
  std::set<std::string_view> names;
  for (const S3Operation& operation : operations()) {
    INFO(operation.name);
    CHECK(names.insert(operation.name).second);
  }
}

}  // namespace
}  // namespace tidemark::s3emu
