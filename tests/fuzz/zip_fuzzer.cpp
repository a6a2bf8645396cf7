// Opens any bytes as an archive and reads every entry it lists.
// With clang: clang++ -fsanitize=fuzzer,address ...; in the test suite tests/native/archive/fuzz_test.cpp runs it.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "native/archive/archive.h"

using namespace teamferry::archive;

namespace {

std::string scratch_file() {
  std::string name = (std::filesystem::temp_directory_path() / "teamferry-zip-fuzz-XXXXXX").string();
  const int file = mkstemp(name.data());
  if (file < 0) std::abort();
  close(file);
  return name;
}

}  // namespace

extern "C" int zip_fuzzer(const std::uint8_t* data, std::size_t size) {
  struct Scratch {
    std::string path = scratch_file();
    ~Scratch() { unlink(path.c_str()); }
  };
  static const Scratch scratch;
  std::ofstream(scratch.path, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  Limits limits;
  limits.entry_bytes = 1 << 20;
  limits.ratio_from = 1 << 20;
  const auto archive = Archive::open(scratch.path, limits);
  if (!archive) {
    if (archive.error().message.find(scratch.path) == std::string::npos) std::abort();  // it names the archive
    return 0;
  }
  Bytes bytes;
  for (const auto name : (*archive)->list()) {
    const auto read = (*archive)->read(name, bytes);
    if (read && bytes.size() > limits.entry_bytes) std::abort();
  }
  (*archive)->list("**/");
  return 0;
}

#ifdef TEAMFERRY_LIBFUZZER
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return zip_fuzzer(data, size);
}
#endif
