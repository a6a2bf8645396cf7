// Writes a Slack export of any size, the same one for the same arguments:
//
//   generate_slack OUT_DIR MESSAGES [CHANNELS=50] [SEED=1]
//   (cd OUT_DIR && zip -rq ../export.zip .)
//
// The shape follows the official exports since 2020: users.json, channels.json, a folder a channel and a file a day,
// pretty-printed; about 2 kB a message, 80 % with rich_text blocks, a third replies (some of them days after their
// root), one in 200 sharing its millisecond with a neighbour; 200 people with mail addresses. Messages are spread
// evenly over the channels. Memory is that of one channel's outline and one day's text.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace {

constexpr std::string_view kTeam = "T0BENCH001";
constexpr int kPeople = 200;
constexpr int64_t kMessagesPerDay = 40;  // of one channel
constexpr int64_t kFirstDay = 18'262;    // 2020-01-01, in days since 1970
// Slack cuts day files at midnight in Los Angeles. Between 16:00 and 24:00 UTC it is the same date there, summer and
// winter, so messages of these hours need no time zone table.
constexpr int64_t kDayStartUs = 16LL * 3600 * 1'000'000;
constexpr int64_t kDayLengthUs = 8LL * 3600 * 1'000'000;

// SplitMix64: standard distributions differ between libraries, this does not.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  // Uniform in [0, n).
  int64_t below(int64_t n) { return static_cast<int64_t>(next() % static_cast<uint64_t>(n)); }
  bool one_in(int64_t n) { return below(n) == 0; }
  template <class List>
  const auto& pick(const List& list) {
    return list[static_cast<size_t>(below(static_cast<int64_t>(std::size(list))))];
  }

 private:
  uint64_t state_;
};

// Writes JSON as Slack does: four spaces a level, "/" as "\/".
class Json {
 public:
  explicit Json(std::string& out) : out_(out) {}

  Json& open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
    ++depth_;
    return *this;
  }
  Json& close(char bracket) {
    --depth_;
    if (!first_) line();
    out_ += bracket;
    first_ = false;
    return *this;
  }
  Json& key(std::string_view name) {
    separate();
    out_ += '"';
    out_ += name;
    out_ += "\": ";
    after_key_ = true;
    return *this;
  }
  Json& text(std::string_view value) {
    separate();
    out_ += '"';
    for (const char c : value) {
      if (c == '\n') {
        out_ += "\\n";
      } else {
        if (c == '"' || c == '\\' || c == '/') out_ += '\\';
        out_ += c;
      }
    }
    out_ += '"';
    return *this;
  }
  Json& raw(std::string_view value) {
    separate();
    out_ += value;
    return *this;
  }
  Json& number(int64_t value) { return raw(fmt::format_int(value).c_str()); }
  Json& field(std::string_view name, std::string_view value) { return key(name).text(value); }

 private:
  void line() {
    out_ += '\n';
    out_.append(static_cast<size_t>(depth_) * 4, ' ');
  }
  void separate() {
    if (std::exchange(after_key_, false)) return;
    if (depth_ > 0) {
      if (!first_) out_ += ',';
      line();
    }
    first_ = false;
  }

  std::string& out_;
  int depth_ = 0;
  bool first_ = true;
  bool after_key_ = false;
};

void write_file(const std::filesystem::path& path, std::string_view content) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  const bool written = file && std::fwrite(content.data(), 1, content.size(), file) == content.size();
  if (!file || std::fclose(file) != 0 || !written)
    throw std::runtime_error(fmt::format("cannot write {}", path.string()));
}

constexpr std::array kFirstNames = {"Alder", "Bryony", "Clover",  "Dale",  "Ember",  "Fennel", "Gorse",
                                    "Heath", "Iris",   "Juniper", "Kelp",  "Linden", "Maple",  "Nettle",
                                    "Olive", "Poppy",  "Quill",   "Rowan", "Sage",   "Tansy"};
constexpr std::array kLastNames = {"Bluewater", "Cloudberry", "Drystone", "Evenfall", "Farthing",
                                   "Greenlane", "Highmoor",   "Inkwell",  "Larkrise", "Millpond"};
