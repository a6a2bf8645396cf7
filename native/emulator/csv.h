#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "native/base/result.h"

namespace teamferry::emulator {

struct CsvRow {
  int line = 0;  // where it begins, from 1
  std::vector<std::string> fields;
};

// The rows of a CSV as RFC 4180 and spreadsheets write it: a byte order mark is passed over, lines end in any way,
// fields may be quoted, and the separator is the one of comma, semicolon and tab that the first line has most often.
// Empty lines are left out. Fails for a quote that is never closed, naming its line.
// Tested by tests/native/emulator/people_file_test.cpp.
Result<std::vector<CsvRow>> read_csv(std::string_view text);

}  // namespace teamferry::emulator
