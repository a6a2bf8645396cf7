#include "native/archive/json_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>

#include "native/archive/bson.h"
#include "native/archive/entry_name.h"
#include "native/archive/json_repair.h"
#include "native/archive/json_scan.h"
#include "native/archive/sniff.h"

namespace teamferry::archive {
namespace {

using simdjson::dom::element;

static_assert(Bytes::kPadding >= simdjson::SIMDJSON_PADDING);

// A parser's memory beyond this is given back when the next file is smaller.
constexpr std::size_t kKeepParser = std::size_t{32} << 20;

std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

std::string front_of(std::string_view text) {
  return shown_name(text.substr(0, 40));
}

}  // namespace

class RecordReader::State {
 public:
  Status start(const Bytes& bytes, std::string_view name, const RecordOptions& options) {
    name_ = name;
    text_ = without_mark(bytes.view());
    index_ = 0;
    mode_ = Mode::ended;
    indent_.reset();
    looked_at_damage_ = 0;
    inside_object_ = false;
    if (parser_.capacity() > kKeepParser && text_.size() < parser_.capacity() / 4) parser_ = simdjson::dom::parser();

    if (options.format == RecordOptions::Format::bson) {
      text_ = bytes.view();
      at_ = 0;
      return begin(Mode::documents);
    }
    at_ = skip_space(text_, 0);
    if (at_ == text_.size() || (text_[at_] != '[' && text_[at_] != '{')) return not_json();
    if (options.format == RecordOptions::Format::lines) return begin(Mode::lines);
    if (!options.at.empty()) return start_member(options.at);
    if (text_[at_] == '[') return start_array();
    if (options.format == RecordOptions::Format::array) {
      return Error::argument("not_an_array", fmt::format("{} holds an object where an array of records was expected; "
                                                         "name the member that holds them",
                                                         name_));
    }
    return begin(first_line_is_a_value() ? Mode::lines : Mode::values);
  }

  Status start_rows(Bytes& bytes, std::string_view name, const SqliteRows::Query& query) {
    name_ = name;
    text_ = {};
    index_ = at_ = 0;
    mode_ = Mode::ended;
    auto opened = SqliteRows::open(bytes, name, query);
    if (!opened) return std::move(opened).error();
    rows_ = std::move(*opened);
    return begin(Mode::rows);
  }

  bool next(JsonRecord& record) {
    record.index = index_;
    record.offset = 0;
    record.bad = record.repaired = false;
    record.reason.clear();
    if (!step(record)) return false;
    ++index_;
    return true;
  }

  Result<JsonValue> document(const Bytes& bytes, std::string_view name, bool& repaired) {
    name_ = name;
    text_ = without_mark(bytes.view());
    mode_ = Mode::ended;
    repaired = false;
    at_ = skip_space(text_, 0);
    if (at_ == text_.size()) return not_json().error();
    element value;
    auto failed = parse(text_, value);
    if (failed) {
      repaired = repair_json(text_, scratch_);
      failed = parse_scratch(value);
    }
    if (!failed) return JsonValue(value);
    if (text_[at_] != '[' && text_[at_] != '{') return not_json().error();
    const auto value_at = scan_value(text_, at_);
    return Error::argument("bad_json", fmt::format("{} is not whole JSON: {}", name_, reason(failed, value_at)));
  }

 private:
  enum class Mode { ended, whole, elements, lines, values, documents, rows, cut_off, tail };

  bool step(JsonRecord& record) {
    switch (mode_) {
      case Mode::whole:
        return next_whole(record);
      case Mode::elements:
        return next_element(record);
      case Mode::lines:
        return next_line(record);
      case Mode::values:
        return next_value(record);
      case Mode::documents:
        return next_document(record);
      case Mode::rows:
        return next_row(record);
      case Mode::cut_off:
        return last_word(record, "the file ends before its array does; records may be missing");
      case Mode::tail:
        return last_word(record, fmt::format("text follows the end of the array: {}", front_of(text_.substr(at_))));
      case Mode::ended:
        break;
    }
    return false;
  }

  Status begin(Mode mode) {
    mode_ = mode;
    return done();
  }

  Status not_json() const {
    return Error::argument("not_json", fmt::format("{} holds no JSON: it is {}", name_, looks_like(text_)));
  }

  simdjson::error_code parse(std::string_view text, element& value) {
    // Grown by doubling, since each piece may be a little larger than the one before.
    if (parser_.capacity() < text.size()) {
      if (const auto failed = parser_.allocate(std::bit_ceil(text.size()))) return failed;
    }
    return parser_.parse(text.data(), text.size(), false).get(value);
  }

  simdjson::error_code parse_scratch(element& value) {
    scratch_.reserve(scratch_.size() + Bytes::kPadding);
    return parse(scratch_, value);
  }

  Status start_array() {
    element root;
    if (text_.size() <= kWholeDocument && parse(text_, root) == simdjson::SUCCESS) return begin_whole(root);
    return begin_elements(at_);
  }

