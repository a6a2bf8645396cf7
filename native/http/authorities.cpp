#include "native/http/authorities.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <new>
#include <stdexcept>

namespace teamferry::http {

void Authorities::Free::operator()(x509_store_st* store) const {
  X509_STORE_free(store);
}

void Authorities::set_on(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, this);
  if (curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, &on_tls) != CURLE_OK) {
    throw std::runtime_error("this libcurl is built without OpenSSL");
  }
}

CURLcode Authorities::on_tls(CURL*, void* context, void* self) {
  auto& authorities = *static_cast<Authorities*>(self);
  auto* tls = static_cast<SSL_CTX*>(context);
  if (!authorities.store_ && !authorities.read()) return CURLE_SSL_CACERT_BADFILE;
  SSL_CTX_set1_cert_store(tls, authorities.store_.get());
  SSL_CTX_clear_mode(tls, SSL_MODE_RELEASE_BUFFERS);
  return CURLE_OK;
}

bool Authorities::read() {
  std::unique_ptr<x509_store_st, Free> store(X509_STORE_new());
  if (!store) throw std::bad_alloc();
  const auto* built = curl_version_info(CURLVERSION_NOW);
  const char* file = file_.empty() ? built->cainfo : file_.c_str();
  if (file && X509_STORE_load_file(store.get(), file) != 1) {
    problem_ = fmt::format("the certificate authorities in {} cannot be read", file);
    return false;
  }
  if (built->capath) X509_STORE_load_path(store.get(), built->capath);  // looked into when one is asked for
  // As libcurl has it: a chain ends where it meets an authority that is trusted, be it an intermediate one.
  X509_STORE_set_flags(store.get(), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  store_ = std::move(store);
  return true;
}

}  // namespace teamferry::http
