#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "native/migrate/body.h"

namespace teamferry::migrate {

// Turns the markers that mapping scripts leave in HTML into what Teams takes. Markers speak in ids of the source:
//
//   <at person="U1">Ada</at>                    a mention; plain @Ada if that person is nobody in the tenant
//   <a conversation="C1">general</a>            #name of the channel there
//   <a message="1549.0001">this</a>             its label: what is not sent yet has no address
//   <attachment file="F1"></attachment>         nothing: files are not carried yet
//
// Everything else is left as it is.
struct Resolved {
  std::string html;
  std::vector<Mention> mentions;  // numbered from 0 in reading order
};

struct MentionedUser {
  std::string_view user_id, displayName;  // in the tenant
};

// What the markers' ids mean.
class Names {
 public:
  virtual ~Names() = default;
  // The shown name of a person of the source; empty for a stranger.
  virtual std::string_view person(std::string_view id) const = 0;
  // False when that person is not mapped to a user of their own.
  virtual bool user(std::string_view person, MentionedUser& found) const = 0;
  // The displayName of the channel that a room becomes; empty for none.
  virtual std::string_view channel(std::string_view source_id) const = 0;
};

using NoteLoss = std::function<void(std::string_view kind, std::string_view detail)>;

// Replaces what `out` held. Losses: mention_unknown, link_as_text, file_missing. One pass; HTML without markers
// is copied as it is. Tested by tests/native/migrate/resolve_test.cpp.
void resolve_markers(std::string_view html, const Names& names, const NoteLoss& loss, Resolved& out);

}  // namespace teamferry::migrate