  Status begin_whole(element root) {
    simdjson::dom::array array;
    if (root.get(array) != simdjson::SUCCESS) return not_json();
    element_ = array.begin();
    end_ = array.end();
    return begin(Mode::whole);
  }

  // `at` is the place of the opening bracket.
  Status begin_elements(std::size_t at) {
    at_ = skip_space(text_, at + 1);
    note_first_record();
    return begin(Mode::elements);
  }

  Status start_member(const std::string& key) {
    const auto no_array = [&](const char* what) -> Status {
      return Error::argument("no_member", fmt::format("{}: {} {}", name_, shown_name(key), what));
    };
    if (text_[at_] != '{') return no_array("cannot be looked for: the file does not hold an object");
    element root;
    if (text_.size() <= kWholeDocument && parse(text_, root) == simdjson::SUCCESS) {
      element member;
      if (root[key].get(member) != simdjson::SUCCESS) return no_array("is not there");
      if (!member.is_array()) return no_array("is not an array");
      return begin_whole(member);
    }
    const auto at = find_member(text_, at_, key);
    if (!at) return no_array("is not there");
    if (text_[*at] != '[') return no_array("is not an array");
    inside_object_ = true;
    return begin_elements(*at);
  }

  bool first_line_is_a_value() {
    const auto line_end = text_.find('\n', at_);
    if (line_end == text_.npos || skip_space(text_, line_end) == text_.size()) return false;
    element value;
    return parse(text_.substr(at_, line_end - at_), value) == simdjson::SUCCESS;
  }

  void note_first_record() {
    if (at_ >= text_.size()) return;
    indent_ = indent_before(text_, at_);
    bracket_ = text_[at_];
    if (bracket_ != '{' && bracket_ != '[') indent_.reset();
  }

  bool next_whole(JsonRecord& record) {
    if (!(element_ != end_)) return mode_ = Mode::ended, false;
    record.value = JsonValue(*element_);
    ++element_;
    return true;
  }

  bool next_element(JsonRecord& record) {
    const auto [slice, stop] = scan_element(text_, at_);
    const bool cut = stop == text_.size();
    const bool last = cut || text_[stop] == ']';
    if (slice.size() == 0) {  // an empty array, a comma before its end, or two commas
      if (!last) {
        at_ = stop + 1;
        return set_bad(record, slice, "there is nothing between two commas"), true;
      }
      cut ? void(mode_ = Mode::cut_off) : close_array(stop);
      return step(record);
    }
    if (!take(record, slice) && resume_within(record, slice)) return true;
    at_ = stop + 1;
    if (cut) {
      mode_ = record.bad ? Mode::ended : Mode::cut_off;
    } else if (last) {
      close_array(stop);
    }
    return true;
  }

  void close_array(std::size_t at) {
    at_ = skip_space(text_, at + 1);
    mode_ = inside_object_ || at_ == text_.size() ? Mode::ended : Mode::tail;
  }

  bool next_line(JsonRecord& record) {
    at_ = skip_space(text_, at_);
    if (at_ == text_.size()) return mode_ = Mode::ended, false;
    const auto end = std::min(text_.find('\n', at_), text_.size());
    take(record, {at_, end, true});
    at_ = end;
    return true;
  }

  bool next_value(JsonRecord& record) {
    at_ = text_.find_first_not_of(" \t\r\n,", at_);
    if (at_ == text_.npos) return mode_ = Mode::ended, false;
    if (at_ == skip_space(text_, 0)) note_first_record();
    const auto slice = scan_value(text_, at_);
    if (!take(record, slice) && resume_within(record, slice)) return true;
    at_ = slice.end;
    return true;
  }

  // A document that makes no sense is passed over by its length; without one nothing behind it can be found.
  bool next_document(JsonRecord& record) {
    if (at_ == text_.size()) return mode_ = Mode::ended, false;
    record.offset = at_;
    const auto rest = text_.substr(at_);
    const auto length = bson_length(rest);
    if (!length || *length > rest.size()) {
      mode_ = Mode::ended;
      return set_bad(record, {at_, text_.size(), false},
                     fmt::format("the document at byte {} has {}; what follows cannot be read", at_,
                                 length ? "its end behind the end of the file" : "no length that can be")),
             true;
    }
    const auto slice = Slice{at_, at_ + *length, true};
    at_ = slice.end;
    if (const char* wrong = bson_to_json(rest.substr(0, *length), converted_)) {
      return set_bad(record, slice, fmt::format("the document at byte {}: {}", slice.begin, wrong)), true;
    }
    if (!take_converted(record)) {
      set_bad(record, slice, fmt::format("the document at byte {} cannot be read", slice.begin));
    }
    return true;
  }

