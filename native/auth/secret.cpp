#include "native/auth/secret.h"

#include <openssl/crypto.h>

#include "native/http/url.h"

namespace teamferry::auth {

void Secret::wipe() {
  OPENSSL_cleanse(value_.data(), value_.size());
  value_.clear();
}

void redact(std::string& text, const std::string& secret, std::string_view instead) {
  if (secret.empty()) return;
  const auto take_out = [&](const std::string& form) {
    for (auto at = text.find(form); at != text.npos; at = text.find(form, at + instead.size())) {
      text.replace(at, form.size(), instead);
    }
  };
  take_out(secret);
  if (const std::string encoded = http::percent_encode(secret); encoded != secret) take_out(encoded);
}

}  // namespace teamferry::auth
