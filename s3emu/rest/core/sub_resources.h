// The query parameters that make a request another operation.
#pragma once

#include <string_view>

namespace tidemark::s3emu {

// Whether S3 knows a sub-resource of that name: a request with it is never the plain operation of its method.
bool is_sub_resource(std::string_view name);

}  // namespace tidemark::s3emu
