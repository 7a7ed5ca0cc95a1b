#include "s3emu/rest/settings/handlers.h"
#include "s3emu/xml/body.h"

namespace tidemark::s3emu {

S3Result<http::Response> get_bucket_versioning(S3Context& context, const S3Request& request,
                                               const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const auto bucket, context.store.bucket(request.bucket));
  XmlWriter xml("VersioningConfiguration");
  if (bucket->info.versioning != Versioning::kNever) {
    xml.text("Status", bucket->info.versioning == Versioning::kEnabled ? "Enabled" : "Suspended");
  }
  return xml_answer(xml);
}

S3Result<http::Response> put_bucket_versioning(S3Context& context, const S3Request& request,
                                               const std::string& body) {
  RETURN_IF_ERROR(context.store.bucket(request.bucket));
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_xml(&document, body, "VersioningConfiguration"));
  const auto mfa = child_text(root, "MfaDelete");
  if (mfa && *mfa != "Disabled") {
    if (*mfa == "Enabled") return fail(S3Error::of(S3Code::kNotImplemented).with("Header", "x-amz-mfa"));
    return fail(S3Error::of(S3Code::kMalformedXml));
  }
  const auto status = child_text(root, "Status");
  if (!status) return fail(S3Error::of(S3Code::kIllegalVersioningConfigurationException));
  if (*status != "Enabled" && *status != "Suspended") return fail(S3Error::of(S3Code::kMalformedXml));
  RETURN_IF_ERROR(context.store.set_versioning(
      request.bucket, *status == "Enabled" ? Versioning::kEnabled : Versioning::kSuspended));
  return empty_answer(200);
}

}  // namespace tidemark::s3emu
