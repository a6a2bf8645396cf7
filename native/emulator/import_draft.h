#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Includes simdjson, since imports are what the emulator does most: only the import's own files need this header.
#include <simdjson.h>

#include "native/emulator/call.h"
#include "native/emulator/html_marks.h"

// A message on its way in. Its body is parsed once; each step below reads a part of it and appends what the service
// would answer to `content`, or says why the message is refused.
// Tested by tests/native/emulator/import_*_test.cpp.
namespace teamferry::emulator {

using Element = simdjson::dom::element;
using Value = std::optional<Element>;  // of a member; null and absent are the same
using Refusal = std::optional<Answer>;

// Pictures as they came, whose bytes are not stored yet.
struct NewImage {
  std::string_view temporary_id;
  std::string id;  // the one that it has from now on
  std::string_view type;
  std::string bytes;
  bool used = false;
};

struct Draft {
  explicit Draft(const Call& its_call) : call(its_call) {}

  const Call& call;
  Value created, from, body, subject, summary, importance, type, mentions, attachments, hosted, reactions;

  std::string content;      // of the Message: JSON members without braces
  std::string_view text;    // the body's content
  bool html = false;        // in a text body nothing is markup
  std::vector<Mark> marks;  // in the order of the text
  std::vector<NewImage> images;
  std::size_t bytes = 0;  // that count towards the limit of a message
};

// Parses the request into the draft's members. What they view lives until the next import of this thread.
Refusal read_import(Draft& draft);

// The steps, in their order.
Refusal read_header(Draft& draft);       // messageType, importance, subject, summary
Refusal read_author(Draft& draft);       // requires `from`
Refusal read_body(Draft& draft);         // fills text, html and marks
Refusal read_images(Draft& draft);       // fills images
Refusal write_body(Draft& draft);        // with the images' new ids
Refusal read_attachments(Draft& draft);  // requires marks
Refusal read_mentions(Draft& draft);     // requires marks
Refusal read_reactions(Draft& draft);

// For the steps themselves.

struct Field {
  std::string_view name;
  Value* member;  // nullptr: known, and of no consequence
};

// Finds the fields of an object. Members of no known name are refused (or ignored by the variant), annotations like
// "@odata.type" are not. Fails too if the value is no object.
Refusal read_fields(const Call& call, Element value, std::string_view type, std::initializer_list<Field> fields);

// Leaves `text` as it is when the member is absent.
Refusal read_string(const Value& member, std::string_view name, std::string_view& text);
// None when the member is absent.
Refusal read_items(const Value& member, std::string_view name, std::vector<Element>& items);
Refusal wrong_type(std::string_view name, std::string_view type);

// Counts bytes towards the limit of a message.
Refusal count_bytes(Draft& draft, std::size_t bytes);

void append_string(std::string& out, std::string_view name, std::string_view text);  // "name":"text"
void append_member(std::string& out, std::string_view name, const Value& member);    // as it came, or null

}  // namespace teamferry::emulator
