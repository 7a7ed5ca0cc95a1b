// Where a machine keeps the certificate authorities that it trusts. OpenSSL knows one place, that of the
// system it was built for; a program that is carried from one distribution to the next has to look.
#pragma once

#include <string>

namespace tidemark::transfer {

// The bundle of authorities in PEM of this machine, as the major distributions place it; empty if none of
// them is there. Not asked when SSL_CERT_FILE or SSL_CERT_DIR say where: OpenSSL obeys these itself.
std::string system_authorities_file();

}  // namespace tidemark::transfer
