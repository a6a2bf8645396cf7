#include "native/emulator/authority.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace teamferry::emulator {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "teamferry-authority-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

std::unique_ptr<Authority> open_in(const std::string& folder) {
  auto opened = Authority::open(folder);
  if (!opened) FAIL(opened.error().to_string());
  return std::move(opened).value();
}

std::string slurp(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}
void spill(const fs::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate read_certificate(const std::string& pem) {
  BIO* memory = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  Certificate read(PEM_read_bio_X509(memory, nullptr, nullptr, nullptr), X509_free);
  BIO_free(memory);
  REQUIRE(read);
  return read;
}

// As a person reads it: "openssl x509 -text".
std::string text_of(X509* certificate) {
  BIO* memory = BIO_new(BIO_s_mem());
  X509_print(memory, certificate);
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory, &text);
  std::string out(text, static_cast<std::size_t>(length));
  BIO_free(memory);
  return out;
}

// To the nearest: it ends some seconds before or after.
int days_left(X509* certificate) {
  int days = 0;
  int seconds = 0;
  REQUIRE(ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate)) == 1);
  return days + (seconds > 12 * 3600 ? 1 : 0);
}

// X509_V_OK, or why not.
int verify(X509* leaf, X509* ca) {
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, ca);
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, leaf, nullptr);
  X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context), X509_V_FLAG_X509_STRICT);
  X509_verify_cert(context);
  const int outcome = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return outcome;
}

// A certificate by the kept authority for a name that is none of ours, signed with the key it has left on the disk.
Certificate foreign_leaf(const fs::path& folder, X509* ca, const char* names) {
  const std::string pem = slurp(folder / "ca-key.pem");
  BIO* memory = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(memory, nullptr, nullptr, nullptr);
  BIO_free(memory);
  REQUIRE(key != nullptr);
  Certificate leaf(X509_new(), X509_free);
  X509_set_version(leaf.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(leaf.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(leaf.get()), 3600);
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(ca));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(leaf.get()), "O", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>("Foreign"), -1, -1, 0);
  X509_set_pubkey(leaf.get(), key);
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, ca, leaf.get(), nullptr, nullptr, 0);
  for (const auto& [kind, value] : {std::pair<int, const char*>{NID_subject_alt_name, names},
                                    {NID_subject_key_identifier, "hash"},
                                    {NID_authority_key_identifier, "keyid:always"}}) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
    REQUIRE(extension != nullptr);
    X509_add_ext(leaf.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  REQUIRE(X509_sign(leaf.get(), key, EVP_sha256()) != 0);
  EVP_PKEY_free(key);
  return leaf;
}

mode_t mode_of(const fs::path& path) {
  struct stat about {};
  REQUIRE(stat(path.c_str(), &about) == 0);
  return about.st_mode & 0777;
}

}  // namespace

TEST_CASE("The authority vouches for this machine's names and no others", "[authority]") {
  const Folder folder;
  const auto authority = open_in(folder.path);
  const Certificate ca = read_certificate(authority->ca_pem());
  const Certificate leaf = read_certificate(authority->identity().chain);
  CHECK(verify(leaf.get(), ca.get()) == X509_V_OK);
  CHECK(X509_check_host(leaf.get(), "localhost", 0, 0, nullptr) == 1);
  CHECK(X509_check_ip_asc(leaf.get(), "127.0.0.1", 0) == 1);
  CHECK(X509_check_ip_asc(leaf.get(), "::1", 0) == 1);
  CHECK(X509_check_host(leaf.get(), "graph.microsoft.com", 0, 0, nullptr) != 1);
  for (const char* names : {"DNS:graph.microsoft.com", "IP:127.0.0.2", "IP:10.0.0.1", "IP:fe80::1"}) {
    INFO(names);
    CHECK(verify(foreign_leaf(folder.path, ca.get(), names).get(), ca.get()) == X509_V_ERR_PERMITTED_VIOLATION);
  }
  CHECK(verify(foreign_leaf(folder.path, ca.get(), "DNS:localhost").get(), ca.get()) == X509_V_OK);
}

TEST_CASE("Both certificates last 30 days, began before now and say what they are for", "[authority]") {
  const auto authority = open_in("");
  const Certificate ca = read_certificate(authority->ca_pem());
  const Certificate leaf = read_certificate(authority->identity().chain);
  for (X509* each : {ca.get(), leaf.get()}) {
    CHECK(days_left(each) == 30);
    std::time_t recently = time(nullptr) - 60;
    CHECK(X509_cmp_time(X509_get0_notBefore(each), &recently) < 0);
    CHECK_THAT(text_of(each), Catch::Contains("prime256v1") && Catch::Contains("Subject Key Identifier") &&
                                  Catch::Contains("Authority Key Identifier"));
  }
  CHECK_THAT(text_of(ca.get()), Catch::Contains("Name Constraints: critical") &&
                                    Catch::Contains("CA:TRUE, pathlen:0") && Catch::Contains("Key Usage: critical") &&
                                    Catch::Contains("Certificate Sign, CRL Sign"));
  CHECK_THAT(text_of(leaf.get()),
             Catch::Contains("CA:FALSE") && Catch::Contains("TLS Web Server Authentication") &&
                 Catch::Contains("DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1"));
}

