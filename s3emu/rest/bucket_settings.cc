#include "s3emu/rest/handlers.h"

namespace tidemark::s3emu {
namespace {

struct Setting {
  std::string_view param;
  // Either the code that says there is none, or the root of an otherwise empty document.
  S3Code none = S3Code::kInternalError;
  std::string_view root;
};

constexpr Setting kSettings[] = {
    {"notification", {}, "NotificationConfiguration"},
};

}  // namespace

S3Result<http::Response> get_bucket_setting(OperationContext& context, const S3Request& request,
                                            const std::string& /*body*/) {
  RETURN_IF_ERROR(context.store.head_bucket(request.bucket));
  for (const Setting& setting : kSettings) {
    if (!request.has_param(setting.param)) continue;
    if (setting.root.empty()) return fail(S3Error::of(setting.none).with("BucketName", request.bucket));
    XmlWriter xml(setting.root);
    return xml_answer(xml);
  }
  return fail(S3Error::of(S3Code::kNotImplemented));
}

}  // namespace tidemark::s3emu
