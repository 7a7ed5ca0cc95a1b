// The settings of buckets: the operations that all of them share.
#include <algorithm>
#include <array>

#include "s3emu/rest/settings/bucket_setting.h"
#include "s3emu/rest/settings/handlers.h"

namespace tidemark::s3emu {
namespace {

constexpr std::array kSettings = {
    &kAccelerateSetting, &kCorsSetting,         &kEncryptionSetting, &kLifecycleSetting,
    &kLoggingSetting,    &kNotificationSetting, &kObjectLockSetting, &kReplicationSetting,
    &kPaymentSetting,    &kTaggingSetting,      &kWebsiteSetting,
};

// That of the operation the request was judged as.
S3Result<const BucketSetting*> setting_of(const S3Request& request) {
  ASSIGN_OR_RETURN(const S3Operation* const operation, route(request));
  for (const BucketSetting* const setting : kSettings) {
    if (setting->param == operation->param) return setting;
  }
  return fail(S3Error::of(S3Code::kNotImplemented));
}

// What the store calls the header of a setting.
std::string header_key(const BucketSetting& setting) {
  return std::string(setting.param) + "/" + std::string(setting.header.name);
}

void add_header(const BucketSetting& setting, std::string_view value, http::Response* response) {
  if (!setting.header.name.empty()) {
    response->headers.add(std::string(setting.header.name), std::string(value));
  }
}

// The value that a PUT gives; empty for a setting without a header. Errors: InvalidArgument.
S3Result<std::string> header_value(const BucketSetting& setting, const S3Request& request) {
  const SettingHeader& header = setting.header;
  if (header.name.empty()) return std::string();
  const std::string_view value = request.header(header.name).value_or(header.words.front());
  if (std::find(header.words.begin(), header.words.end(), value) != header.words.end()) {
    return std::string(value);
  }
  return fail(S3Error::of(S3Code::kInvalidArgument)
                  .with("ArgumentName", std::string(header.name))
                  .with("ArgumentValue", std::string(value)));
}

}  // namespace

std::span<const BucketSetting* const> bucket_settings() { return kSettings; }

S3Result<std::string> setting_document(const BucketSetting& setting, const Bucket& bucket) {
  const std::string* const kept = bucket.setting(setting.param);
  return kept != nullptr ? S3Result<std::string>(*kept) : setting.unset(bucket);
}

S3Result<std::string> judge_setting(const BucketSetting& setting, S3Context& context, const Bucket& bucket,
                                    const std::string& body) {
  if (body.find_first_not_of(" \t\r\n") == std::string::npos) {
    return fail(S3Error::of(S3Code::kMissingRequestBodyError));
  }
  ASSIGN_OR_RETURN(std::string document, conform(*setting.shape, body));
  if (setting.check == nullptr) return document;
  pugi::xml_document parsed;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_xml(&parsed, document, setting.shape->name));
  SettingChange change{context, bucket, root, std::move(document)};
  RETURN_IF_ERROR(setting.check(&change));
  return std::move(change.document);
}

S3Result<http::Response> get_setting(S3Context& context, const S3Request& request,
                                     const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const BucketSetting* const setting, setting_of(request));
  ASSIGN_OR_RETURN(const auto bucket, context.store.bucket(request.bucket));
  http::Response response = empty_answer(200);
  response.headers.add("Content-Type", "application/xml");
  ASSIGN_OR_RETURN(response.body, setting_document(*setting, *bucket));
  if (!setting->header.name.empty()) {
    const std::string* const value = bucket->setting(header_key(*setting));
    add_header(*setting, value != nullptr ? std::string_view(*value) : setting->header.words.front(),
               &response);
  }
  return response;
}

S3Result<http::Response> put_setting(S3Context& context, const S3Request& request, const std::string& body) {
  ASSIGN_OR_RETURN(const BucketSetting* const setting, setting_of(request));
  ASSIGN_OR_RETURN(const auto bucket, context.store.bucket(request.bucket));
  ASSIGN_OR_RETURN(std::string document, judge_setting(*setting, context, *bucket, body));
  ASSIGN_OR_RETURN(const std::string header, header_value(*setting, request));
  if (!header.empty()) {
    RETURN_IF_ERROR(context.store.set_bucket_setting(request.bucket, header_key(*setting), header));
  }
  std::optional<std::string> value;
  if (!document.empty()) value = std::move(document);
  RETURN_IF_ERROR(
      context.store.set_bucket_setting(request.bucket, std::string(setting->param), std::move(value)));
  if (setting->changed != nullptr) setting->changed(context.options);
  http::Response response = empty_answer(setting->put_status);
  add_header(*setting, header, &response);
  return response;
}

S3Result<http::Response> delete_setting(S3Context& context, const S3Request& request,
                                        const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const BucketSetting* const setting, setting_of(request));
  RETURN_IF_ERROR(
      context.store.set_bucket_setting(request.bucket, std::string(setting->param), std::nullopt));
  if (setting->changed != nullptr) setting->changed(context.options);
  return empty_answer(204);
}

}  // namespace tidemark::s3emu
