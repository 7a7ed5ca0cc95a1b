// ?encryption of a bucket: kept and given back. Objects are stored as they come.
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

// Every bucket has a default, and every answer all of it.
S3Result<void> check(SettingChange* change) {
  const pugi::xml_node rule = child_element(change->root, "Rule");
  const pugi::xml_node by_default = child_element(rule, "ApplyServerSideEncryptionByDefault");
  Encryption encryption;
  encryption.algorithm = child_text(by_default, "SSEAlgorithm").value_or(encryption.algorithm);
  encryption.key_id = child_text(by_default, "KMSMasterKeyID");
  encryption.bucket_key = child_text(rule, "BucketKeyEnabled").value_or(encryption.bucket_key);
  encryption.blocked = child_texts(child_element(rule, "BlockedEncryptionTypes"), "EncryptionType");
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

}  // namespace tidemark::s3emu