TEST_CASE("Without a data folder only the certificate is written, and it goes with the stop", "[authority]") {
  const auto authority = open_in("");
  const fs::path file = authority->ca_file();
  CHECK(file.is_absolute());
  CHECK(slurp(file) == authority->ca_pem());
  CHECK(mode_of(file.parent_path()) == 0700);
  CHECK(std::distance(fs::directory_iterator(file.parent_path()), {}) == 1);
  CHECK(authority->ca_pem().find("PRIVATE") == std::string::npos);
  authority->withdraw();
  CHECK_FALSE(fs::exists(file.parent_path()));
}

TEST_CASE("A data folder keeps the authority; the server's certificate is new each time", "[authority]") {
  const Folder folder;
  const auto first = open_in(folder.path);
  CHECK(first->ca_file() == (folder.path / "ca.pem").string());
  CHECK(mode_of(folder.path / "ca.pem") == 0644);
  CHECK(mode_of(folder.path / "ca-key.pem") == 0600);
  const auto second = open_in(folder.path);
  CHECK(second->ca_pem() == first->ca_pem());
  CHECK(second->identity().chain != first->identity().chain);
  CHECK(verify(read_certificate(second->identity().chain).get(), read_certificate(first->ca_pem()).get()) == X509_V_OK);
  first->withdraw();
  CHECK(fs::exists(folder.path / "ca.pem"));
}

TEST_CASE("A kept authority that cannot be trusted any more is replaced", "[authority]") {
  const Folder folder;
  const std::string before = open_in(folder.path)->ca_pem();
  const fs::path ca = folder.path / "ca.pem";
  const fs::path key = folder.path / "ca-key.pem";
  SECTION("no key") {
    fs::remove(key);
  }
  SECTION("no certificate") {
    fs::remove(ca);
  }
  SECTION("an empty key") {
    spill(key, "");
  }
  SECTION("half a certificate") {
    spill(ca, before.substr(0, before.size() / 2));
  }
  SECTION("a key that others could read") {
    fs::permissions(key, fs::perms(0640));
  }
  SECTION("the key of another authority") {
    const Folder other;
    open_in(other.path);
    spill(key, slurp(other.path / "ca-key.pem"));
  }
  SECTION("a key behind a pass phrase") {
    spill(key,
          "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGbMFcGCSqGSIb3DQEFDTBK\n-----END ENCRYPTED PRIVATE KEY-----\n");
  }
  SECTION("a certificate that is no authority") {
    spill(ca, open_in(folder.path)->identity().chain);
  }
  const auto after = open_in(folder.path);
  CHECK(after->ca_pem() != before);
  CHECK(slurp(ca) == after->ca_pem());
  CHECK(mode_of(key) == 0600);
  CHECK(verify(read_certificate(after->identity().chain).get(), read_certificate(after->ca_pem()).get()) == X509_V_OK);
}

TEST_CASE("An authority with less than a day left is replaced", "[authority]") {
  const Folder folder;
  const auto first = open_in(folder.path);
  const Certificate ca = read_certificate(first->ca_pem());
  const auto shorten = [&](long seconds) {
    const std::string pem = slurp(folder.path / "ca-key.pem");
    BIO* memory = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(memory, nullptr, nullptr, nullptr);
    BIO_free(memory);
    X509_gmtime_adj(X509_getm_notAfter(ca.get()), seconds);
    X509_sign(ca.get(), key, EVP_sha256());
    EVP_PKEY_free(key);
    BIO* out = BIO_new_file((folder.path / "ca.pem").c_str(), "w");
    PEM_write_bio_X509(out, ca.get());
    BIO_free(out);
    return slurp(folder.path / "ca.pem");
  };
  const std::string two_days = shorten(48 * 3600);
  const auto kept = open_in(folder.path);
  CHECK(kept->ca_pem() == two_days);
  CHECK(days_left(read_certificate(kept->identity().chain).get()) == 2);  // no leaf outlives its authority
  const std::string hours = shorten(23 * 3600);
  CHECK(open_in(folder.path)->ca_pem() != hours);
}

TEST_CASE("A folder that cannot be written is an error, not a crash", "[authority]") {
  const Folder folder;
  spill(folder.path / "file", "");
  const auto opened = Authority::open(folder.path / "file");
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == "emulator_tls");
}

}  // namespace teamferry::emulator
