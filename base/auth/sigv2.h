// AWS Signature Version 2, which older S3 clients use, and boto3 by default for presigned URLs.
#pragma once

#include <string>
#include <string_view>

#include "base/http_message.h"

namespace tidemark::auth {

// Where the signature stands.
enum class SigV2Form { kHeader, kQuery };

// The text that is signed. `bucket` is the one in the Host header, empty for path style. In the query form
// headers that were moved into the query count where no such header was sent, and the moment of expiry stands
// for the date. Total, and linear in the size of the head but for sorting.
std::string string_to_sign_v2(const http::RequestHead& head, std::string_view bucket, SigV2Form form);
// In base64.
std::string signature_v2(std::string_view secret_key, std::string_view string_to_sign);
// In constant time. Values of sub-resources are signed decoded; some clients sign them as sent. A bucket in
// the path may be signed with a slash behind it.
bool verify_v2(const http::RequestHead& head, std::string_view bucket, SigV2Form form,
               std::string_view secret_key, std::string_view signature);

// Whether a query parameter of that name is part of the signature. Whatever else stands in a query can be
// changed by anybody.
bool is_signed_v2(std::string_view parameter);

}  // namespace tidemark::auth
