#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bindings/host.h"
#include "bindings/spool.h"
#include "native/migrate/mapper.h"

namespace teamferry::bindings {

// A source script as the planner sees it: one Lua state, the script in it, the export opened.
//
// Reads rooms and records in the order of the script, each in a cell of stdlib/run.lua; a record that fails is parked
// with file and line, one that cannot be read with its place, and the others go on. One that hung an earlier plan with
// the same scripts is parked untried. Belongs to one thread. Tested by
// tests/bindings/lua_mapper_test.cpp.
class LuaMapper : public migrate::Mapper {
 public:
  struct Options {
    ScriptPlace script;
    std::map<std::string, std::string> args;  // of the command line, as text
    Host::Options host;                       // `project` is the script's
    bool survey = false;                      // counts what messages are made of, for constructs()
    std::string hangs;                        // file in which records that hang are noted; empty: nowhere
    const std::atomic<bool>* stop = nullptr;  // once true, reading ends with the error `interrupted`
  };

  // Fails with the sentence that names the argument, the file and the line.
  static Result<std::unique_ptr<LuaMapper>> open(Options options);
  ~LuaMapper() override;

  Host& host() { return *host_; }
  // One argument in force as text; empty if it has none. Lists are joined with commas.
  std::string arg(const char* name);

  Status people(const migrate::PersonSink& sink) override;
  Status conversations(const migrate::PlaceSink& sink) override;
  Status messages(const migrate::MappedPlace& place, bool map, const migrate::MessageSink& sink) override;
  std::uint64_t size_of(const migrate::MappedPlace& place) override;
  std::vector<std::string> warnings() override { return std::exchange(host_->warnings(), {}); }
  // A state of its own with the script in it. One stream that holds all rooms has one reader only.
  Another another() override;
  void on_proven(std::function<void()> proven) override;
  // Hands what the scripts of other mappers have said to the log, which belongs to this one's thread.
  void tell_log();

  // What the mapped messages are made of, of all mappers together, by the names of stdlib/census.lua; empty without
  // Options::survey. To be asked once the others are gone.
  struct Construct {
    std::int64_t count = 0, messages = 0;
  };
  std::map<std::string, Construct> constructs();

  // Asks the script's `finish` whether the plan may stand; an error is its reason.
  Status finish(const std::map<std::string, std::int64_t>& summary);

 private:
  // What the mappers on other threads leave for the first one.
  struct Others;
  static Result<std::unique_ptr<LuaMapper>> open(Options options, std::shared_ptr<Others> others);

  explicit LuaMapper(std::unique_ptr<Host> host) : host_(std::move(host)) {}
  std::map<std::string, Construct> own_constructs();
  void make_sink();
  void heed_hangs();
  Status drive(const char* method, int n);
  Status read_stream();
  void stop();
  template <class Deliver>
  int answer(lua_State* L, Deliver deliver);

  static int on_person(lua_State* L);
  static int on_conversation(lua_State* L);
  static int on_message(lua_State* L);
  static int on_skipped(lua_State* L);
  static int on_parked(lua_State* L);
  static int on_loss(lua_State* L);
  static int on_proof(lua_State* L);

  bool deliver_person(lua_State* L);
  bool deliver_place(lua_State* L);
  bool deliver_message(lua_State* L);
  bool deliver_skipped(lua_State* L);
  bool deliver_parked(lua_State* L);
  bool drain_bad();
  void park_refused();
  bool park_place(const std::string& record, const std::string& error);
  bool hand_over();
  std::string_view place_text(lua_State* L, int file, int index);
  void read_losses(lua_State* L, int index);
  void take_noted(std::vector<migrate::Loss>& losses);
  void warn_of_noted(const std::string& where);

  std::unique_ptr<Host> host_;
  Options options_;                 // as they were given, for another()
  std::shared_ptr<Others> others_;  // shared by all
  bool is_other_ = false;
  std::function<void()> proven_;
  int job_ = LUA_NOREF, sink_ = LUA_NOREF;
  const migrate::PersonSink* person_sink_ = nullptr;
  const migrate::PlaceSink* place_sink_ = nullptr;
  const migrate::MessageSink* message_sink_ = nullptr;
  bool map_ = true;
  bool stopped_ = false;
  std::string room_;                     // source id of the conversation being read; empty while one stream holds all
  std::string_view conversation_;        // of the message being handed over
  std::unique_ptr<Spool> spool_;         // what was read, if one stream holds all rooms
  std::vector<migrate::Loss> noted_;     // losses of reading steps: they go to the next conversation or message
  std::set<std::string> parked_places_;  // records that stand for a room that cannot be read
  std::exception_ptr failure_;
  const std::atomic<bool>* stop_asked_ = nullptr;

  // Used again for each record.
  migrate::MappedMessage message_;
  std::vector<migrate::Loss> losses_;
  std::string place_, reason_;
};

}  // namespace teamferry::bindings
