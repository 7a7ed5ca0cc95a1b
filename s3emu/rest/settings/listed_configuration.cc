#include "s3emu/rest/settings/listed_configuration.h"

#include "base/bytes.h"
#include "s3emu/rest/core/parameters.h"
#include "s3emu/rest/settings/handlers.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kCountMax = 1000;
constexpr std::size_t kPageSize = 100;
constexpr std::size_t kIdSizeMax = 64;

constexpr std::string_view kStates[] = {"Enabled", "Disabled"};
constexpr std::string_view kCsv[] = {"CSV"};
constexpr std::string_view kFormats[] = {"CSV", "ORC", "Parquet"};
constexpr std::string_view kSchemaVersions[] = {"V_1"};
constexpr std::string_view kVersions[] = {"All", "Current"};
constexpr std::string_view kFrequencies[] = {"Daily", "Weekly"};
constexpr std::string_view kTiers[] = {"ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS"};
constexpr std::string_view kFields[] = {
    "Size",
    "LastModifiedDate",
    "StorageClass",
    "ETag",
    "IsMultipartUploaded",
    "ReplicationStatus",
    "EncryptionStatus",
    "ObjectLockRetainUntilDate",
    "ObjectLockMode",
    "ObjectLockLegalHoldStatus",
    "IntelligentTieringAccessTier",
    "BucketKeyStatus",
    "ChecksumAlgorithm",
    "ObjectAccessControlList",
    "ObjectOwner",
};

constexpr XmlElement kTag[] = {{.name = "Key", .min = 1}, {.name = "Value", .min = 1}};
constexpr XmlElement kAnd[] = {
    {.name = "Prefix"},
    {.name = "Tag", .kind = XmlKind::kGroup, .max = kXmlMany, .children = kTag},
    {.name = "AccessPointArn"},
};
constexpr XmlElement kFilter[] = {
    {.name = "Prefix"},
    {.name = "Tag", .kind = XmlKind::kGroup, .children = kTag},
    {.name = "AccessPointArn"},
    {.name = "And", .kind = XmlKind::kGroup, .children = kAnd},
};

constexpr XmlElement kMetrics[] = {
    {.name = "Id", .min = 1},
    {.name = "Filter", .kind = XmlKind::kGroup, .children = kFilter},
};
constexpr XmlElement kMetricsShape = {
    .name = "MetricsConfiguration", .kind = XmlKind::kGroup, .children = kMetrics};

constexpr XmlElement kAnalyticsBucket[] = {
    {.name = "Format", .min = 1, .words = kCsv},
    {.name = "BucketAccountId"},
    {.name = "Bucket", .min = 1},
    {.name = "Prefix"},
};
constexpr XmlElement kAnalyticsDestination[] = {
    {.name = "S3BucketDestination", .kind = XmlKind::kGroup, .min = 1, .children = kAnalyticsBucket},
};
constexpr XmlElement kDataExport[] = {
    {.name = "OutputSchemaVersion", .min = 1, .words = kSchemaVersions},
    {.name = "Destination", .kind = XmlKind::kGroup, .min = 1, .children = kAnalyticsDestination},
};
constexpr XmlElement kAnalysis[] = {
    {.name = "DataExport", .kind = XmlKind::kGroup, .children = kDataExport},
};
constexpr XmlElement kAnalytics[] = {
    {.name = "Id", .min = 1},
    {.name = "Filter", .kind = XmlKind::kGroup, .children = kFilter},
    {.name = "StorageClassAnalysis", .kind = XmlKind::kGroup, .min = 1, .children = kAnalysis},
};
constexpr XmlElement kAnalyticsShape = {
    .name = "AnalyticsConfiguration", .kind = XmlKind::kGroup, .children = kAnalytics};

