#include "world.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>

namespace teamferry::fake {

using namespace std::chrono_literals;

Task<Status> SlowCommitter::commit(Work work) {
  auto before = loop_.sleep(4ms);
  co_await before;
  auto committing = committer_->commit(std::move(work));
  Status status = co_await std::move(committing);
  auto after = loop_.sleep(4ms);
  co_await after;
  co_return status;
}

Task<Result<std::string>> Tokens::token() {
  co_return "token-" + std::to_string(number_);
}

Task<Result<std::string>> Tokens::renew(std::string rejected) {
  if (rejected == "token-" + std::to_string(number_)) ++number_;
  co_return "token-" + std::to_string(number_);
}

Life::Life(World& world, std::uint64_t seed)
    : service(loop, world.store, seed),
      auth(service, tokens, "https://graph.example"),
      pace(world.limits),
      throttle(auth, loop, pace, wall, {}),
      errors(throttle, wall),
      retry(errors, loop, [] { return std::uint64_t{0}; }),
      client(loop, retry, {"https://graph.example", "v1.0"}),
      committer(std::make_unique<SlowCommitter>(loop, world.journal->direct_committer())),
      session{loop, client, *world.journal, *committer, wall, pace, stop, world.identity, world.options, {}} {
  service.fault_rate = world.fault_rate;
  service.jitter = world.jitter;
  session.options.seed = seed;
}

Life::~Life() = default;

migrate::RunSummary Life::run() {
  auto result = loop.run(migrate::run(session));
  return std::move(result).value();
}

Result<migrate::VerifySummary> Life::verify() {
  return loop.run(migrate::verify(session));
}
Result<migrate::CompleteSummary> Life::complete() {
  return loop.run(migrate::complete(session));
}

template <class T>
bool Life::drive(Task<T>& task, int steps) {
  task.start();
  for (int i = 0; i < steps && !task.finished(); ++i) {
    if (!loop.step()) throw std::logic_error("the loop has nothing left to wait for");
  }
  return task.finished();
}

bool Life::run_for(int steps) {
  auto task = migrate::run(session);
  return drive(task, steps);
}

bool Life::complete_for(int steps) {
  auto task = migrate::complete(session);
  return drive(task, steps);
}

World::World() : journal(journal::Journal::open(":memory:").value()) {}
World::~World() = default;

int World::channel(const std::string& name) {
  return room(name, "standard");
}

int World::private_channel(const std::string& name) {
  return room(name, "private");
}

int World::chat(const std::string& topic) {
  return room(topic, "group");
}

int World::room(const std::string& name, const char* kind) {
  rooms_.push_back({name, kind});
  next_.push_back(1);
  return static_cast<int>(rooms_.size());
}

journal::RowId World::message(int channel, std::int64_t ms, const std::string& author, const std::string& text,
                              journal::RowId root) {
  const auto id = journal::row_id(channel, next_[static_cast<std::size_t>(channel) - 1]++);
  messages_.push_back({channel, ms, author, text, id, root});
  return id;
}

namespace {

void check(const Status& status) {
  if (!status) throw std::logic_error(status.error().to_string());
}

std::string body_of(const std::string& name, const std::string& kind) {
  if (kind == "standard") {
    return fmt::format(
        R"({{"@microsoft.graph.channelCreationMode":"migration","displayName":"{}","createdDateTime":"2019-01-07T08:00:01.000Z"}})",
        name);
  }
  if (kind == "private") return fmt::format(R"({{"displayName":"{}","membershipType":"private"}})", name);
  const auto member = [](const std::string& user) {
    return fmt::format(R"json({{"user@odata.bind":"https://graph.example/v1.0/users('{}')"}})json", user);
  };
  return fmt::format(R"({{"chatType":"group","topic":"{}","members":[{},{}]}})", name, member(kAda), member(kBo));
}

}  // namespace

journal::Conversation World::planned_conversation(std::size_t room) const {
  const auto& [name, kind] = rooms_[room];
  journal::Conversation conversation;
  conversation.id = static_cast<int>(room) + 1;
  conversation.source_id = fmt::format("C{}", room + 1);
  conversation.displayName = name;
  conversation.kind = kind == "group" ? "chat" : "channel";
  conversation.type = kind;
  conversation.road = kind == "standard" ? "born" : "switched";
  conversation.team = kind == "group" ? 0 : 1;
  conversation.general = name == "General";
  conversation.body = body_of(name, kind);
  conversation.state = "planned";
  return conversation;
}

void World::plan_messages(journal::PlanWriter& writer, journal::ConversationId id) const {
  const std::string& name = rooms_[static_cast<std::size_t>(id) - 1].name;
  for (const auto& message : messages_) {
    if (message.channel != id) continue;
    journal::PlanRow row;
    row.id = message.id;
    const std::string key = std::to_string(message.ms) + "." + std::to_string(journal::ordinal_of(message.id));
    const std::string record = fmt::format("{}/2019-02-04.json record {}", name, journal::ordinal_of(message.id));
    row.key = key;
    row.record = record;
    row.time = DateTime{message.ms};
    row.planned_time = row.time;
    row.root = message.root;
    check(writer.put(row));
    check(writer.put_body(
        row.id, fmt::format(R"({{"from":{{"user":{{"id":"{}","displayName":"Ada Park","userIdentityType":"aadUser"}}}},
                                  "body":{{"contentType":"html","content":"<p>{}</p>"}}}})",
                            message.author, message.text)));
  }
}

