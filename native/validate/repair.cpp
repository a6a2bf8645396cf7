#include "native/validate/repair.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "native/limits/limits.h"
#include "native/validate/conversation.h"
#include "native/validate/html.h"
#include "native/validate/html_mend.h"
#include "native/validate/html_token.h"
#include "native/validate/message_json.h"
#include "native/validate/repair_json.h"
#include "native/validate/text.h"

namespace teamferry::validate {
namespace {

using Json = nlohmann::json;

bool is_plain(std::string_view html) {
  return html.find('<') == html.npos;
}

std::string as_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '\n') {
      out += "<br>";
    } else {
      out += c;
    }
  }
  return out;
}

// Takes out what `check` names as a field of rule shape that stands in `body` itself or one level below.
void remove_field(Json& body, const std::string& field, Changes& changes) {
  const auto dot = field.find('.');
  Json* owner = dot == field.npos ? &body : object_in(body, field.substr(0, dot));
  const auto name = dot == field.npos ? field : field.substr(dot + 1);
  if (owner == nullptr || !owner->is_object() || !owner->contains(name)) return;
  const Json& value = (*owner)[name];
  note(changes, "shape", field, value.is_string() ? value.get_ref<const std::string&>() : value.type_name(), "");
  owner->erase(name);
}

void remove_unknown(Json& body, const Findings& findings, Changes& changes) {
  for (const auto& finding : findings) {
    if (finding.rule == "shape" && finding.cure == "Leave it out") remove_field(body, finding.field, changes);
  }
}

void replace(std::string* text, std::string now, const char* rule, const char* field, Changes& changes) {
  if (text == nullptr || *text == now) return;
  note(changes, rule, field, *text, now);
  *text = std::move(now);
}

}  // namespace

void repair_time(Json& body, const MessageContext& context, Changes& changes) {
  std::string* text = text_in(body, "createdDateTime");
  const auto time = text ? DateTime::parse(*text) : std::nullopt;
  if (!time) return;
  MessageFacts facts;
  facts.createdDateTime = *text;
  Findings findings;
  check_time(facts, findings);
  if (!findings.empty()) replace(text, time->to_string(), findings[0].rule.c_str(), "createdDateTime", changes);
  if (!context.root_time || *time > *context.root_time) return;
  replace(text, DateTime{context.root_time->ms + 1}.to_string(), "R9", "createdDateTime", changes);
}

void repair_author(Json& body, Changes& changes) {
  Json* from = object_in(body, "from");
  Json* user = from ? object_in(*from, "user") : nullptr;
  if (user == nullptr || !is_object_id(view_in(*user, "id")) || !view_in(*user, "userIdentityType").empty()) return;
  (*user)["userIdentityType"] = "aadUser";
  note(changes, "R15", "from.user.userIdentityType", "", "aadUser");
}

void repair_content(Json& body, Changes& changes) {
  Json* content = object_in(body, "body");
  std::string* text = content ? text_in(*content, "content") : nullptr;
  if (text == nullptr) return;
  const auto type = view_in(*content, "contentType");
  const auto has = [&](const char* list) { return list_in(body, list) != nullptr && !body[list].empty(); };
  if ((type.empty() || type == "text") && (has("mentions") || has("attachments") || has("hostedContents"))) {
    note(changes, "R18", "body.contentType", type, "html");
    (*content)["contentType"] = "html";
    if (is_plain(*text)) *text = as_html(*text);
  }
  if (view_in(*content, "contentType") != "html") {
    return replace(text, composed(cleaned(*text)), "R47", "body.content", changes);
  }
  const auto findings = check_html(*text);
  if (findings.empty()) return;
  *text = mended_html(*text);
  std::set<std::string> rules;
  for (const auto& finding : findings) {
    if (rules.insert(finding.rule).second)
      note(changes, finding.rule.c_str(), finding.field, finding.message, "mended");
  }
}