constexpr XmlElement kKey[] = {{.name = "KeyId", .min = 1}};
constexpr XmlElement kEncryption[] = {
    {.name = "SSE-S3", .kind = XmlKind::kGroup},
    {.name = "SSE-KMS", .kind = XmlKind::kGroup, .children = kKey},
};
constexpr XmlElement kInventoryBucket[] = {
    {.name = "AccountId"},
    {.name = "Bucket", .min = 1},
    {.name = "Format", .min = 1, .words = kFormats},
    {.name = "Prefix"},
    {.name = "Encryption", .kind = XmlKind::kGroup, .children = kEncryption},
};
constexpr XmlElement kInventoryDestination[] = {
    {.name = "S3BucketDestination", .kind = XmlKind::kGroup, .min = 1, .children = kInventoryBucket},
};
constexpr XmlElement kInventoryFilter[] = {{.name = "Prefix", .min = 1}};
constexpr XmlElement kOptionalFields[] = {{.name = "Field", .max = kXmlMany, .words = kFields}};
constexpr XmlElement kSchedule[] = {{.name = "Frequency", .min = 1, .words = kFrequencies}};
constexpr XmlElement kInventory[] = {
    {.name = "Destination", .kind = XmlKind::kGroup, .min = 1, .children = kInventoryDestination},
    {.name = "IsEnabled", .kind = XmlKind::kBoolean, .min = 1},
    {.name = "Filter", .kind = XmlKind::kGroup, .children = kInventoryFilter},
    {.name = "Id", .min = 1},
    {.name = "IncludedObjectVersions", .min = 1, .words = kVersions},
    {.name = "OptionalFields", .kind = XmlKind::kGroup, .children = kOptionalFields},
    {.name = "Schedule", .kind = XmlKind::kGroup, .min = 1, .children = kSchedule},
};
constexpr XmlElement kInventoryShape = {
    .name = "InventoryConfiguration", .kind = XmlKind::kGroup, .children = kInventory};

constexpr XmlElement kTiering[] = {
    {.name = "Days", .kind = XmlKind::kInteger, .min = 1},
    {.name = "AccessTier", .min = 1, .words = kTiers},
};
constexpr XmlElement kIntelligentTiering[] = {
    {.name = "Id", .min = 1},
    {.name = "Filter", .kind = XmlKind::kGroup, .children = kFilter},
    {.name = "Status", .min = 1, .words = kStates},
    {.name = "Tiering", .kind = XmlKind::kGroup, .min = 1, .max = 2, .children = kTiering},
};
constexpr XmlElement kIntelligentTieringShape = {
    .name = "IntelligentTieringConfiguration", .kind = XmlKind::kGroup, .children = kIntelligentTiering};

constexpr ListedConfiguration kConfigurations[] = {
    {.param = "analytics",
     .list = {"ListBucketAnalyticsConfigurations", "s3:GetAnalyticsConfiguration"},
     .get = {"GetBucketAnalyticsConfiguration", "s3:GetAnalyticsConfiguration"},
     .put = {"PutBucketAnalyticsConfiguration", "s3:PutAnalyticsConfiguration"},
     .remove = {"DeleteBucketAnalyticsConfiguration", "s3:PutAnalyticsConfiguration"},
     .list_root = "ListBucketAnalyticsConfigurationResult",
     .shape = &kAnalyticsShape},
    {.param = "inventory",
     .list = {"ListBucketInventoryConfigurations", "s3:GetInventoryConfiguration"},
     .get = {"GetBucketInventoryConfiguration", "s3:GetInventoryConfiguration"},
     .put = {"PutBucketInventoryConfiguration", "s3:PutInventoryConfiguration"},
     .remove = {"DeleteBucketInventoryConfiguration", "s3:PutInventoryConfiguration"},
     .list_root = "ListInventoryConfigurationsResult",
     .shape = &kInventoryShape},
    {.param = "metrics",
     .list = {"ListBucketMetricsConfigurations", "s3:GetMetricsConfiguration"},
     .get = {"GetBucketMetricsConfiguration", "s3:GetMetricsConfiguration"},
     .put = {"PutBucketMetricsConfiguration", "s3:PutMetricsConfiguration"},
     .remove = {"DeleteBucketMetricsConfiguration", "s3:PutMetricsConfiguration"},
     .list_root = "ListMetricsConfigurationsResult",
     .shape = &kMetricsShape},
    {.param = "intelligent-tiering",
     .list = {"ListBucketIntelligentTieringConfigurations", "s3:GetIntelligentTieringConfiguration"},
     .get = {"GetBucketIntelligentTieringConfiguration", "s3:GetIntelligentTieringConfiguration"},
     .put = {"PutBucketIntelligentTieringConfiguration", "s3:PutIntelligentTieringConfiguration"},
     .remove = {"DeleteBucketIntelligentTieringConfiguration", "s3:PutIntelligentTieringConfiguration"},
     .list_root = "ListBucketIntelligentTieringConfigurationsOutput",
     .shape = &kIntelligentTieringShape},
};

