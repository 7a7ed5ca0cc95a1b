#include "s3emu/rest/handlers.h"

namespace tidemark::s3emu {

// The one ACL there is: the owner may do everything.
S3Result<http::Response> get_acl(OperationContext& context, const S3Request& request,
                                 const std::string& /*body*/) {
  if (request.key.empty()) {
    RETURN_IF_ERROR(context.store.head_bucket(request.bucket));
  } else {
    RETURN_IF_ERROR(require_current_version(request));
    RETURN_IF_ERROR(context.store.head_object(request.bucket, request.key));
  }
  XmlWriter xml("AccessControlPolicy");
  write_owner(&xml, "Owner", context.options);
  xml.open("AccessControlList");
  xml.open("Grant");
  xml.open("Grantee", "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"");
  xml.text("ID", context.options.owner.canonical_user_id);
  xml.text("DisplayName", context.options.owner.display_name);
  xml.close();
  xml.text("Permission", "FULL_CONTROL");
  return xml_answer(xml);
}

}  // namespace tidemark::s3emu
