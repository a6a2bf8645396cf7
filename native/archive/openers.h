#pragma once

#include <memory>
#include <string>

#include "native/archive/archive.h"

// The kinds of archive behind Archive::open().
namespace teamferry::archive {

class File;

Result<std::unique_ptr<Archive>> open_zip(const std::string& path, std::shared_ptr<const File> file,
                                          const Limits& limits);
Result<std::unique_ptr<Archive>> open_folder(const std::string& path, const Limits& limits);
Result<std::unique_ptr<Archive>> open_single_file(const std::string& path, const Limits& limits);

}  // namespace teamferry::archive
