// ?encryption of a bucket: kept, given back, and told of its objects.
#include "s3emu/rest/settings/encryption.h"

#include <algorithm>

#include "s3emu/rest/settings/bucket_setting.h"

namespace tidemark::s3emu {
namespace {

constexpr std::string_view kAlgorithms[] = {"AES256", "aws:kms", "aws:kms:dsse"};
constexpr std::string_view kBlockable[] = {"NONE", "SSE-C"};
constexpr XmlElement kDefault[] = {
    {.name = "SSEAlgorithm", .min = 1, .words = kAlgorithms},
    {.name = "KMSMasterKeyID"},
};
constexpr XmlElement kBlocked[] = {{.name = "EncryptionType", .max = kXmlMany, .words = kBlockable}};
constexpr XmlElement kRule[] = {
    {.name = "ApplyServerSideEncryptionByDefault", .kind = XmlKind::kGroup, .children = kDefault},
    {.name = "BucketKeyEnabled", .kind = XmlKind::kBoolean},
    {.name = "BlockedEncryptionTypes", .kind = XmlKind::kGroup, .children = kBlocked},
};
constexpr XmlElement kConfiguration[] = {
    {.name = "Rule", .kind = XmlKind::kGroup, .min = 1, .children = kRule},
};
constexpr XmlElement kShape = {
    .name = "ServerSideEncryptionConfiguration", .kind = XmlKind::kGroup, .children = kConfiguration};

struct Encryption {
  std::string algorithm = "AES256";
  std::optional<std::string> key_id = {};
  std::string bucket_key = "false";
  std::vector<std::string> blocked = {};
};

std::string render(const Encryption& encryption) {
  XmlWriter xml(kShape.name);
  xml.open("Rule");
  xml.open("ApplyServerSideEncryptionByDefault");
  xml.text("SSEAlgorithm", encryption.algorithm);
  if (encryption.key_id) xml.text("KMSMasterKeyID", *encryption.key_id);
  xml.close();
  xml.text("BucketKeyEnabled", encryption.bucket_key);
  if (!encryption.blocked.empty()) {
    xml.open("BlockedEncryptionTypes");
    for (const std::string& type : encryption.blocked) xml.text("EncryptionType", type);
    xml.close();
  }
  return xml.take();
}

Encryption read(pugi::xml_node root) {
  const pugi::xml_node rule = child_element(root, "Rule");
  const pugi::xml_node by_default = child_element(rule, "ApplyServerSideEncryptionByDefault");
  Encryption encryption;
  encryption.algorithm = child_text(by_default, "SSEAlgorithm").value_or(encryption.algorithm);
  encryption.key_id = child_text(by_default, "KMSMasterKeyID");
  encryption.bucket_key = child_text(rule, "BucketKeyEnabled").value_or(encryption.bucket_key);
  encryption.blocked = child_texts(child_element(rule, "BlockedEncryptionTypes"), "EncryptionType");
  return encryption;
}

// Every bucket has a default, and every answer all of it.
S3Result<void> check(SettingChange* change) {
  const Encryption encryption = read(change->root);
  if (encryption.key_id && encryption.algorithm == "AES256") {
    return fail(
        S3Error::of(S3Code::kInvalidArgument,
                    "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
                    "aws:kms:dsse")
            .with("ArgumentName", "ApplyServerSideEncryptionByDefault"));
  }
  change->document = render(encryption);
  return {};
}

S3Result<std::string> aes(const Bucket& /*bucket*/) { return render({}); }

}  // namespace

constinit const BucketSetting kEncryptionSetting = {
    .param = "encryption",
    .get = {"GetBucketEncryption", "s3:GetEncryptionConfiguration"},
    .put = {"PutBucketEncryption", "s3:PutEncryptionConfiguration"},
    .remove = {"DeleteBucketEncryption", "s3:PutEncryptionConfiguration"},
    .shape = &kShape,
    .unset = aes,
    .check = check,
};

bool is_encryption_header(std::string_view name) { return name.starts_with(kEncryptionHeader); }

S3Result<void> apply_default_encryption(S3Context& context, const std::string& bucket, NamedValues* headers) {
  ASSIGN_OR_RETURN(const auto found, context.store.bucket(bucket));
  const std::string* const document = found->setting(kEncryptionSetting.param);
  if (document == nullptr) return {};
  const bool is_named = std::any_of(headers->begin(), headers->end(),
                                    [](const auto& header) { return is_encryption_header(header.first); });
  if (is_named) return {};
  pugi::xml_document parsed;
  const auto root = parse_xml(&parsed, *document, kShape.name);
  if (!root) return {};
  const Encryption encryption = read(*root);
  if (encryption.algorithm == Encryption().algorithm) return {};
  const std::string name = kEncryptionHeader;
  headers->emplace_back(name, encryption.algorithm);
  if (encryption.key_id) headers->emplace_back(name + "-aws-kms-key-id", *encryption.key_id);
  if (encryption.bucket_key == "true") headers->emplace_back(name + "-bucket-key-enabled", "true");
  return {};
}

void add_encryption_headers(http::Response* response, const NamedValues& headers) {
  bool is_named = false;
  for (const auto& [name, value] : headers) {
    if (!is_encryption_header(name)) continue;
    response->headers.add(name, value);
    is_named = true;
  }
  if (!is_named) response->headers.add(kEncryptionHeader, Encryption().algorithm);
}

}  // namespace tidemark::s3emu
