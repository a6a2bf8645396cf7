#include "native/emulator/tls.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>

namespace teamferry::emulator {
namespace {

// Clients that offer h2 as well are told that it is HTTP/1.1; one that offers something else alone is not refused.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned int offered_length, void*) {
  static constexpr unsigned char kSpoken[] = "\x08http/1.1";
  unsigned char* match = nullptr;
  if (SSL_select_next_proto(&match, length, kSpoken, sizeof kSpoken - 1, offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = match;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(const Identity& identity) {
  namespace asio = boost::asio;
  try {
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    context->use_certificate_chain(asio::buffer(identity.chain));
    context->use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
    SSL_CTX* handle = context->native_handle();
    SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
    SSL_CTX_set_mode(handle, SSL_MODE_RELEASE_BUFFERS);  // idle connections are many
    SSL_CTX_set_options(handle, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_alpn_select_cb(handle, choose_protocol, nullptr);
    return context;
  } catch (const std::exception& failure) {  // Boost's way of telling
    return Error::state("emulator_tls", fmt::format("the emulator cannot set up TLS: {}", failure.what()));
  }
}

}  // namespace teamferry::emulator