constexpr std::array kWords = {"the",      "we",       "and",      "to",      "of",     "for",      "is",      "on",
                               "with",     "it",       "should",   "release", "order",  "customer", "build",   "test",
                               "review",   "today",    "tomorrow", "branch",  "server", "invoice",  "meeting", "number",
                               "please",   "thanks",   "looks",    "ready",   "before", "after",    "again",   "page",
                               "price",    "question", "answer",   "morning", "report", "deadline", "draft",   "agree",
                               "wait",     "found",    "problem",  "fixed",   "works",  "café",     "naïve",   "Zürich",
                               "shipment", "label",    "printer",  "change",  "config", "queue",    "slower"};
constexpr std::array kEmoji = {std::pair{"tada", "1f389"},   std::pair{"+1", "1f44d"},
                               std::pair{"eyes", "1f440"},   std::pair{"slightly_smiling_face", "1f642"},
                               std::pair{"rocket", "1f680"}, std::pair{"bench_logo", ""}};  // the last is a custom one
constexpr std::array kReactions = {"+1",        "tada", "heart", "eyes", "clap::skin-tone-3", "white_check_mark",
                                   "bench_logo"};

std::string name_of(int person) {
  return fmt::format("{} {}", kFirstNames[static_cast<size_t>(person % 20)],
                     kLastNames[static_cast<size_t>(person / 20)]);
}
std::string person_id(int person) {
  return fmt::format("U0BENCH{:03}", person);
}
std::string channel_id(int channel) {
  return fmt::format("C0BENCH{:03}", channel);
}
std::string channel_name(int channel) {
  return channel == 0 ? "general" : fmt::format("team-{:03}", channel);
}
std::string timestamp(int64_t us) {
  return fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
}

// What is decided about a message before any of its channel is written: a root lists its replies.
struct Outline {
  int64_t us = 0;
  int person = 0;
  int32_t root = -1;  // index in the channel
  std::vector<int32_t> replies;
};

