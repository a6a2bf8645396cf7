#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "native/journal/journal.h"

// Journals to try things on.
namespace teamferry::journal {

inline constexpr ConversationId kGeneral = 1;
inline const DateTime kNoon{1549281600000};  // 2019-02-04T12:00:00.000Z

inline DateTime at(std::int64_t ms) {
  return DateTime{kNoon.ms + ms};
}
inline RowId row(std::uint32_t ordinal) {
  return row_id(kGeneral, ordinal);
}

// A folder that goes when the test ends.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "journal-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline PlanRow planned(std::uint32_t ordinal, std::string_view key, std::int64_t ms, RowId root = 0) {
  PlanRow r;
  r.id = row(ordinal);
  r.key = key;
  r.record = "general/2019-02-04.json record 1";
  r.time = r.planned_time = at(ms);
  r.root = root;
  return r;
}

inline PlanRow skipped(std::uint32_t ordinal, std::string_view key, std::string_view reason) {
  PlanRow r;
  r.id = row(ordinal);
  r.key = key;
  r.state = State::skipped;
  r.reason = reason;
  return r;
}

inline Conversation general() {
  Conversation c;
  c.id = kGeneral;
  c.source_id = "C1";
  c.displayName = "General";
  c.kind = "channel";
  c.team = 1;
  c.state = "planned";
  c.floor = at(-1000);
  return c;
}

// A plan of `messages` messages, one a second, with bodies.
inline void write_plan(Journal& journal, int messages) {
  auto writer = std::move(journal.begin_plan().value());
  writer->put_team(Team{1, "Acme", "{}", "", "planned", ""}).value();
  writer->put_conversation(general()).value();
  writer->begin_conversation(kGeneral).value();
  for (int i = 1; i <= messages; ++i) {
    writer->put_body(row(i), R"({"n":)" + std::to_string(i) + "}").value();
    writer->put(planned(i, "k" + std::to_string(i), i * 1000)).value();
  }
  writer->conversation_done(kGeneral).value();
  writer->finish().value();
}

}  // namespace teamferry::journal
