#include "native/emulator/csv.h"

#include <fmt/format.h>

#include <algorithm>

namespace teamferry::emulator {
namespace {

char separator_of(std::string_view text) {
  std::size_t count[3] = {};
  constexpr std::string_view kSeparators = ",;\t";
  bool quoted = false;
  for (const char c : text.substr(0, text.find_first_of("\r\n"))) {
    if (c == '"') quoted = !quoted;
    const auto which = kSeparators.find(c);
    if (!quoted && which != kSeparators.npos) ++count[which];
  }
  return kSeparators[static_cast<std::size_t>(std::max_element(std::begin(count), std::end(count)) - count)];
}

}  // namespace

Result<std::vector<CsvRow>> read_csv(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  const char separator = separator_of(text);
  std::vector<CsvRow> rows;
  CsvRow row{1, {""}};
  int line = 1;
  int quote_line = 0;  // 0: outside of quotes
  const auto end_row = [&] {
    if (row.fields.size() > 1 || !row.fields[0].empty()) rows.push_back(std::move(row));
    row = {line, {""}};
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool line_end = c == '\n' || c == '\r';
    const bool pair = c == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (line_end && !pair) ++line;
    if (quote_line != 0) {
      if (c != '"') {
        row.fields.back() += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        row.fields.back() += c;
        ++i;
      } else {
        quote_line = 0;
      }
    } else if (c == '"' && row.fields.back().empty()) {
      quote_line = line;
    } else if (c == separator) {
      row.fields.emplace_back();
    } else if (line_end) {
      if (!pair) end_row();
    } else {
      row.fields.back() += c;
    }
  }
  if (quote_line != 0) return Error::argument("bad_csv", fmt::format("line {}: a quote is never closed", quote_line));
  end_row();
  return rows;
}

}  // namespace teamferry::emulator
