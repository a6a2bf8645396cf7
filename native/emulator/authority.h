#pragma once

#include <memory>
#include <string>

#include "native/base/result.h"

namespace teamferry::emulator {

// What the server proves itself with: PEM, the leaf first. The key never leaves the memory.
struct Identity {
  std::string chain;
  std::string key;
};

// A certificate authority for this machine alone, and the server's certificate by it.
//
// Name constraints (critical) bind the authority to localhost, 127.0.0.1 and ::1, so that whoever trusts it trusts
// nothing else; it lasts 30 days. With a data folder it is kept there as ca.pem and, for the owner alone, ca-key.pem,
// and is used again while more than a day of it is left. Otherwise its key is gone once the server's certificate is
// signed, and ca.pem lies in a private temporary folder. Its times are the system's, whatever clock the emulator has.
// Source: RFC 5280, sections 4.2.1.9 (name constraints) and 4.2.1.10.
// Tested by tests/native/emulator/authority_test.cpp.
class Authority {
 public:
  // `data_dir` must exist, or be empty. A kept authority that is damaged, nearly over, not ours, or whose key others
  // could read is replaced. Fails when files cannot be written.
  static Result<std::unique_ptr<Authority>> open(const std::string& data_dir);

  ~Authority();  // withdraws
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  const std::string& ca_pem() const { return ca_pem_; }
  const std::string& ca_file() const { return ca_file_; }  // absolute path
  const Identity& identity() const { return identity_; }

  // Removes the temporary folder, if there is one.
  void withdraw();

 private:
  Authority() = default;

  std::string ca_pem_;
  std::string ca_file_;
  std::string temporary_folder_;
  Identity identity_;
};

}  // namespace teamferry::emulator
