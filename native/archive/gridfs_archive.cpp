// GridFS, in which MongoDB keeps files: "uploads.files.bson" says what there is, "uploads.chunks.bson" holds the bytes
// in pieces. Each file is an entry "uploads/ID". What is there is read at opening; where its pieces lie, once one is
// read. Source: https://github.com/mongodb/specifications/blob/master/source/gridfs/gridfs-spec.md
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

#include "native/archive/bson.h"
#include "native/archive/byte_source.h"
#include "native/archive/catalog.h"
#include "native/archive/entry_name.h"
#include "native/archive/openers.h"

namespace teamferry::archive {
namespace {

constexpr std::string_view kFilesEnding = ".files.bson", kChunksEnding = ".chunks.bson";
constexpr std::size_t kChunkFront = 512;  // of a chunk, where its id and number stand

struct GridChunk {
  std::int64_t n = 0;
  std::uint64_t at = 0, size = 0;  // of its bytes in the file of chunks
};
struct GridFile {
  std::string id;
  std::size_t bucket = 0;
  std::uint64_t size = 0;
};
struct GridBucket {
  std::string chunks_name;
  std::once_flag looked;
  std::string wrong;  // why its chunks cannot be read
  std::map<std::string, std::vector<GridChunk>> chunks;
};

std::int64_t integer_of(const BsonElement& element) {
  const auto id = element.type == kBsonDouble || element.type == kBsonText ? std::string() : bson_id(element);
  if (element.type == kBsonDouble && element.value.size() == 8) {
    double value = 0;
    std::memcpy(&value, element.value.data(), 8);
    return value >= 0 && value < 1e15 ? static_cast<std::int64_t>(value) : -1;
  }
  return id.empty() || element.type == kBsonObjectId ? -1 : std::stoll(id);
}

// What all handles share.
struct GridIndex {
  std::unique_ptr<Catalog> catalog;  // the place of an entry is its file, or kElsewhere
  std::vector<GridFile> files;
  std::vector<std::unique_ptr<GridBucket>> buckets;
};
constexpr std::uint64_t kElsewhere = UINT64_MAX;

class GridArchive final : public Archive {
 public:
  GridArchive(std::unique_ptr<Archive> inner, std::shared_ptr<GridIndex> index)
      : inner_(std::move(inner)), index_(std::move(index)) {}

  std::unique_ptr<Archive> share() const override { return std::make_unique<GridArchive>(inner_->share(), index_); }
  const std::string& path() const override { return inner_->path(); }
  std::vector<std::string_view> list(std::string_view glob) const override { return index_->catalog->list(glob); }
  bool has(std::string_view name) const override { return index_->catalog->has(name) || inner_->has(name); }
  std::uint64_t size(std::string_view name) const override {
    return index_->catalog->has(name) ? index_->catalog->size(name) : inner_->size(name);
  }
  Status read(std::string_view name, Bytes& bytes) override { return read_capped(name, bytes, limits().entry_bytes); }
  const std::vector<Problem>& problems() const override { return inner_->problems(); }
  const std::string& fingerprint() const override { return inner_->fingerprint(); }

 protected:
  const Limits& limits() const override { return limits_of(*inner_); }

  Status read_capped(std::string_view name, Bytes& bytes, std::uint64_t cap) override {
    const auto* entry = index_->catalog->find(name);
    if (entry == nullptr || entry->place == kElsewhere) return read_capped_of(*inner_, name, bytes, cap);
    const auto& file = index_->files[entry->place];
    auto& bucket = *index_->buckets[file.bucket];
    const auto fail = [&](const char* code, const std::string& why) -> Status {
      return Error::argument(
          code, fmt::format("{}: the file {} of {} {}", path(), shown_name(file.id), bucket.chunks_name, why));
    };
    auto& source = sources_[file.bucket];
    if (!source) {
      auto opened = file_of_other(*inner_, bucket.chunks_name);
      if (!opened) return std::move(opened).error();
      source = std::make_unique<FileSource>(std::move(*opened));
    }
    std::call_once(bucket.looked, [&] { look_at(bucket, *source); });
    const auto found = bucket.chunks.find(file.id);
    if (found == bucket.chunks.end()) return fail("no_entry", "has no bytes there" + bucket.wrong);
    if (file.size > cap) return fail("too_large", fmt::format("takes {} bytes, the limit is {}", file.size, cap));
    std::uint64_t held = 0;
    for (std::size_t i = 0; i < found->second.size(); ++i) {
      if (found->second[i].n != static_cast<std::int64_t>(i))
        return fail("damaged", fmt::format("lacks its piece {}", i));
      held += found->second[i].size;
    }
    if (held != file.size) {
      return fail("damaged", fmt::format("takes {} bytes, of which {} are there{}", file.size, held, bucket.wrong));
    }
    bytes.resize(file.size);
    std::uint64_t size = 0;
    for (const auto& chunk : found->second) {
      const auto got = source->read_at(chunk.at, bytes.data() + size, chunk.size);
      if (!got || *got < chunk.size) return fail("damaged", "cannot be read any more");
      size += chunk.size;
    }
    return done();
  }

