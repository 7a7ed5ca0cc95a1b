// Keys of KMS that an export names. There is no KMS here: what has the form of a key of the table's region is
// taken for one, and nothing is encrypted by it.
#pragma once

#include <string>
#include <string_view>

#include "transfer/export_record.h"

namespace tidemark::transfer {

// `11111111-2222-3333-4444-555555555555`, `mrk-` and 32 hexadecimal digits, `alias/name`, or the ARN of one.
bool has_kms_key_form(std::string_view key_id);

// As the service names it where the request did not.
std::string kms_key_arn(const ExportRecord& record);

// False for an ARN of another region, and for the key 00000000-0000-0000-0000-000000000000, which stands for
// one that nobody has.
bool has_kms_key(const ExportRecord& record);

}  // namespace tidemark::transfer
