// The prompt: the session that examples/prompt shows, a real terminal, and lines from standard input.
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using Catch::Matchers::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

const std::string kPage = TEAMFERRY_SOURCE_DIR "/examples/prompt/README.md";

// A folder with the sample's export in it.
void put_sample(const TemporaryFolder& folder) {
  fs::create_directory_symlink(TEAMFERRY_SOURCE_DIR "/examples/sample-export", folder / "sample-export");
}

// The prompt with these lines as its standard input.
Outcome lines_to(const TemporaryFolder& folder, const std::string& words, const std::string& lines,
                 const std::string& before = "") {
  write_file(folder / "lines", lines);
  const std::string command =
      "cd '" + folder.path() + "' && " + before + " '" + binary() + "' repl " + words + " < lines > out 2> err";
  const int status = std::system(command.c_str());
  return {WEXITSTATUS(status), read_file(folder / "out"), read_file(folder / "err")};
}

std::string block(const std::string& page, const std::string& after) {
  const auto begin = page.find(after);
  REQUIRE(begin != std::string::npos);
  const auto from = page.find('\n', begin + after.size()) + 1;
  return page.substr(from, page.find("```", from) - from);
}

// What a person typed in a transcript: what stands behind "12> " and "12| ".
std::string typed_in(const std::string& transcript) {
  std::string typed;
  std::istringstream lines(transcript);
  for (std::string line; std::getline(lines, line);) {
    const auto end = line.find_first_not_of("0123456789");
    if (end > 0 && end != std::string::npos && (line[end] == '>' || line[end] == '|') && line[end + 1] == ' ') {
      typed += line.substr(end + 2) + "\n";
    }
  }
  return typed;
}

