#include "native/migrate/primitives_check.h"

#include <nlohmann/json.hpp>

#include "native/validate/conversation_json.h"
#include "native/validate/message_json.h"

namespace teamferry::migrate {

using nlohmann::json;

namespace {

json parsed(const std::string& body) {
  return json::parse(body, nullptr, false);
}

// Puts in what is missing; a body that is no object stays as it is, for the rules to say so.
std::string with(const std::string& body, std::initializer_list<std::pair<const char*, std::string>> defaults) {
  json value = parsed(body);
  if (!value.is_object()) return body;
  for (const auto& [field, text] : defaults) {
    if (!value.contains(field)) value[field] = text;
  }
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string complete_team_body(const std::string& body, const std::string& service_url) {
  return with(body, {{"@microsoft.graph.teamCreationMode", "migration"},
                     {"template@odata.bind", service_url + "/v1.0/teamsTemplates('standard')"}});
}

std::string complete_channel_body(const std::string& body) {
  return with(body, {{"@microsoft.graph.channelCreationMode", "migration"}, {"membershipType", "standard"}});
}

validate::Findings check_new_team(const std::string& body) {
  return validate::check_team_json(parsed(body));
}

validate::Findings check_new_channel(const std::string& body) {
  return validate::check_channel_json(parsed(body));
}

validate::Findings check_new_chat(const std::string& body) {
  return validate::check_chat_json(parsed(body));
}

validate::Findings check_import(const std::string& message, const std::string& conversation, bool is_reply) {
  const json place = parsed(conversation);
  auto context = place.is_object() ? validate::context_of(place) : validate::MessageContext();
  context.is_reply = is_reply;
  return validate::check_message_json(parsed(message), context);
}

}  // namespace teamferry::migrate
