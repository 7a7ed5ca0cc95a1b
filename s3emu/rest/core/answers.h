// Responses, and errors as responses.
#pragma once

#include <string>

#include "base/http_message.h"
#include "s3emu/rest/core/request.h"
#include "s3emu/xml/writer.h"

namespace tidemark::s3emu {

http::Response empty_answer(int status);
http::Response xml_answer(XmlWriter& xml);
// The <Error> document. `request_id` and `resource` go into it.
http::Response error_answer(const S3Error& error, const std::string& request_id, const std::string& resource);

// x-amz-checksum-* and x-amz-checksum-type; nothing without a checksum.
void add_checksum_headers(http::Response* response, const Checksum& checksum);
// With the type of the object that the checksum is of a part of.
void add_checksum_headers(http::Response* response, const Checksum& checksum, ChecksumType object_type);
// <ChecksumX> and <ChecksumType>
void write_checksum(XmlWriter* xml, const Checksum& checksum);

}  // namespace tidemark::s3emu
