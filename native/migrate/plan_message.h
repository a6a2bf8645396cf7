#pragma once

#include <map>
#include <string>
#include <string_view>

#include "native/migrate/mapper.h"
#include "native/migrate/people.h"
#include "native/migrate/plan.h"
#include "native/migrate/resolve.h"
#include "native/validate/mentions.h"

namespace teamferry::migrate {

using ChannelNames = std::map<std::string, std::string, std::less<>>;  // by the source's id of the room

// Turns one mapped message into the body that is sent: markers resolved, the name of a fallback author in front,
// checked against the rules. Its buffers are used again: a body holds until the next one is built.
// Tested by tests/native/migrate/plan_message_test.cpp.
class MessageBuilder : public Names {
 public:
  MessageBuilder(const KnownPeople& people, const ChannelNames& channels, const PlanOptions& options)
      : people_(people), channels_(channels), options_(options) {}

  struct Built {
    std::string_view body;
    std::string failure;  // "R20 body.content: ...": the message cannot be sent like this
  };
  Built build(const MappedMessage& message, const Author& author, const NoteLoss& loss);

  std::string_view person(std::string_view id) const override;
  bool user(std::string_view person, MentionedUser& found) const override;
  std::string_view channel(std::string_view source_id) const override;

 private:
  void compose(const MappedMessage& message, const Author& author, const NoteLoss& loss);
  std::string_view importance(const MappedMessage& message, const NoteLoss& loss) const;
  std::string_view subject(const MappedMessage& message, const NoteLoss& loss);
  validate::Findings judge(const MappedMessage& message, const Author& author, const NoteLoss& loss);
  bool clean(const NoteLoss& loss);
  bool mend(const NoteLoss& loss);

  const KnownPeople& people_;
  const ChannelNames& channels_;
  const PlanOptions& options_;
  Resolved resolved_;
  std::vector<validate::MentionFacts> mention_facts_;
  std::string subject_, body_;
};

}  // namespace teamferry::migrate
