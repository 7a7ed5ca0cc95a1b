#include "s3emu/rest/core/answers.h"

namespace tidemark::s3emu {
namespace {

std::string allowed_methods(const S3Error& error) {
  for (const auto& [name, value] : error.extras) {
    if (name == "ResourceType" && value == "SERVICE") return "GET, HEAD";
  }
  return "GET, HEAD, PUT, POST, DELETE";
}

}  // namespace

http::Response empty_answer(int status) {
  http::Response response;
  response.status = status;
  return response;
}

http::Response xml_answer(XmlWriter& xml) {
  http::Response response;
  response.headers.add("Content-Type", "application/xml");
  response.body = xml.take();
  return response;
}

http::Response error_answer(const S3Error& error, const std::string& request_id,
                            const std::string& resource) {
  XmlWriter xml("Error", {});
  xml.text("Code", error.code);
  xml.text("Message", error.message);
  for (const auto& [name, value] : error.extras) xml.text(name, value);
  xml.text("Resource", resource);
  xml.text("RequestId", request_id);
  xml.text("HostId", request_id);
  http::Response response = xml_answer(xml);
  response.status = error.status;
  for (const auto& [name, value] : error.headers) response.headers.add(name, value);
  if (error.id == S3Code::kMethodNotAllowed && !response.headers.find("Allow")) {
    response.headers.add("Allow", allowed_methods(error));
  }
  return response;
}

void add_checksum_headers(http::Response* response, const Checksum& checksum) {
  add_checksum_headers(response, checksum, checksum.type);
}

void add_checksum_headers(http::Response* response, const Checksum& checksum, ChecksumType object_type) {
  if (checksum.algorithm == ChecksumAlgorithm::kNone) return;
  response->headers.add(std::string(checksum_header(checksum.algorithm)), checksum.text());
  response->headers.add("x-amz-checksum-type", std::string(type_name(object_type)));
}

void write_checksum(XmlWriter* xml, const Checksum& checksum) {
  if (checksum.algorithm == ChecksumAlgorithm::kNone) return;
  xml->text(checksum_element(checksum.algorithm), checksum.text());
  xml->text("ChecksumType", type_name(checksum.type));
}

}  // namespace tidemark::s3emu
