#include "native/auth/secret.h"

#include <openssl/crypto.h>

namespace teamferry::auth {

void Secret::wipe() {
  OPENSSL_cleanse(value_.data(), value_.size());
  value_.clear();
}

}  // namespace teamferry::auth