void World::plan() {
  auto writer = journal->begin_plan().value();
  journal::Team team;
  team.id = 1;
  team.displayName = "Orbit archive";
  team.body = R"json({"displayName":"Orbit archive","description":"History of Orbit, teamferry 4711",
                  "createdDateTime":"2019-01-07T08:00:00.000Z","@microsoft.graph.teamCreationMode":"migration",
                  "template@odata.bind":"https://graph.microsoft.com/v1.0/teamsTemplates('standard')"})json";
  team.state = "planned";
  check(writer->put_team(team));
  for (std::size_t i = 0; i < rooms_.size(); ++i) {
    const auto conversation = planned_conversation(i);
    check(writer->put_conversation(conversation));
    check(writer->begin_conversation(conversation.id));
    plan_messages(*writer, conversation.id);
    check(writer->conversation_done(conversation.id));
  }
  check(writer->finish());
}

void World::random_plan(std::uint64_t seed, int messages) {
  std::minstd_rand random(static_cast<std::minstd_rand::result_type>(seed + 1));
  const int channels = 1 + static_cast<int>(random() % 3);
  for (int i = 0; i < channels; ++i) channel(i == 0 && random() % 2 == 0 ? "General" : fmt::format("room-{}", i));
  std::map<int, std::vector<std::pair<journal::RowId, std::int64_t>>> roots;
  std::map<int, std::int64_t> clock;
  for (int i = 0; i < messages; ++i) {
    const int in = 1 + static_cast<int>(random() % channels);
    auto& ms = clock.try_emplace(in, kStart).first->second;
    ms += 1 + static_cast<std::int64_t>(random() % 3 == 0 ? 0 : random() % 100'000);
    const bool reply = !roots[in].empty() && random() % 3 == 0;
    const auto root = reply ? roots[in][random() % roots[in].size()].first : 0;
    const auto id = message(in, ms, random() % 2 == 0 ? kAda : kBo, fmt::format("message {} of {}", i, seed), root);
    if (!reply) roots[in].emplace_back(id, ms);
  }
  plan();
}

void World::create_targets() {
  Life life(*this, 99);
  life.service.fault_rate = 0;
  life.service.script = [](const http::Request& request) {
    const bool import = request.url.ends_with("/messages") || request.url.ends_with("/replies");
    return request.method == "POST" && import ? Fault::throttle : Fault::none;
  };
  life.session.progress = [&life](const migrate::Progress& progress) {
    if (progress.waiting_for.starts_with("429")) life.stop = true;
  };
  life.run();
  store.imports.clear();
}

std::vector<std::string> World::expected() const {
  std::map<journal::RowId, std::int64_t> times;
  for (const auto& message : messages_) times[message.id] = message.ms;
  std::vector<std::string> all;
  for (const auto& message : messages_) {
    all.push_back(fmt::format("{}|{}|{}|{}|<p>{}</p>", rooms_[static_cast<std::size_t>(message.channel) - 1].name,
                              message.ms, message.author, message.root == 0 ? 0 : times[message.root], message.text));
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace teamferry::fake
