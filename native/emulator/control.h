#pragma once

#include <string_view>

#include "native/emulator/behaviour.h"
#include "native/emulator/request_log.h"
#include "native/emulator/scaled_clock.h"
#include "native/http/message.h"

// The control endpoint: how a rehearsal is steered while it runs. examples/emulator/README.md is its manual.
//
//   GET    /emulator/state               counts, pace, rules with their hits
//   GET    /emulator/options             what the emulator was started with; no secrets
//   GET    /emulator/requests?after=n    what was requested behind the nth request, oldest first
//   GET    /emulator/faults              the rules, in the form of a faults file
//   PUT    /emulator/faults              replaces the rules: a faults file
//   POST   /emulator/faults              adds rules behind the others: a faults file, or one rule
//   DELETE /emulator/faults              no more rules
//   PUT    /emulator/scenario            {"name": "busy-friday", "seed": 7}; "" ends it
//   POST   /emulator/time                {"advance": ms}: moves the clock on
//
// It is there for this machine alone, and not for the pages a browser shows: a request must come from loopback, name a
// loopback host (or a site could get a name of its own to mean this machine), carry no Origin but the emulator's own,
// and, if it brings something, say application/json, which no form of a foreign page can send unasked.
namespace teamferry::emulator {

struct Controls {
  Behaviour& behaviour;
  ScaledClock& clock;
  const RequestLog& log;
  const Options& options;
  const Stats& stats;
};

bool is_control(std::string_view path);

// Requires is_control of the path. Tested by tests/native/emulator/control_test.cpp.
http::Response answer_control(const http::Request& request, bool loopback, const Controls& controls);

}  // namespace teamferry::emulator
