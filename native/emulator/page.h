#pragma once

#include <cstdint>
#include <string_view>

#include "native/emulator/emulator.h"
#include "native/emulator/request_log.h"
#include "native/emulator/store.h"
#include "native/http/message.h"

// A page to look at what the emulator holds, on the port that Graph is on: `/` and everything below /look. HTML made
// here, without any script, so that nothing in a message can ever run; each answer costs what one page shows, whatever
// the tenant holds.
namespace teamferry::emulator {

struct PageWorld {
  const Store& store;
  const Options& options;
  const Stats& stats;
  const RequestLog& log;
  std::int64_t now;  // ms
};

// Whether a path is the page's.
bool is_page(std::string_view path);

// People of other machines (`loopback` false), and sites that got a name of theirs to mean this machine, are refused.
// Tested by tests/native/emulator/page_test.cpp and, in a browser, tests/clients/page.test.mjs.
http::Response answer_page(const http::Request& request, bool loopback, const PageWorld& world);

}  // namespace teamferry::emulator