 private:
  // Goes through the chunks, reading the front of each.
  static void look_at(GridBucket& bucket, ByteSource& source) {
    std::string front(kChunkFront, '\0');
    for (std::uint64_t at = 0;;) {
      auto got = source.read_at(at, front.data(), front.size());
      if (!got || *got == 0) break;
      const auto seen = std::string_view(front).substr(0, *got);
      const auto length = bson_length(seen);
      if (!length) {
        bucket.wrong = fmt::format("; the pieces cannot be read from byte {} on", at);
        break;
      }
      GridChunk chunk;
      std::string id;
      for (std::size_t inner = 4; inner < *length;) {
        const auto before = inner;
        const auto element = bson_element(seen.substr(0, *length), inner);
        if (!element) break;
        if (element->name == "files_id") id = bson_id(*element);
        if (element->name == "n") chunk.n = integer_of(*element);
        if (element->name == "data" && element->type == kBsonBinary && inner < *length) {
          constexpr std::size_t kBinaryFront = 5;  // its length and kind
          chunk.at = at + before + 1 + element->name.size() + 1 + kBinaryFront;
          chunk.size = at + inner - chunk.at;
        }
      }
      if (!id.empty()) bucket.chunks[id].push_back(chunk);
      at += *length;
    }
    for (auto& [id, chunks] : bucket.chunks) {
      std::sort(chunks.begin(), chunks.end(), [](const auto& a, const auto& b) { return a.n < b.n; });
    }
  }

  std::unique_ptr<Archive> inner_;
  std::shared_ptr<GridIndex> index_;
  std::map<std::size_t, std::unique_ptr<ByteSource>> sources_;  // of this handle, by bucket
};

// Takes what "uploads.files.bson" names.
void take_files(std::string_view bytes, const std::string& front, GridIndex& index) {
  const auto bucket = index.buckets.size() - 1;
  while (true) {
    const auto length = bson_length(bytes);
    if (!length || *length > bytes.size()) return;
    GridFile file;
    file.bucket = bucket;
    std::int64_t size = -1;
    for (std::size_t at = 4; at < *length;) {
      const auto element = bson_element(bytes.substr(0, *length), at);
      if (!element) break;
      if (element->name == "_id") file.id = bson_id(*element);
      if (element->name == "length") size = integer_of(*element);
    }
    bytes.remove_prefix(*length);
    const auto checked = check_name(front + file.id);
    if (file.id.empty() || size < 0 || checked.refused || checked.name != front + file.id || !is_utf8(file.id))
      continue;
    file.size = static_cast<std::uint64_t>(size);
    index.catalog->add(checked.name, index.files.size(), file.size, 0);
    index.files.push_back(std::move(file));
  }
}

}  // namespace

std::unique_ptr<Archive> with_gridfs(std::unique_ptr<Archive> dump) {
  std::vector<std::string> fronts;
  for (const auto name : dump->list("**.files.bson")) {
    const auto front = std::string(name.substr(0, name.size() - kFilesEnding.size()));
    if (dump->has(front + std::string(kChunksEnding))) fronts.push_back(front);
  }
  if (fronts.empty()) return dump;
  auto index = std::make_shared<GridIndex>();
  index->catalog = std::make_unique<Catalog>(dump->path(), Limits{});
  for (const auto& front : fronts) {
    Bytes bytes;
    if (!dump->read(front + std::string(kFilesEnding), bytes)) continue;  // its reader is told when it reads it
    index->buckets.push_back(std::make_unique<GridBucket>());
    index->buckets.back()->chunks_name = front + std::string(kChunksEnding);
    take_files(bytes.view(), front + '/', *index);
  }
  for (const auto glob : {"**", "**/"}) {
    for (const auto name : dump->list(glob)) index->catalog->add(name, kElsewhere, dump->size(name), 0);
  }
  index->catalog->finish(false);
  return std::make_unique<GridArchive>(std::move(dump), std::move(index));
}

}  // namespace teamferry::archive