  // What was written as JSON here, repaired if need be.
  bool take_converted(JsonRecord& record) {
    element value;
    scratch_ = converted_;
    if (parse_scratch(value) != simdjson::SUCCESS) {
      record.repaired = repair_json(converted_, scratch_);
      if (parse_scratch(value) != simdjson::SUCCESS) return false;
    }
    record.value = JsonValue(value);
    return true;
  }

  bool next_row(JsonRecord& record) {
    auto found = rows_->next(converted_);
    if (found && !*found) return rows_.reset(), mode_ = Mode::ended, false;
    if (found) {
      if (!take_converted(record)) set_bad(record, {}, "the row cannot be read");
    } else {
      rows_.reset();
      mode_ = Mode::ended;
      set_bad(record, {}, found.error().message + "; rows behind it are missing");
    }
    return true;
  }

  bool last_word(JsonRecord& record, const std::string& why) {
    mode_ = Mode::ended;
    return set_bad(record, {std::min(at_, text_.size()), text_.size(), false}, why), true;
  }

  // Parses one piece, repaired if need be; true when it is a record.
  bool take(JsonRecord& record, const Slice& slice) {
    const auto piece = text_.substr(slice.begin, slice.size());
    record.offset = slice.begin;
    record.bad = record.repaired = false;
    element value;
    if (parse(piece, value) != simdjson::SUCCESS) {
      looked_at_damage_ += piece.size();
      record.repaired = repair_json(piece, scratch_);
      if (const auto failed = parse_scratch(value)) {
        auto why = reason(failed, slice);
        if (!slice.closed) {
          why += fmt::format(
              "; what stands behind its beginning, {} bytes up to the end of the file, could not be read "
              "either and may hold more records",
              slice.size());
        }
        return set_bad(record, slice, std::move(why)), false;
      }
    }
    record.value = JsonValue(value);
    record.reason.clear();
    return true;
  }

  // After a piece that is no record: goes on inside it, where something shows that another record begins.
  // One that was not closed would otherwise swallow all that follow.
  bool resume_within(JsonRecord& record, const Slice& piece) {
    // Every piece may run to the end of the file, so hostile input could cost its length squared.
    if (looked_at_damage_ > text_.size() * 4 + (std::size_t{8} << 20)) return false;
    const auto value = scan_value(text_, piece.begin);
    if (value.closed && value.end < piece.end && (text_[piece.begin] == '{' || text_[piece.begin] == '[')) {
      const auto why = std::move(record.reason);
      if (take(record, value)) return at_ = value.end, true;
      record.reason = why;
    }
    if (!indent_) return false;
    const auto line = next_record_line(text_, piece, *indent_, bracket_);
    if (!line) return false;
    auto end = text_.find_last_not_of(kJsonSpace, *line - 1) + 1;
    if (text_[end - 1] == ',') --end;
    take(record, {piece.begin, end, true});
    at_ = *line;
    return true;
  }

  static void set_bad(JsonRecord& record, const Slice& slice, std::string why) {
    record.offset = slice.begin;
    record.bad = true;
    record.repaired = false;
    record.reason = std::move(why);
  }

  std::string reason(simdjson::error_code failed, const Slice& slice) const {
    if (!slice.closed) return "it is not closed";
    if (failed == simdjson::DEPTH_ERROR) return "it is nested deeper than 1,024";
    if (failed == simdjson::UNCLOSED_STRING) return "a text in it is not closed";
    if (failed == simdjson::MEMALLOC || failed == simdjson::CAPACITY) return "it is too large for the memory";
    return fmt::format("its structure is broken; it begins with {}", front_of(text_.substr(slice.begin, slice.size())));
  }

  simdjson::dom::parser parser_;
  std::string scratch_;    // a repaired piece, padded
  std::string converted_;  // a document of BSON or a row as JSON
  std::unique_ptr<SqliteRows> rows_;
  std::string name_;
  std::string_view text_;
  Mode mode_ = Mode::ended;
  std::size_t index_ = 0;
  std::size_t at_ = 0;  // how far the pieces have been read
  simdjson::dom::array::iterator element_, end_;
  std::optional<std::string_view> indent_;  // of the line on which the first record begins
  char bracket_ = '{';
  bool inside_object_ = false;
  std::size_t looked_at_damage_ = 0;
};

RecordReader::RecordReader() : state_(std::make_unique<State>()) {}
RecordReader::~RecordReader() = default;
RecordReader::RecordReader(RecordReader&&) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&&) noexcept = default;

Status RecordReader::start(const Bytes& bytes, std::string_view name, const RecordOptions& options) {
  return state_->start(bytes, name, options);
}

Status RecordReader::start_rows(Bytes& bytes, std::string_view name, const SqliteRows::Query& query) {
  return state_->start_rows(bytes, name, query);
}

bool RecordReader::next(JsonRecord& record) {
  return state_->next(record);
}

Result<JsonValue> RecordReader::document(const Bytes& bytes, std::string_view name, bool& repaired) {
  return state_->document(bytes, name, repaired);
}

}  // namespace teamferry::archive
