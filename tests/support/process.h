#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

// Runs the real binary as a person would: its own process, its own environment, output captured.
namespace teamferry::test {

using Environment = std::map<std::string, std::string>;

struct Outcome {
  int exit_code = -1;  // 128 + signal if it was killed
  std::string out, err;
  // The last non-empty line of standard output: with --json the object.
  std::string last_line() const;
};

// build/teamferry (or the sanitized one beside this test program).
std::string binary();

// Waits for the end; a run that takes longer than the deadline is killed and reported as 128 + 9.
Outcome run(const std::vector<std::string>& arguments, const Environment& environment = {},
            std::chrono::seconds deadline = std::chrono::seconds(600), const std::string& folder = ".");

// A process that goes on until it is stopped or killed; output goes to files in its folder.
class Process {
 public:
  Process(const std::vector<std::string>& arguments, const std::string& folder, const Environment& environment = {});
  ~Process();  // kills what still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }  // -1: it has ended
  void signal(int number);
  bool wait_for(std::chrono::milliseconds time);  // true: it has ended
  int wait();                                     // exit code, 128 + signal if killed
  std::string out() const;
  std::string err() const;
  // The first line it prints, waited for.
  std::string first_line(std::chrono::seconds deadline = std::chrono::seconds(30));

 private:
  pid_t pid_ = -1;
  int exit_code_ = -1;
  std::string out_path_, err_path_;
};

// A fresh folder below the system's temporary one, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void write_file(const std::string& path, const std::string& content);
std::string read_file(const std::string& path);

}  // namespace teamferry::test