// The binary in a terminal of its own.
class Terminal {
 public:
  Terminal(const std::string& folder, std::vector<std::string> words) {
    winsize size{40, 120, 0, 0};
    pid_ = forkpty(&fd_, nullptr, nullptr, &size);
    if (pid_ == 0) {
      if (chdir(folder.c_str()) != 0) _exit(127);
      setenv("TERM", "xterm", 1);
      setenv("HOME", folder.c_str(), 1);
      words.insert(words.begin(), binary());
      std::vector<char*> arguments;
      for (auto& word : words) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      execv(binary().c_str(), arguments.data());
      _exit(127);
    }
  }
  ~Terminal() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close(fd_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void type(const std::string& keys) {
    REQUIRE(write(fd_, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
  }
  // The line editor takes the keys for itself a moment after it has shown its prompt; before that the terminal would
  // act on a Ctrl-C or Ctrl-D itself.
  void type_to_editor(const std::string& keys) {
    termios settings{};
    for (int tries = 0; tries < 3000; ++tries) {
      REQUIRE(tcgetattr(fd_, &settings) == 0);
      if ((settings.c_lflag & ICANON) == 0) break;
      usleep(10000);
    }
    usleep(50000);  // from there to its first read
    type(keys);
  }
  // Waits until the terminal has shown that text since the last call; gives all that it showed.
  std::string until(const std::string& text) {
    std::string seen;
    for (;;) {
      pollfd ready{fd_, POLLIN, 0};
      char buffer[4096];
      const bool more = poll(&ready, 1, 30000) > 0;
      const ssize_t size = more ? read(fd_, buffer, sizeof buffer) : 0;
      if (size > 0) seen.append(buffer, static_cast<std::size_t>(size));
      if (seen.find(text) != std::string::npos) return seen;
      if (size <= 0) {
        INFO(seen);
        FAIL("the terminal never showed " << text);
      }
    }
  }
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  int fd_ = -1;
  pid_t pid_ = -1;
};

}  // namespace

TEST_CASE("The session of examples/prompt goes as the page shows", "[prompt]") {
  TemporaryFolder folder;
  put_sample(folder);
  const std::string page = read_file(kPage), shown = block(page, "$ teamferry repl sample-export");
  const std::string written = block(page, "became\n\n```lua");
  // The editor that a person is in this test: puts the page's lines where the step's only line stands.
  write_file(folder / "new_lines", written);
  write_file(folder / "editor",
             "sed -i -e '/^  return slack.content(self/{r " + (folder / "new_lines") + "' -e 'd}' \"$2\"\n");
  const Outcome outcome =
      lines_to(folder, "sample-export --echo", typed_in(shown), "EDITOR='sh " + (folder / "editor") + "'");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 2);  // one line of the page is a mistake
  CHECK(outcome.out == shown);
  const Outcome tested = run({"test", "acme"}, {}, std::chrono::seconds(60), folder.path());
  CHECK(tested.exit_code == 0);
  CHECK_THAT(read_file(folder / "acme/tests/ticket_numbers_become_links_test.lua"),
             !Contains("Pip") && !Contains("U0PIP"));
  CHECK_THAT(lines_to(folder, "acme", ".edit\n", "EDITOR=false").out,
             Contains("false failed; $EDITOR names the editor"));
}

TEST_CASE("In a terminal Tab completes, Ctrl-C ends what runs, and the history is kept", "[prompt]") {
  TemporaryFolder folder;
  put_sample(folder);
  Terminal terminal(folder.path(), {"repl", "sample-export"});
  terminal.until("1> ");
  terminal.type(".li\t web\t\r");
  CHECK_THAT(terminal.until("2> "), Contains("#webshop, from message 1 on"));
  terminal.type("while true do end\r");
  terminal.until("do end");
  for (int tries = 0; tries < 3; ++tries) usleep(100000);  // it must run before it can be ended
  terminal.type("\x03");
  CHECK_THAT(terminal.until("3> "), Contains("interrupted"));
  terminal.type_to_editor("half a line\x03");
  terminal.until("3> ");
  terminal.type("x = {\r");
  terminal.until("3| ");
  terminal.type("  7 }\r");
  terminal.until("4> ");
  terminal.type("x[1] * 6\r");
  CHECK_THAT(terminal.until("5> "), Contains("42"));
  terminal.type("html.esc\t \"<\"\r");
  CHECK_THAT(terminal.until("6> "), Contains("\"&lt;\""));
  terminal.type_to_editor("\x04");
  terminal.until("history is kept in ./.teamferry/history");
  CHECK(terminal.wait() == 0);
  CHECK_THAT(read_file(folder / ".teamferry/history"), Contains("x[1]\\040*\\0406"));
}

TEST_CASE("The prompt warns before Ctrl-C ends it inside of what cannot be stopped", "[prompt]") {
  TemporaryFolder folder;
  Terminal terminal(folder.path(), {"repl"});
  terminal.until("1> ");
  terminal.type("('a'):rep(40):find(('a*'):rep(40) .. 'b')\r");
  terminal.until("'b')");
  for (int tries = 0; tries < 3; ++tries) usleep(100000);
  terminal.type("\x03");
  usleep(200000);
  terminal.type("\x03");
  terminal.until("Ctrl-C once more ends the prompt");
  terminal.type("\x03");
  CHECK(terminal.wait() == 130);
}

TEST_CASE("Without a terminal a mistake is told, the other lines run, and the exit code says so", "[prompt]") {
  TemporaryFolder folder;
  put_sample(folder);
  const Outcome outcome =
      lines_to(folder, "sample-export", "htlm.escape 'x'\n1 + 1\nfor i = 1, 2 do\nprint(i)\nend\n1 +");
  CHECK(outcome.exit_code == 2);
  CHECK_THAT(outcome.out, Contains("there is no htlm; did you mean html?\n2\n1\n2\n") && Contains("unexpected symbol"));
  const Outcome machine = lines_to(folder, "sample-export --json", ".lits\n");
  const json result = json::parse(machine.last_line());
  CHECK(result.at("errors").at(0).at("message") == "there is no command .lits; did you mean .list?; .help lists them");
  CHECK(result.at("exit_code") == 2);
  const Outcome nothing = lines_to(folder, "", "conversations.all\n.quit\n");
  CHECK_THAT(nothing.out, Contains("nothing is open: .open EXPORT") && Contains("no export is open: .open PATH"));
  CHECK(lines_to(folder, "", "1 + 1\n").exit_code == 0);
}

TEST_CASE("The prompt opens an export, a script, a project and a file that returns a source", "[prompt]") {
  TemporaryFolder folder;
  put_sample(folder);
  CHECK(lines_to(folder, "sample-export -e 'script.name'", "").out == "\"slack\"\n");
  CHECK(lines_to(folder, "slack --export sample-export -e '#conversations.all'", "").out == "6\n");
  write_file(folder / "migrate.lua",
             "local slack = require 'scripts.slack'\n"
             "return slack:extend { name = 'acme', args = { export = 'sample-export' } }\n");
  CHECK(lines_to(folder, "-e 'script.name' .", "").out == "\"acme\"\n");
  CHECK(lines_to(folder, "migrate.lua --prefix old-", "script.args.prefix\n").out.find("\"old-\"\n") !=
        std::string::npos);
  CHECK(lines_to(folder, "", "script.name, #people.all\n").out.find("\"acme\"\n10\n") != std::string::npos);
  CHECK_THAT(lines_to(folder, "migrate.lua --prefx old-", "").err,
             Contains("unknown argument; did you mean --prefix?"));
  // Steps are still kept from the network, as in a plan.
  write_file(folder / "migrate.lua",
             "local slack = require 'scripts.slack'\n"
             "local acme = slack:extend { name = 'acme', args = { export = 'sample-export' } }\n"
             "function acme:content() return graph.get '/users' end\nreturn acme\n");
  CHECK_THAT(lines_to(folder, "", ".list webshop\n.map 8\n").out, Contains("graph cannot be asked in a step"));
}

TEST_CASE("Rooms that come with their messages are listed like others, and a failed record names its script",
          "[prompt]") {
  TemporaryFolder folder;
  const Outcome outcome =
      lines_to(folder, "'" TEAMFERRY_SOURCE_DIR "/examples/sources/csv'", "conversations\n.list\n.sample\n.map 1\n");
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.out, Contains("  #cranes  ") && Contains("#cranes, from message 1 on"));
  CHECK_THAT(outcome.out, !Contains("stdlib/"));
}

TEST_CASE("Help tells of modules, functions and steps, on the command line and at the prompt", "[prompt][help]") {
  TemporaryFolder folder;
  const Outcome outcome = run({"help", "html.replace"}, {}, std::chrono::seconds(60), folder.path());
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.out, Contains("html.replace(content, pattern, with)") && Contains("visible text only"));
  CHECK_THAT(run({"help", "graph"}, {}, std::chrono::seconds(60), folder.path()).out, Contains("graph.create_team("));
  const Outcome here = lines_to(folder, "", "help(html.escape)\n.help place\nhelp 'channel:import'\n.help tiem\n");
  CHECK_THAT(here.out, Contains("html.escape(text)") && Contains("place(room, ctx)") && Contains("channel:import(") &&
                           Contains("there is nothing about tiem; did you mean time?"));
  REQUIRE(run({"help", "--stubs", "meta"}, {}, std::chrono::seconds(60), folder.path()).exit_code == 0);
  CHECK_THAT(read_file(folder / "meta/html.lua"),
             Contains("---@meta") && Contains("function html.replace(content, pattern, with) end"));
  CHECK_THAT(read_file(folder / "meta/shapes.lua"), Contains("---@class Message"));
}
