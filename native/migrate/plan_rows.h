#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "native/journal/journal.h"

// What planning keeps in memory of the messages of one conversation: some 70 bytes and their texts.
namespace teamferry::migrate {

// A text of an arena, in eight bytes.
struct Text {
  std::uint64_t at : 40 = 0;
  std::uint64_t size : 24 = 0;
  bool empty() const { return size == 0; }
};

// Texts in large blocks. Views hold as long as the arena.
class Arena {
 public:
  static constexpr std::size_t kBlock = 1u << 18;
  Text add(std::string_view text);  // what is longer than a block is cut
  std::string_view view(Text text) const {
    return {blocks_.empty() ? "" : blocks_[text.at / kBlock].get() + text.at % kBlock, text.size};
  }

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t used_ = kBlock;  // of the last block
};

inline constexpr std::int64_t kNoTime = INT64_MIN;
inline constexpr std::uint32_t kNone = UINT32_MAX;

struct Row {
  std::int64_t source = kNoTime;  // the record's own time, ms
  std::int64_t time = kNoTime;    // the time it goes out with; before settling: the one of an earlier plan
  Text key, record, reply_to, reason;
  std::uint32_t ordinal = 0;
  std::uint32_t root = kNone;  // index of the root's row
  std::uint32_t hash = 0;      // of the mapped body: tells duplicates from messages that only share a key
  journal::State state = journal::State::planned;
  bool added : 1 = false;
  bool was_added : 1 = false;  // says the journal
  bool keyless : 1 = false;    // the record was skipped or parked before it had a key
  bool known : 1 = false;      // the journal has this row from an earlier plan
  bool frozen : 1 = false;     // sent, sending or in doubt: stays as it is
  bool ghost : 1 = false;      // frozen, and no longer in the export
  bool seen : 1 = false;       // the export holds it
  bool flattened : 1 = false;  // replies to a reply
  bool orphan : 1 = false;     // its root is not in the export, or skipped
  bool had_time : 1 = false;   // the journal had a time for it
  bool released : 1 = false;   // it had one, and gets another
  bool bodied : 1 = false;     // this plan gave it a body

  bool live() const { return state != journal::State::skipped && state != journal::State::failed; }
};

// Finds rows by their keys. Of equal keys it returns the first that was added.
class KeyIndex {
 public:
  using KeyOf = std::function<std::string_view(std::uint32_t)>;
  KeyIndex(std::size_t expected, KeyOf key_of);
  std::uint32_t find(std::string_view key) const;  // kNone: not there
  // False if the key was there before; then nothing is added.
  bool add(std::uint32_t index);

 private:
  KeyOf key_of_;
  std::vector<std::uint32_t> slots_;
};

}  // namespace teamferry::migrate
