#pragma once

#include <cctype>
#include <fstream>
#include <string>

#include "plan_sample.h"
#include "program.h"

namespace teamferry::fake {

using namespace std::chrono_literals;

// A source with people of the emulator's tenant. The journal outlives the programs.
struct Migration {
  // `rules`: what befalls the emulator, as in a file of faults; `seed`: who and what lives in its tenant.
  explicit Migration(const std::string& rules = "", const std::string& seed = "",
                     emulator::Options options = strict()) {
    if (!seed.empty()) {
      options.seed_file = file.path + ".seed.json";
      std::ofstream(options.seed_file) << seed;
    }
    if (!rules.empty()) {
      options.faults_file = file.path + ".faults.json";
      std::ofstream(options.faults_file) << R"({"rules": [)" << rules << "]}";
    }
    emulated = emulator::Emulator::start(options).value();
    world.journal = journal::Journal::open(file.path).value();
    world.limits = throttle::no_limits();
    world.options.channel_patience = {50ms, 20s};
    world.options.team_patience = {50ms, 20s};
    world.options.read_lag = {200ms, 500ms, 1s};
    for (const char* name : {"Ada", "Bo", "Cy", "Archive"}) person(name);
    plan_options.team = "Acme";
    plan_options.people.fallback = "archive@acme.example";
    plan_options.clock = &clock;
  }

  void person(const std::string& name) {
    std::string mail = name + "@acme.example";
    mail[0] = static_cast<char>(std::tolower(mail[0]));
    const auto user = emulated->ensure_user(name, mail).value();
    directory.users[mail] = {user.id, user.displayName, user.userPrincipalName, user.mail};
    mapper.person(name, name, mail);
  }

  migrate::Room& room(const std::string& id, const std::string& name, int messages) {
    auto& room = mapper.room(id, name);
    room.place.members = {"Ada", "Bo"};
    fill(room, messages);
    return room;
  }

  // One a second from noon on; every third in a channel is a reply.
  static void fill(migrate::Room& room, int messages, int first = 0) {
    const auto key = [&](int i) { return room.place.source_id + "-" + std::to_string(i); };
    for (int i = first; i < first + messages; ++i) {
      migrate::Said said{key(i), i * 1000};
      said.from = i % 2 == 0 ? "Ada" : "Bo";
      if (i % 3 == 2 && room.place.chatType.empty()) said.reply_to = key(i - 1);
      room.messages.push_back(said);
    }
  }

  migrate::PlanSummary plan() { return migrate::plan(mapper, directory, *world.journal, plan_options).value(); }

  migrate::RunSummary run() {
    Program program(world, *emulated, "full");
    auto summary = program.loop.run(migrate::run(program.session)).value();
    for (const auto& stopped : summary.stopped) UNSCOPED_INFO(stopped.error.to_string());
    if (summary.error) UNSCOPED_INFO(summary.error->to_string());
    return summary;
  }
  Result<migrate::CompleteSummary> complete() {
    Program program(world, *emulated, "full");
    auto completed = program.loop.run(migrate::complete(program.session));
    if (!completed) UNSCOPED_INFO(completed.error().to_string());
    return completed;
  }
  migrate::VerifySummary verify() {
    Program program(world, *emulated, "full");
    return program.loop.run(migrate::verify(program.session)).value();
  }

  journal::Conversation conversation(const std::string& source_id) {
    for (auto& c : world.journal->conversations()) {
      if (c.source_id == source_id) return c;
    }
    throw std::logic_error("no conversation " + source_id);
  }

  TemporaryFile file;
  std::unique_ptr<emulator::Emulator> emulated;
  fake::World world;
  migrate::TableMapper mapper;
  migrate::ListDirectory directory;
  SystemClock clock;
  migrate::PlanOptions plan_options;
};

}  // namespace teamferry::fake
