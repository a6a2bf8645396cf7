#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "native/validate/message.h"

namespace teamferry::validate {

// What a repair has changed, in short, for a person who wants to know what went missing.
struct Change {
  std::string rule;           // "R22"
  std::string field;          // in Graph's spelling
  std::string before, after;  // cut to 60 characters; empty `after`: it is gone
};
using Changes = std::vector<Change>;

struct Repaired {
  nlohmann::json body;
  Changes changes;
  // R34: entries of hostedContents that are too big and were taken out: to be uploaded as files.
  std::vector<nlohmann::json> as_files;
};

// A chatMessage with what can be mended without a decision mended: R1, R3, R9, R15, R18, R21 to R27, R30 to R37, R45
// to R47, and fields that the service does not take. What is left to find in it afterwards needs a person or a script:
// no author, no time, too long, a card. Never throws. The same body and context give the same result; a repaired body
// comes back as it is. Tested by tests/native/validate/repair_test.cpp and fuzz_test.cpp.
Repaired repair_message(nlohmann::json body, const MessageContext& context = {});

// R38, R39, R47 and fields that the service does not take, of a body that creates a channel or a team.
Repaired repair_channel(nlohmann::json body);
Repaired repair_team(nlohmann::json body);

// The repairs of a message by themselves, each a change of `body` and a push onto `changes`. They take what they find
// for what it should be: a member of another type is left alone.
void repair_time(nlohmann::json& body, const MessageContext& context, Changes& changes);            // R1, R3, R9
void repair_author(nlohmann::json& body, Changes& changes);                                         // R15
void repair_content(nlohmann::json& body, Changes& changes);                                        // R18, R45 to R47
void repair_mentions(nlohmann::json& body, Changes& changes);                                       // R21 to R24
void repair_attachments(nlohmann::json& body, Changes& changes);                                    // R25 to R27
void repair_reactions(nlohmann::json& body, const MessageContext& context, Changes& changes);       // R30, R31
void repair_images(nlohmann::json& body, Changes& changes, std::vector<nlohmann::json>& as_files);  // R32 to R34
void repair_small(nlohmann::json& body, const MessageContext& context, Changes& changes);           // R35, R36, R37
void repair_fields(nlohmann::json& body, Changes& changes);                                         // shape

}  // namespace teamferry::validate
