// AccessControlPolicy documents.
#pragma once

#include <string>

#include "s3emu/access/acl.h"
#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {

// Display names are those of the accounts that `accounts` finds.
std::string acl_document(const ObjectOwner& owner, const Acl& acl, const KnownAccounts& accounts);

struct AclDocument {
  std::string owner_id;
  Acl acl;
};

// Errors: MalformedACLError, InvalidArgument (an id or group that is not known),
// UnresolvableGrantByEmailAddress.
S3Result<AclDocument> parse_acl_document(const std::string& body, const KnownAccounts& accounts);

}  // namespace tidemark::s3emu