// The router sends nobody here who names none.
S3Result<const ListedConfiguration*> configuration_of(const S3Request& request) {
  ASSIGN_OR_RETURN(const S3Operation* const operation, route(request));
  for (const ListedConfiguration& configuration : kConfigurations) {
    if (configuration.param == operation->param) return &configuration;
  }
  return fail(S3Error::of(S3Code::kNotImplemented));
}

// What the store calls all of a kind: this and an id.
std::string names_of(const ListedConfiguration& configuration) {
  return std::string(configuration.param) + "/";
}

std::string name_of(const ListedConfiguration& configuration, const S3Request& request) {
  return names_of(configuration) + std::string(request.param("id").value_or(""));
}

std::size_t count_of(const Bucket& bucket, const std::string& names) {
  std::size_t count = 0;
  for (auto at = bucket.settings.lower_bound(names);
       at != bucket.settings.end() && at->first.starts_with(names); ++at) {
    ++count;
  }
  return count;
}

std::string_view without_prolog(std::string_view document) {
  return document.substr(document.find("?>") + 2);
}

}  // namespace

std::span<const ListedConfiguration> listed_configurations() { return kConfigurations; }

S3Result<http::Response> list_configurations(S3Context& context, const S3Request& request,
                                             const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const ListedConfiguration* const configuration, configuration_of(request));
  ASSIGN_OR_RETURN(const auto bucket, context.store.bucket(request.bucket));
  const std::string names = names_of(*configuration);
  const std::string_view token = request.param("continuation-token").value_or("");
  const auto after = base64_decode(token);
  if (!after) return fail(bad_continuation_token());
  auto at =
      after->empty() ? bucket->settings.lower_bound(names) : bucket->settings.upper_bound(names + *after);
  XmlWriter xml(configuration->list_root);
  std::string last;
  for (std::size_t count = 0;
       count < kPageSize && at != bucket->settings.end() && at->first.starts_with(names); ++count, ++at) {
    xml.raw(without_prolog(at->second));
    last = at->first.substr(names.size());
  }
  const bool truncated = at != bucket->settings.end() && at->first.starts_with(names);
  xml.boolean("IsTruncated", truncated);
  if (!token.empty()) xml.text("ContinuationToken", token);
  if (truncated) xml.text("NextContinuationToken", base64_encode(last));
  return xml_answer(xml);
}

S3Result<http::Response> get_configuration(S3Context& context, const S3Request& request,
                                           const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const ListedConfiguration* const configuration, configuration_of(request));
  ASSIGN_OR_RETURN(const auto bucket, context.store.bucket(request.bucket));
  const std::string* const document = bucket->setting(name_of(*configuration, request));
  if (document == nullptr) return fail(S3Error::of(S3Code::kNoSuchConfiguration));
  http::Response response = empty_answer(200);
  response.headers.add("Content-Type", "application/xml");
  response.body = *document;
  return response;
}

S3Result<http::Response> put_configuration(S3Context& context, const S3Request& request,
                                           const std::string& body) {
  ASSIGN_OR_RETURN(const ListedConfiguration* const configuration, configuration_of(request));
  ASSIGN_OR_RETURN(const auto bucket, context.store.bucket(request.bucket));
  ASSIGN_OR_RETURN(std::string document, conform(*configuration->shape, body));
  pugi::xml_document parsed;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_xml(&parsed, document, configuration->shape->name));
  const std::string id = child_text(root, "Id").value_or("");
  if (id.empty() || id.size() > kIdSizeMax || id != request.param("id")) {
    return fail(S3Error::of(S3Code::kInvalidArgument, "The specified configuration id is invalid.")
                    .with("ArgumentName", "id"));
  }
  const std::string name = name_of(*configuration, request);
  if (bucket->setting(name) == nullptr && count_of(*bucket, names_of(*configuration)) >= kCountMax) {
    return fail(S3Error::of(S3Code::kTooManyConfigurations));
  }
  RETURN_IF_ERROR(context.store.set_bucket_setting(request.bucket, name, std::move(document)));
  return empty_answer(200);
}

S3Result<http::Response> delete_configuration(S3Context& context, const S3Request& request,
                                              const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const ListedConfiguration* const configuration, configuration_of(request));
  ASSIGN_OR_RETURN(const auto bucket, context.store.bucket(request.bucket));
  const std::string name = name_of(*configuration, request);
  if (bucket->setting(name) == nullptr) return fail(S3Error::of(S3Code::kNoSuchConfiguration));
  RETURN_IF_ERROR(context.store.set_bucket_setting(request.bucket, name, std::nullopt));
  return empty_answer(204);
}

}  // namespace tidemark::s3emu