void repair_reactions(Json& body, const MessageContext& context, Changes& changes) {
  Json* list = list_in(body, "reactions");
  if (list == nullptr) return;
  const auto time = DateTime::parse(view_in(body, "createdDateTime"));
  const auto most = static_cast<std::size_t>(limits::in_force().counts.reactions_per_message);
  std::set<std::pair<std::string, std::string>> seen;
  Json kept = Json::array();
  for (auto& reaction : *list) {
    Json* of = object_in(reaction, "user");
    Json* user = of ? object_in(*of, "user") : nullptr;
    const std::string id(user ? view_in(*user, "id") : std::string_view());
    const std::string type(view_in(reaction, "reactionType"));
    const ReactionFacts facts{type, view_in(reaction, "createdDateTime"), id, view_in(reaction, "reactionContentUrl")};
    std::string* when = text_in(reaction, "createdDateTime");
    const auto at = when ? DateTime::parse(*when) : std::nullopt;
    const bool custom = type == "custom" && !facts.reactionContentUrl.empty();
    if (!at || !is_object_id(id) || (!custom && !is_reaction_type(type)) || kept.size() >= most ||
        !seen.insert({id, type}).second) {
      note(changes, "R30", "reactions", type, "");
      continue;
    }
    if (time && *at < *time) {
      replace(when, time->to_string(), "R31", "reactions", changes);
    } else if (context.now && *at > *context.now) {
      replace(when, context.now->to_string(), "R31", "reactions", changes);
    }
    kept.push_back(std::move(reaction));
  }
  *list = std::move(kept);
}

void repair_small(Json& body, const MessageContext& context, Changes& changes) {
  if (std::string* importance = text_in(body, "importance")) {
    if (*importance == "urgent" && !context.in_chat) {
      replace(importance, "high", "R35", "importance", changes);
    } else if (*importance != "normal" && *importance != "high" && *importance != "urgent") {
      replace(importance, "normal", "R35", "importance", changes);
    }
  }
  if (std::string* subject = text_in(body, "subject"); subject != nullptr && !subject->empty()) {
    if (context.in_chat || context.is_reply) {
      note(changes, "R36", "subject", *subject, "");
      body.erase("subject");
    } else {
      replace(subject, composed(cleaned(*subject)), "R47", "subject", changes);
      if (has_tag(*subject)) replace(subject, text_inside(*subject), "R36", "subject", changes);
      replace(subject, std::string(cut_to_units(*subject, limits::in_force().sizes.subject_units)), "R36", "subject",
              changes);
    }
  }
  if (const auto locale = view_in(body, "locale"); !locale.empty() && locale != "en-us") {
    note(changes, "R37", "locale", locale, "");
    body.erase("locale");
  }
}

void repair_fields(Json& body, Changes& changes) {
  remove_unknown(body, check_message_json(body), changes);
}

Repaired repair_message(Json body, const MessageContext& context) {
  Repaired out;
  if (!body.is_object()) return out.body = std::move(body), out;
  const std::string* before = html_of(body);
  const bool had_html = before != nullptr && !before->empty();
  repair_fields(body, out.changes);
  repair_time(body, context, out.changes);
  repair_author(body, out.changes);
  repair_content(body, out.changes);
  repair_mentions(body, out.changes);
  repair_attachments(body, out.changes);
  repair_images(body, out.changes, out.as_files);
  repair_reactions(body, context, out.changes);
  repair_small(body, context, out.changes);
  // An element in its like, with one of them gone, may have left an end tag behind.
  if (std::string* html = html_of(body); html != nullptr && !check_html(*html).empty()) *html = mended_html(*html);
  if (std::string* html = html_of(body); had_html && html->empty())
    replace(html, "&nbsp;", "R19", "body.content", out.changes);
  out.body = std::move(body);
  return out;
}

Repaired repair_channel(Json body) {
  Repaired out;
  if (!body.is_object()) return out.body = std::move(body), out;
  if (std::string* name = text_in(body, "displayName")) {
    replace(name, legal_channel_name(*name, {}), "R38", "displayName", out.changes);
  }
  if (std::string* text = text_in(body, "description")) {
    replace(text, legal_description(*text), "R39", "description", out.changes);
  }
  out.body = std::move(body);
  return out;
}

Repaired repair_team(Json body) {
  Repaired out;
  if (!body.is_object()) return out.body = std::move(body), out;
  if (std::string* name = text_in(body, "displayName")) {
    replace(name, composed(cleaned(*name)), "R47", "displayName", out.changes);
    replace(name, std::string(cut_to_units(*name, limits::in_force().sizes.team_name_units)), "R39", "displayName",
            out.changes);
  }
  if (std::string* text = text_in(body, "description")) {
    replace(text, legal_description(*text), "R39", "description", out.changes);
  }
  out.body = std::move(body);
  return out;
}

}  // namespace teamferry::validate
