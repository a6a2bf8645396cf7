#pragma once

#include <memory>
#include <string>
#include <vector>

#include "native/archive/archive.h"

// The kinds of archive behind Archive::open().
namespace teamferry::archive {

class File;

Result<std::unique_ptr<Archive>> open_zip(const std::string& path, std::shared_ptr<const File> file,
                                          const Limits& limits);
Result<std::unique_ptr<Archive>> open_tar(const std::string& path, std::shared_ptr<const File> file, bool gzipped,
                                          const Limits& limits);
Result<std::unique_ptr<Archive>> open_folder(const std::string& path, const Limits& limits);
Result<std::unique_ptr<Archive>> open_single_file(const std::string& path, const Limits& limits);

// Shows files that gzip packs as what they hold: data files, or with `any` every file.
std::unique_ptr<Archive> with_unpacked(std::unique_ptr<Archive> packed, bool any);

// Adds the files that a MongoDB dump keeps in GridFS, if there are any.
std::unique_ptr<Archive> with_gridfs(std::unique_ptr<Archive> dump);

// Whether there are archives in it and nothing else.
bool is_all_archives(const Archive& archive);

// Several archives as the folders of one. Requires as many names as parts, and at least one.
Result<std::unique_ptr<Archive>> gathered(std::string path, std::vector<std::string> names,
                                          std::vector<std::unique_ptr<Archive>> parts);

}  // namespace teamferry::archive
