#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "bindings/host.h"
#include "bindings/values.h"

namespace teamferry::bindings::test {

// A folder that is gone with its test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "teamferry-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const Folder& write(const std::string& name, const std::string& text) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return *this;
  }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

// A host with what its scripts said.
class Script {
 public:
  explicit Script(Host::Options options = {}) {
    options.log = [this](Host::Level, std::string_view line) { lines.emplace_back(line); };
    auto made = Host::create(std::move(options));
    if (!made) throw std::runtime_error(made.error().message);
    host = std::move(*made);
  }

  // What the script returns, as tostring has it; or "error: ..." with the sentence.
  std::string run(const std::string& text) {
    const Folder folder;
    folder.write("test.lua", text);
    return load({folder.path(), "test.lua", ""});
  }
  std::string load(const ScriptPlace& place) {
    lua_State* L = host->state();
    const StackGuard guard(L);
    if (auto loaded = host->load_script(place); !loaded) return "error: " + loaded.error().message;
    lua_getglobal(L, "tostring");
    lua_insert(L, -2);
    lua_call(L, 1, 1);
    return lua_tostring(L, -1);
  }

  std::unique_ptr<Host> host;
  std::vector<std::string> lines;
};

}  // namespace teamferry::bindings::test
