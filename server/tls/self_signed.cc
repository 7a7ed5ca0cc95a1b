#include "server/tls/self_signed.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

namespace tidemark::server {
namespace {

constexpr long kDayS = 24L * 3'600;
constexpr long kValidS = 365 * kDayS;
constexpr long kSpareS = 30 * kDayS;

template <auto kFree>
struct FreeBy {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, FreeBy<X509_free>>;
using Bio = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, FreeBy<X509_EXTENSION_free>>;

Error no_openssl() { return Error::io("OpenSSL cannot make a certificate"); }

bool is_address(const std::string& name) {
  std::array<char, 16> bytes{};
  return ::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

// `DNS:localhost,IP:127.0.0.1`. Errors: what could mean more than a name to OpenSSL.
Result<std::string> alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    const bool is_plain =
        !name.empty() &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_*:") ==
            std::string::npos;
    const bool is_ip = is_address(name);
    if (!is_plain || (!is_ip && name.find(':') != std::string::npos)) {
      return fail(Error::invalid_argument("'" + name + "' is no name or address for a certificate"));
    }
    text += (text.empty() ? "" : ",") + std::string(is_ip ? "IP:" : "DNS:") + name;
  }
  return text;
}

bool add_extension(X509* certificate, X509* issuer, int what, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, what, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_random_serial(X509* certificate) {
  std::array<unsigned char, 8> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
  std::uint64_t number = 0;
  for (const unsigned char byte : bytes) number = number << 8 | byte;
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number >> 1 | 1) == 1;
}

// All but the names of issuer and extensions, and the signature.
Certificate begin_certificate(EVP_PKEY* key, const char* common_name, Timestamp now) {
  Certificate certificate(X509_new());
  if (!certificate || X509_set_version(certificate.get(), 2) != 1 || !set_random_serial(certificate.get())) {
    return nullptr;
  }
  const auto now_s = static_cast<std::time_t>(now.micros / 1'000'000);
  // Clients' clocks may be behind.
  std::time_t begin = now_s - kDayS;
  std::time_t end = now_s + kValidS;
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  const bool is_made =
      X509_time_adj_ex(X509_getm_notBefore(certificate.get()), 0, 0, &begin) != nullptr &&
      X509_time_adj_ex(X509_getm_notAfter(certificate.get()), 0, 0, &end) != nullptr &&
      X509_set_pubkey(certificate.get(), key) == 1 &&
      X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>("Tidemark"), -1, -1, 0) == 1 &&
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0) == 1;
  return is_made ? std::move(certificate) : nullptr;
}

Certificate make_authority(EVP_PKEY* key, Timestamp now) {
  Certificate certificate = begin_certificate(key, "Tidemark development authority", now);
  if (!certificate) return nullptr;
  X509* const it = certificate.get();
  const bool is_made = X509_set_issuer_name(it, X509_get_subject_name(it)) == 1 &&
                       add_extension(it, it, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                       add_extension(it, it, NID_key_usage, "critical,keyCertSign") &&
                       add_extension(it, it, NID_subject_key_identifier, "hash") &&
                       X509_sign(it, key, EVP_sha256()) > 0;
  return is_made ? std::move(certificate) : nullptr;
}

Certificate make_certificate(EVP_PKEY* key, X509* authority, EVP_PKEY* authority_key,
                             const std::string& names, Timestamp now) {
  Certificate certificate = begin_certificate(key, "Tidemark", now);
  if (!certificate) return nullptr;
  X509* const it = certificate.get();
  const bool is_made = X509_set_issuer_name(it, X509_get_subject_name(authority)) == 1 &&
                       add_extension(it, authority, NID_basic_constraints, "critical,CA:FALSE") &&
                       add_extension(it, authority, NID_key_usage, "critical,digitalSignature") &&
                       add_extension(it, authority, NID_ext_key_usage, "serverAuth") &&
                       add_extension(it, authority, NID_subject_key_identifier, "hash") &&
                       add_extension(it, authority, NID_authority_key_identifier, "keyid") &&
                       add_extension(it, authority, NID_subject_alt_name, names.c_str()) &&
                       X509_sign(it, authority_key, EVP_sha256()) > 0;
  return is_made ? std::move(certificate) : nullptr;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(std::max(size, 0L))};
}

std::string pem_of(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  return bio && PEM_write_bio_X509(bio.get(), certificate) == 1 ? text_of(bio.get()) : std::string();
}

std::string pem_of(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  const bool is_written =
      bio && PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
  return is_written ? text_of(bio.get()) : std::string();
}

// Whether what is there will do: the names are noted in a file beside it.
bool are_usable(const SelfSignedFiles& paths, const std::string& names_file, const std::string& names,
                FileSystem& files, Timestamp now) {
  if (!files.exists(paths.authority) || !files.exists(paths.key)) return false;
  const auto noted = read_file(files, names_file);
  const auto chain = read_file(files, paths.chain);
  if (!noted || *noted != names || !chain) return false;
  const Bio bio(BIO_new_mem_buf(chain->data(), static_cast<int>(chain->size())));
  const Certificate certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!certificate) return false;
  auto then = static_cast<std::time_t>(now.micros / 1'000'000) + kSpareS;
  return X509_cmp_time(X509_get0_notAfter(certificate.get()), &then) > 0;
}

}  // namespace

Result<SelfSignedFiles> self_signed_files(const std::string& directory, const std::vector<std::string>& names,
                                          FileSystem& files, Timestamp now) {
  ASSIGN_OR_RETURN(const std::string listed, alternative_names(names));
  const SelfSignedFiles paths{.authority = directory + "/authority.pem",
                              .chain = directory + "/certificate.pem",
                              .key = directory + "/key.pem"};
  const std::string names_file = directory + "/names";
  RETURN_IF_ERROR(files.create_directories(directory));
  if (are_usable(paths, names_file, listed, files, now)) return paths;
  const Key authority_key(EVP_EC_gen("P-256"));
  const Key key(EVP_EC_gen("P-256"));
  if (!authority_key || !key) return fail(no_openssl());
  const Certificate authority = make_authority(authority_key.get(), now);
  if (!authority) return fail(no_openssl());
  const Certificate certificate =
      make_certificate(key.get(), authority.get(), authority_key.get(), listed, now);
  if (!certificate) return fail(no_openssl());
  // The process creates files that are its owner's alone. The names come last: without them nothing counts.
  RETURN_IF_ERROR(files.replace(names_file, "", false));
  RETURN_IF_ERROR(files.replace(paths.key, pem_of(key.get()), false));
  RETURN_IF_ERROR(files.replace(paths.chain, pem_of(certificate.get()), false));
  RETURN_IF_ERROR(files.replace(paths.authority, pem_of(authority.get()), false));
  RETURN_IF_ERROR(files.replace(names_file, listed, true));
  return paths;
}

}  // namespace tidemark::server
