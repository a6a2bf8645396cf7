#include "native/migrate/plan_message.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "native/limits/limits.h"
#include "native/validate/message.h"
#include "native/validate/repair.h"
#include "native/validate/text.h"

namespace teamferry::migrate {
namespace {

std::string name_line(std::string pattern, std::string_view name) {
  if (!pattern.starts_with("<p>")) pattern = "<p>" + pattern + "</p>";
  std::string shown;
  append_html_text(shown, validate::cleaned(name));
  if (const auto at = pattern.find("{name}"); at != pattern.npos) pattern.replace(at, 6, shown);
  return pattern;
}

bool has_rule(const validate::Findings& findings, std::string_view rule) {
  return std::any_of(findings.begin(), findings.end(), [&](const auto& finding) { return finding.rule == rule; });
}

// The errors, as one text; what Teams shows otherwise than it is written is a loss.
std::string failure_of(const validate::Findings& findings, const NoteLoss& loss) {
  std::string failure;
  bool markup = false;
  for (const auto& finding : findings) {
    // R48 says what R20 could be cured by.
    if (finding.severity == validate::Finding::Severity::error || (finding.rule == "R48" && !failure.empty())) {
      if (!failure.empty()) failure += "; ";
      failure += finding.to_string();
    } else if (finding.rule == "R45" && !markup) {
      loss("markup", finding.message);
      markup = true;
    }
  }
  return failure;
}

}  // namespace

std::string_view MessageBuilder::person(std::string_view id) const {
  const Author* author = people_.find(id);
  return author ? std::string_view(author->shown()) : std::string_view();
}

bool MessageBuilder::user(std::string_view person, MentionedUser& found) const {
  const Author* author = people_.find(person);
  if (!author || !author->mapped()) return false;
  // R23: a mention has a name, also that of somebody whom the tenant gives none.
  found = {author->user.id, author->user.displayName.empty() ? author->shown() : author->user.displayName};
  return true;
}

std::string_view MessageBuilder::channel(std::string_view source_id) const {
  const auto found = channels_.find(source_id);
  return found == channels_.end() ? std::string_view() : std::string_view(found->second);
}

MessageBuilder::Built MessageBuilder::build(const MappedMessage& message, const Author& author, const NoteLoss& loss) {
  const NoteLoss silent = [](std::string_view, std::string_view) {};
  compose(message, author, loss);
  auto findings = judge(message, author, loss);
  if (has_rule(findings, "R47") && clean(loss)) findings = judge(message, author, silent);
  if (!findings.empty() && options_.repair == PlanOptions::Repair::safe && mend(loss)) {
    findings = judge(message, author, silent);
  }
  return {body_, failure_of(findings, loss)};
}

// Only what stands in the text itself: what a reference to a control character hides is not cleaned.
bool MessageBuilder::clean(const NoteLoss& loss) {
  if (validate::is_clean(resolved_.html) && validate::is_clean(subject_)) return false;
  resolved_.html = validate::cleaned(resolved_.html);
  subject_ = validate::cleaned(subject_);
  for (auto& mention : resolved_.mentions) mention.text = validate::cleaned(mention.text);
  loss("text_repaired", "characters that Teams does not take");
  return true;
}

bool MessageBuilder::mend(const NoteLoss& loss) {
  auto body = nlohmann::json::parse(body_);
  validate::Changes changes;
  std::vector<nlohmann::json> as_files;
  validate::repair_content(body, changes);
  validate::repair_attachments(body, changes);
  validate::repair_images(body, changes, as_files);
  std::set<std::string> rules;
  for (const auto& change : changes) rules.insert(change.rule);
  for (const auto& rule : rules) loss("repaired", rule);
  resolved_.html = body["body"]["content"];
  if (resolved_.html.empty()) resolved_.html = "&nbsp;";  // R19
  return !changes.empty();
}

void MessageBuilder::compose(const MappedMessage& message, const Author& author, const NoteLoss& loss) {
  resolve_markers(message.content, *this, loss, resolved_);
  // An attachment that is not carried may have been all there was (R19).
  if (resolved_.html.empty() && !message.content.empty()) resolved_.html = "&nbsp;";
  if (!author.mapped()) {
    resolved_.html.insert(0, name_line(options_.fallback_line, author.shown()));
    loss("author_fallback", author.shown());
  }
  subject_ = subject(message, loss);
  body_.clear();
}

std::string_view MessageBuilder::subject(const MappedMessage& message, const NoteLoss& loss) {
  if (message.subject.empty()) return {};
  if (!message.reply_to.empty() && message.reply_to != message.key) {
    loss("markup", "a reply has no subject");
    return {};
  }
  const auto most = limits::in_force().sizes.subject_units;  // R36
  const auto cut = validate::cut_to_units(message.subject, most);
  if (cut.size() < message.subject.size()) {
    loss("markup", "the subject was cut to " + std::to_string(most) + " characters");
  }
  return cut;
}

std::string_view MessageBuilder::importance(const MappedMessage& message, const NoteLoss& loss) const {
  if (message.importance.empty() || message.importance == "normal" || message.importance == "high") {
    return message.importance;
  }
  if (message.importance != "urgent") {
    loss("markup", "importance '" + std::string(message.importance) + "'");
    return {};
  }
  loss("markup", "importance urgent is high in a channel");
  return "high";
}

// Writes body_ and gives what the rules have against it.
validate::Findings MessageBuilder::judge(const MappedMessage& message, const Author& author, const NoteLoss& loss) {
  BodyParts parts{author.from.empty() ? std::string_view(R"({"user":{}})") : author.from, resolved_.html,
                  &resolved_.mentions, subject_, importance(message, loss)};
  write_message_body(body_, parts);
  mention_facts_.clear();
  for (const auto& mention : resolved_.mentions) {
    mention_facts_.push_back({static_cast<std::int64_t>(mention_facts_.size()), mention.text, 1, "user",
                              mention.user_id, mention.displayName, "aadUser"});
  }
  validate::MessageFacts facts;
  facts.contentType = "html";
  facts.content = resolved_.html;
  facts.subject = subject_;
  facts.mentions = mention_facts_;
  facts.json_bytes = facts.request_bytes = body_.size();
  // A character takes no more units than bytes.
  facts.json_units = body_.size() > limits::in_force().sizes.message_soft_bytes ? validate::utf16_units(body_) : 0;

  if (facts.json_units > 0) {
    parts.mentions = nullptr;
    std::string bare;
    write_message_body(bare, parts);
    facts.parts_bytes = body_.size() - bare.size();
  }

  validate::Findings findings;
  // An author without any user ends the plan with a list of all such (People::missing).
  if (!author.user.id.empty()) validate::check_user_id(author.user.id, findings);
  validate::check_body(facts, findings);
  validate::check_references(facts, findings);
  validate::check_subject(subject_, facts.context, findings);
  validate::check_size(facts, findings);
  return findings;
}

}  // namespace teamferry::migrate
