#include "native/emulator/authority.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

namespace teamferry::emulator {
namespace {

template <auto Free>
struct Release {
  template <class T>
  void operator()(T* held) const {
    Free(held);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;
using Memory = std::unique_ptr<BIO, Release<BIO_free_all>>;

struct KeyAndCertificate {
  Key key;
  Certificate certificate;
};

constexpr long kDay = 24 * 60 * 60;
constexpr long kLifetime = 30 * kDay;
constexpr long kBackdated = 5 * 60;  // clocks of clients in containers and virtual machines lag at times
constexpr char kConstraints[] =
    "critical,permitted;DNS:localhost,permitted;IP:127.0.0.1/255.255.255.255,"
    "permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

Error openssl_error(const char* what) {
  char text[160] = "out of memory";
  if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return Error::state("emulator_tls", fmt::format("the emulator cannot {}: {}", what, text));
}

Error file_error(const std::string& path, const char* what) {
  return Error::state("emulator_tls", fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

bool add_extension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// RFC 5280 asks for a positive number of at most 20 octets.
bool set_random_serial(X509* certificate) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7F) | 0x40);
  const std::unique_ptr<BIGNUM, Release<BN_free>> number(BN_bin2bn(bytes, sizeof bytes, nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

// A certificate without extensions and signature.
Certificate blank(EVP_PKEY* key, const std::string& name) {
  Certificate made(X509_new());
  if (!made || X509_set_version(made.get(), X509_VERSION_3) != 1 || !set_random_serial(made.get()) ||
      X509_gmtime_adj(X509_getm_notBefore(made.get()), -kBackdated) == nullptr ||
      X509_gmtime_adj(X509_getm_notAfter(made.get()), kLifetime) == nullptr || X509_set_pubkey(made.get(), key) != 1 ||
      X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0) != 1) {
    return nullptr;
  }
  return made;
}

Result<KeyAndCertificate> make_authority() {
  Key key(EVP_EC_gen("P-256"));
  unsigned char mark[4] = {};  // several authorities in one trust list can be told apart
  if (!key || RAND_bytes(mark, sizeof mark) != 1) return openssl_error("make a certificate authority");
  Certificate made = blank(key.get(), fmt::format("teamferry emulator, this machine only ({:02x}{:02x}{:02x}{:02x})",
                                                  mark[0], mark[1], mark[2], mark[3]));
  X509* ca = made.get();
  if (!made || X509_set_issuer_name(ca, X509_get_subject_name(ca)) != 1 ||
      !add_extension(ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !add_extension(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !add_extension(ca, ca, NID_name_constraints, kConstraints) ||
      !add_extension(ca, ca, NID_subject_key_identifier, "hash") ||
      !add_extension(ca, ca, NID_authority_key_identifier, "keyid:always") ||
      X509_sign(ca, key.get(), EVP_sha256()) == 0) {
    return openssl_error("make a certificate authority");
  }
  return KeyAndCertificate{std::move(key), std::move(made)};
}

Result<KeyAndCertificate> make_leaf(const KeyAndCertificate& authority) {
  Key key(EVP_EC_gen("P-256"));
  if (!key) return openssl_error("make a certificate");
  Certificate made = blank(key.get(), "localhost");
  X509* leaf = made.get();
  X509* ca = authority.certificate.get();
  const ASN1_TIME* end = X509_get0_notAfter(ca);
  if (!made || X509_set_issuer_name(leaf, X509_get_subject_name(ca)) != 1 ||
      (ASN1_TIME_compare(X509_get0_notAfter(leaf), end) > 0 && X509_set1_notAfter(leaf, end) != 1) ||
      !add_extension(leaf, ca, NID_basic_constraints, "critical,CA:FALSE") ||
      !add_extension(leaf, ca, NID_key_usage, "critical,digitalSignature") ||
      !add_extension(leaf, ca, NID_ext_key_usage, "serverAuth") ||
      !add_extension(leaf, ca, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") ||
      !add_extension(leaf, ca, NID_subject_key_identifier, "hash") ||
      !add_extension(leaf, ca, NID_authority_key_identifier, "keyid:always") ||
      X509_sign(leaf, authority.key.get(), EVP_sha256()) == 0) {
    return openssl_error("make a certificate");
  }
  return KeyAndCertificate{std::move(key), std::move(made)};
}

std::string text_of(BIO* memory) {
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory, &text);
  return {text, static_cast<std::size_t>(length)};
}

// Empty: out of memory.
std::string print(X509* certificate) {
  const Memory memory(BIO_new(BIO_s_mem()));
  return memory && PEM_write_bio_X509(memory.get(), certificate) == 1 ? text_of(memory.get()) : "";
}
std::string print(EVP_PKEY* key) {
  const Memory memory(BIO_new(BIO_s_secmem()));
  return memory && PEM_write_bio_PKCS8PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1
             ? text_of(memory.get())
             : "";
}

// The authority an earlier emulator left, if it can still be used.
std::optional<KeyAndCertificate> read_authority(const std::string& ca_path, const std::string& key_path) {
  struct stat about {};
  if (::stat(key_path.c_str(), &about) != 0 || !S_ISREG(about.st_mode) || (about.st_mode & 077) != 0) return {};
  const Memory ca_file(BIO_new_file(ca_path.c_str(), "r"));
  const Memory key_file(BIO_new_file(key_path.c_str(), "r"));
  KeyAndCertificate read;
  if (ca_file) read.certificate.reset(PEM_read_bio_X509(ca_file.get(), nullptr, nullptr, nullptr));
  // The pass phrase, none, keeps OpenSSL from asking the terminal for one.
  if (key_file) read.key.reset(PEM_read_bio_PrivateKey(key_file.get(), nullptr, nullptr, const_cast<char*>("")));
  ERR_clear_error();
  if (!read.certificate || !read.key) return {};
  X509* ca = read.certificate.get();
  std::time_t tomorrow = std::time(nullptr) + kDay;
  const bool usable = X509_check_private_key(ca, read.key.get()) == 1 && X509_check_ca(ca) == 1 &&
                      X509_get_ext_by_NID(ca, NID_name_constraints, -1) >= 0 &&
                      X509_cmp_current_time(X509_get0_notBefore(ca)) < 0 &&
                      X509_cmp_time(X509_get0_notAfter(ca), &tomorrow) > 0;
  ERR_clear_error();
  return usable ? std::optional(std::move(read)) : std::nullopt;
}

// In one step: a reader sees the old file or the new one, and the mode is right from the first byte.
Status write_file(const std::string& path, const std::string& text, mode_t mode) {
  const std::string draft = path + ".new";
  ::unlink(draft.c_str());
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return file_error(draft, "write");
  const bool written = ::fchmod(fd, mode) == 0 &&  // whatever the umask says
                       ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool closed = ::close(fd) == 0;
  if (!written || !closed || ::rename(draft.c_str(), path.c_str()) != 0) {
    Error error = file_error(path, "write");
    ::unlink(draft.c_str());
    return error;
  }
  return done();
}

}  // namespace

Result<std::unique_ptr<Authority>> Authority::open(const std::string& data_dir) {
  namespace fs = std::filesystem;
  std::unique_ptr<Authority> opened(new Authority);
  std::error_code failure;
  std::string folder = fs::absolute(data_dir.empty() ? "." : data_dir, failure).string();
  if (data_dir.empty()) {
    folder = (fs::temp_directory_path(failure) / "teamferry-ca-XXXXXX").string();
    if (failure || ::mkdtemp(folder.data()) == nullptr) return file_error(folder, "make");
    opened->temporary_folder_ = folder;
  }
  opened->ca_file_ = folder + "/ca.pem";
  const std::string key_path = folder + "/ca-key.pem";

  std::optional<KeyAndCertificate> kept;
  if (!data_dir.empty()) kept = read_authority(opened->ca_file_, key_path);
  if (!kept) {
    auto made = make_authority();
    if (!made) return made.error();
    const std::string certificate = print(made->certificate.get());
    if (certificate.empty()) return openssl_error("print a certificate");
    if (!data_dir.empty()) {
      const std::string key = print(made->key.get());
      if (key.empty()) return openssl_error("print a key");
      Status written = write_file(key_path, key, 0600);
      if (!written) return written.error();
    }
    Status written = write_file(opened->ca_file_, certificate, 0644);
    if (!written) return written.error();
    kept = std::move(made).value();
  }
  auto leaf = make_leaf(*kept);
  if (!leaf) return leaf.error();
  opened->ca_pem_ = print(kept->certificate.get());
  opened->identity_ = {print(leaf->certificate.get()), print(leaf->key.get())};
  if (opened->ca_pem_.empty() || opened->identity_.chain.empty() || opened->identity_.key.empty()) {
    return openssl_error("print a certificate");
  }
  return opened;
}

Authority::~Authority() {
  withdraw();
}

void Authority::withdraw() {
  if (temporary_folder_.empty()) return;
  ::unlink(ca_file_.c_str());
  ::rmdir(temporary_folder_.c_str());
  temporary_folder_.clear();
}

}  // namespace teamferry::emulator
