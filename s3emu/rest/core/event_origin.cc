#include "s3emu/rest/core/event_origin.h"

namespace tidemark::s3emu {

EventOrigin origin_of(const S3Request& request) {
  EventOrigin origin;
  origin.is_form_post = request.head.method == "POST" && !request.has_param("uploadId");
  origin.is_tag_removal = request.head.method == "DELETE";
  origin.requester = request.caller.account.canonical_user_id;
  origin.source_ip = request.head.peer;
  origin.request_id = request.id;
  return origin;
}

}  // namespace tidemark::s3emu
