#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "native/base/datetime.h"
#include "native/validate/finding.h"

// The import floor of a conversation: its createdDateTime, which every imported message has to be later than.
// floor_below (times.h) says how low it should lie. Tested by tests/native/validate/floor_test.cpp.
namespace teamferry::validate {

// R6: a team is not younger than its channel, a channel older than every message. What is not known is not judged.
void check_birth(std::optional<DateTime> team, std::optional<DateTime> channel, std::optional<DateTime> oldest_message,
                 Findings& findings);

// What is known of a conversation of the service that is to be filled by startMigration.
struct StartFacts {
  std::optional<DateTime> createdDateTime;  // as the service gives it now; nothing: it does not
  std::optional<DateTime> oldest;           // of all messages that will ever be imported; nothing: there are none
  bool in_progress = false;                 // migrationMode is inProgress
  bool started_before = false;              // migrationMode is completed, or there is an originalCreatedDateTime
};

// R7, R8: how to start. The floor can only go back, each start with a value needs one older than the last, and what a
// first start without a value does is told in two ways; so a value is sent unless a restart finds the floor low enough.
struct StartDecision {
  enum class Action {
    none,        // nothing to start: no messages, or it is in progress with its floor low enough
    omit,        // start without a body: the floor stays where it is
    send,        // start with `value` as conversationCreationDateTime
    impossible,  // not like this: `reason` says what has to happen first, or which message has to go
  };
  Action action = Action::none;
  DateTime value;      // of send
  std::string reason;  // one sentence for a person, for every action
};
StartDecision decide_start(const StartFacts& facts);

// R7, R8 for the body of a start that somebody else wrote; null stands for no body. Also names a misspelt parameter.
Findings check_start_json(const nlohmann::json& body, const StartFacts& facts);

}  // namespace teamferry::validate