int64_t day_of(int64_t us) {
  return us / (86'400LL * 1'000'000);
}

std::vector<Outline> outline(int64_t count, Random& random) {
  std::vector<Outline> messages(static_cast<size_t>(count));
  std::vector<int32_t> threads;  // those still talked in
  for (int64_t i = 0; i < count; ++i) {
    Outline& message = messages[static_cast<size_t>(i)];
    const int64_t slot = kDayLengthUs / kMessagesPerDay;
    message.us = (kFirstDay + i / kMessagesPerDay) * 86'400LL * 1'000'000 + kDayStartUs + i % kMessagesPerDay * slot +
                 random.below(slot);
    // The second and later ones of a day may fall into the millisecond of the one before. Both then share it, so that
    // 1 in 400 makes half a per cent; a third never joins them.
    if (const int64_t place = i % kMessagesPerDay; place > 0 && random.one_in(400)) {
      Outline& previous = messages[static_cast<size_t>(i - 1)];
      if (place == 1 || messages[static_cast<size_t>(i - 2)].us / 1000 != previous.us / 1000) {
        previous.us -= previous.us % 1000;
        message.us = previous.us + 100 + random.below(900);
      }
    }
    message.person = static_cast<int>(random.below(kPeople));
    const auto index = static_cast<int32_t>(i);
    if (!threads.empty() && random.one_in(3)) {
      message.root = random.pick(threads);
      messages[static_cast<size_t>(message.root)].replies.push_back(index);
    } else if (threads.size() < 6) {
      threads.push_back(index);
    } else if (random.one_in(3)) {
      threads[static_cast<size_t>(random.below(6))] = index;
    }
  }
  return messages;
}

// A message as it is typed: Slack's rich_text, and the same flattened with marks into `text`.
class Composer {
 public:
  Composer(Random& random, int channels) : random_(random), channels_(channels) {}

  // The inline elements of a sentence; appends their flat form to `flat`.
  void sentence(Json& json, std::string& flat, int64_t words) {
    std::string run;
    const auto end_run = [&] {
      if (!run.empty()) element(json, "text", "text", run);
      flat += run;
      run.clear();
    };
    for (int64_t i = 0; i < words; ++i) {
      const int64_t kind = random_.below(75);
      if (kind < 6) end_run();
      if (kind == 0) {
        const std::string id = person_id(static_cast<int>(random_.below(kPeople)));
        element(json, "user", "user_id", id);
        flat += "<@" + id + ">";
      } else if (kind == 1) {
        const std::string url = fmt::format("https://wiki.bench.example/page/{}", random_.below(9000));
        json.open('{').field("type", "link").field("url", url).field("text", "the page").close('}');
        flat += "<" + url + "|the page>";
      } else if (kind == 2) {
        const auto& [name, unicode] = random_.pick(kEmoji);
        json.open('{').field("type", "emoji").field("name", name);
        if (*unicode) json.field("unicode", unicode);
        json.close('}');
        flat += fmt::format(":{}:", name);
      } else if (kind <= 4) {
        const std::string word = random_.pick(kWords);
        json.open('{').field("type", "text").field("text", word).key("style").open('{');
        json.key(kind == 3 ? "code" : "bold").raw("true").close('}').close('}');
        flat += kind == 3 ? "`" + word + "`" : "*" + word + "*";
      } else if (kind == 5 && random_.one_in(4)) {
        const std::string id = channel_id(static_cast<int>(random_.below(channels_)));
        element(json, "channel", "channel_id", id);
        flat += "<#" + id + "|>";
      } else {
        run += random_.pick(kWords);
      }
      run += i + 1 < words ? " " : ".";
    }
    end_run();
  }

  void section(Json& json, std::string& flat, int64_t words, std::string_view type = "rich_text_section") {
    json.open('{').field("type", type).key("elements").open('[');
    sentence(json, flat, words);
    json.close(']').close('}');
  }

  void list(Json& json, std::string& flat, int indent, int64_t items) {
    json.open('{').field("type", "rich_text_list").field("style", "bullet").key("indent").number(indent);
    json.key("border").number(0).key("elements").open('[');
    for (int64_t i = 0; i < items; ++i) {
      flat += indent == 0 ? "\n• " : "\n    ◦ ";
      section(json, flat, 3 + random_.below(6));
    }
    json.close(']').close('}');
  }

  // A whole `blocks` value.
  void blocks(Json& json, std::string& flat) {
    json.open('[').open('{').field("type", "rich_text");
    json.field("block_id", fmt::format("{:04X}", random_.below(65'536))).key("elements").open('[');
    section(json, flat, random_.one_in(40) ? 120 + random_.below(200) : 4 + random_.below(22));
    const int64_t extra = random_.below(20);
    if (extra == 0) {
      list(json, flat, 0, 2);
      list(json, flat, 1, 2);
      list(json, flat, 0, 1);
    } else if (extra == 1) {
      flat += "\n&gt; ";
      section(json, flat, 10, "rich_text_quote");
    } else if (extra == 2) {
      const std::string code = fmt::format("if count == {} then\n    retry()\nend", random_.below(100));
      json.open('{').field("type", "rich_text_preformatted").key("elements").open('[');
      element(json, "text", "text", code);
      json.close(']').key("border").number(0).close('}');
      flat += "\n```" + code + "```";
    }
    json.close(']').close('}').close(']');
  }

 private:
  static void element(Json& json, std::string_view type, std::string_view key, std::string_view value) {
    json.open('{').field("type", type).field(key, value).close('}');
  }

  Random& random_;
  int channels_;
};

void write_thread_fields(Json& json, const std::vector<Outline>& messages, const Outline& message) {
  if (message.root >= 0) {
    const Outline& root = messages[static_cast<size_t>(message.root)];
    json.field("thread_ts", timestamp(root.us)).field("parent_user_id", person_id(root.person));
    return;
  }
  if (message.replies.empty()) return;
  std::vector<int> people;
  for (const int32_t reply : message.replies) {
    const int person = messages[static_cast<size_t>(reply)].person;
    if (std::find(people.begin(), people.end(), person) == people.end()) people.push_back(person);
  }
  json.field("thread_ts", timestamp(message.us));
  json.key("reply_count").number(static_cast<int64_t>(message.replies.size()));
  json.key("reply_users_count").number(static_cast<int64_t>(people.size()));
  json.field("latest_reply", timestamp(messages[static_cast<size_t>(message.replies.back())].us));
  json.key("reply_users").open('[');
  for (const int person : people) json.text(person_id(person));
  json.close(']').key("replies").open('[');
  for (const int32_t reply : message.replies) {
    const Outline& other = messages[static_cast<size_t>(reply)];
    json.open('{').field("user", person_id(other.person)).field("ts", timestamp(other.us)).close('}');
  }
  json.close(']').key("is_locked").raw("false").key("subscribed").raw("false");
}

void write_profile(Json& json, int person) {
  const std::string name = name_of(person);
  json.key("user_profile").open('{').field("avatar_hash", fmt::format("g{:011x}", person * 7919));
  json.field("image_72", fmt::format("https://avatars.bench.example/g{:011x}-72.png", person * 7919));
  json.field("first_name", name.substr(0, name.find(' '))).field("real_name", name).field("display_name", name);
  json.field("team", kTeam).field("name", fmt::format("person{}", person));
  json.key("is_restricted").raw("false").key("is_ultra_restricted").raw("false").close('}');
}

void write_message(Json& json, const std::vector<Outline>& messages, const Outline& message, Random& random,
                   Composer& composer) {
  // Of 100: 80 typed with blocks, 14 typed in an older client, 5 from an integration, 1 a join.
  const int64_t kind = random.below(100);
  const bool alone = message.root < 0 && message.replies.empty();
  const std::string user = person_id(message.person);
  json.open('{').field("type", "message").field("ts", timestamp(message.us));
  std::string flat;
  if (kind == 99 && alone) {
    json.field("subtype", "channel_join").field("user", user);
    json.field("text", fmt::format("<@{}> has joined the channel", user)).close('}');
    return;
  }
  if (kind >= 94 && alone) {
    const int64_t number = random.below(9000);
    json.field("subtype", "bot_message")
        .field("bot_id", "B0BENCH001")
        .field("username", "Build light")
        .field("text", "");
    json.key("attachments").open('[').open('{').field("fallback", fmt::format("build {}", number)).key("id").number(1);
    json.field("color", "36a64f").field("title", fmt::format("Build {} passed", number));
    json.field("title_link", fmt::format("https://ci.bench.example/{}", number));
    json.field("text", "`main` &gt; all *412* tests passed").key("mrkdwn_in").open('[').text("text").close(']');
    json.close('}').close(']').close('}');
    return;
  }
  json.field("user", user);
  const uint64_t a = random.next();
  const uint64_t b = random.next();
  json.field("client_msg_id", fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", a >> 32, a & 0xFFFF,
                                          (a >> 16) & 0xFFF, b >> 52, b & 0xFFFFFFFFFFFF));
  json.field("team", kTeam).field("user_team", kTeam).field("source_team", kTeam);
  write_profile(json, message.person);
  write_thread_fields(json, messages, message);
  if (kind < 80) {
    json.key("blocks");
    composer.blocks(json, flat);
  } else {
    std::string unused;
    Json nowhere(unused);
    composer.sentence(nowhere, flat, 10 + random.below(150));
  }
  json.field("text", flat);
  if (random.one_in(12)) {
    json.key("edited").open('{').field("user", user);
    json.field("ts", fmt::format("{}.000000", message.us / 1'000'000 + 1 + random.below(90))).close('}');
  }
  if (random.one_in(8)) {
    const int64_t count = 1 + random.below(4);
    json.key("reactions").open('[').open('{').field("name", random.pick(kReactions)).key("users").open('[');
    for (int64_t i = 0; i < count; ++i) json.text(person_id(static_cast<int>((message.person + 1 + i * 7) % kPeople)));
    json.close(']').key("count").number(count).close('}').close(']');
  }
  json.close('}');
}

void write_channel(const std::filesystem::path& folder, int64_t count, int channels, Random random) {
  std::filesystem::create_directory(folder);
  const std::vector<Outline> messages = outline(count, random);
  Composer composer(random, channels);
  std::string out;
  for (size_t i = 0; i < messages.size();) {
    const int64_t day = day_of(messages[i].us);
    out.clear();
    Json json(out);
    json.open('[');
    for (; i < messages.size() && day_of(messages[i].us) == day; ++i) {
      write_message(json, messages, messages[i], random, composer);
    }
    json.close(']');
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
    write_file(folder / fmt::format("{:04}-{:02}-{:02}.json", static_cast<int>(date.year()),
                                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())),
               out);
  }
}

std::string users_json() {
  std::string out;
  Json json(out);
  json.open('[');
  for (int person = 0; person < kPeople; ++person) {
    const std::string name = name_of(person);
    json.open('{')
        .field("id", person_id(person))
        .field("team_id", kTeam)
        .field("name", fmt::format("person{}", person));
    json.key("deleted").raw("false").field("real_name", name).field("tz", "Europe/Zurich").key("profile").open('{');
    json.field("real_name", name)
        .field("display_name", name)
        .field("email", fmt::format("person{}@bench.example", person));
    json.key("fields")
        .raw("{}")
        .close('}')
        .key("is_bot")
        .raw("false")
        .key("updated")
        .number(kFirstDay * 86'400)
        .close('}');
  }
  json.close(']');
  return out;
}

std::string channels_json(int channels) {
  std::string out;
  Json json(out);
  json.open('[');
  for (int channel = 0; channel < channels; ++channel) {
    json.open('{').field("id", channel_id(channel)).field("name", channel_name(channel));
    json.key("created").number(kFirstDay * 86'400).field("creator", person_id(0)).key("is_archived").raw("false");
    json.key("is_general").raw(channel == 0 ? "true" : "false").key("members").open('[');
    for (int person = 0; person < kPeople; ++person) json.text(person_id(person));
    json.close(']');
    for (const char* name : {"topic", "purpose"}) {
      json.key(name).open('{').field("value", "").field("creator", "").key("last_set").number(0).close('}');
    }
    json.close('}');
  }
  json.close(']');
  return out;
}

int64_t parse_number(const char* text, const char* name, int64_t least, int64_t most) {
  char* end = nullptr;
  const int64_t value = std::strtoll(text, &end, 10);
  if (end == text || *end || value < least || value > most) {
    throw std::runtime_error(fmt::format("{} is '{}'; expected a number from {} to {}", name, text, least, most));
  }
  return value;
}

int run(int argc, char** argv) {
  if (argc < 3 || argc > 5) {
    fmt::print(stderr, "usage: generate_slack OUT_DIR MESSAGES [CHANNELS=50] [SEED=1]\n");
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  const int64_t messages = parse_number(argv[2], "MESSAGES", 1, 100'000'000);
  const int channels = argc > 3 ? static_cast<int>(parse_number(argv[3], "CHANNELS", 1, 999)) : 50;
  const int64_t seed = argc > 4 ? parse_number(argv[4], "SEED", 0, INT64_MAX) : 1;
  if (std::filesystem::exists(folder) && !std::filesystem::is_empty(folder)) {
    throw std::runtime_error(fmt::format("{} is not empty", folder.string()));
  }
  std::filesystem::create_directories(folder);
  write_file(folder / "users.json", users_json());
  write_file(folder / "channels.json", channels_json(channels));
  write_file(folder / "integration_logs.json", "[]");
  Random random(static_cast<uint64_t>(seed));
  for (int channel = 0; channel < channels; ++channel) {
    const int64_t count = messages / channels + (channel < messages % channels ? 1 : 0);
    if (count > 0) write_channel(folder / channel_name(channel), count, channels, Random(random.next()));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    fmt::print(stderr, "generate_slack: {}\n", problem.what());
    return 1;
  }
}
