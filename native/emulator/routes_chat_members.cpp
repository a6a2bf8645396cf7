#include <nlohmann/json.hpp>

#include "native/emulator/ids.h"
#include "native/emulator/members.h"
#include "native/emulator/routes.h"

// The members of chats. Who may see which part of the history is settled when a member is added, and never changes:
// the remedy is to remove and to add again.
namespace teamferry::emulator {
namespace {

// The roster of a one-on-one chat is fixed. The text for removing was seen (E128); that for adding is our inference.
std::optional<Answer> roster_blocked(const Conversation& chat, const char* doing) {
  if (chat.chat_type != "oneOnOne") return std::nullopt;
  return Answer::error(403, "Forbidden", "InsufficientPrivileges")
      .inner("1", fmt::format("RosterAddMemberBlocked-Roster is blocked from {} member", doing));
}

Result<const Member*> add(const Call& call, const Conversation& chat, const Invitation& invitation) {
  Invitation whole = invitation;
  // Without the property nothing older than the moment of adding is shared.
  whole.history_from = invitation.history_from.value_or(call.now);
  return join(call, chat_roster(chat), whole);
}

bool is_member(const Conversation& chat, const Invitation& invitation) {
  return find_member_of(chat.members, invitation.user->id) != nullptr;
}

}  // namespace

Answer list_chat_members(Call& call) {
  Answer refused;
  const Conversation* chat = find_chat(call, refused);
  return chat == nullptr ? refused : list_members(call, chat_roster(*chat));
}

Answer get_chat_member(Call& call) {
  Answer refused;
  const Conversation* chat = find_chat(call, refused);
  return chat == nullptr ? refused : get_member(call, chat_roster(*chat), call.keys[1]);
}

Answer add_chat_member(Call& call) {
  Answer refused;
  const Conversation* chat = find_chat(call, refused);
  if (chat == nullptr) return refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  const auto invitation = read_invitation(call, *body, refused);
  if (!invitation) return refused;
  if (invitation->user == nullptr) return nobody(*invitation);
  if (auto blocked = roster_blocked(*chat, "add")) return *blocked;
  if (is_member(*chat, *invitation)) {
    return Answer::error(409, "Conflict", fmt::format("The user '{}' is a member of the chat.", invitation->whom));
  }
  const auto member = add(call, *chat, *invitation);
  if (!member) return storage_failed(member.error());
  Answer answer = Answer::success(201, "");
  answer.headers.emplace_back("Location", fmt::format("/chats/{}/members/{}", chat->id, (*member)->id));
  return answer;
}

Answer add_chat_members(Call& call) {
  Answer refused;
  const Conversation* chat = find_chat(call, refused);
  if (chat == nullptr) return refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  const auto invitations = read_invitations(call, *body, "values", refused);
  if (!invitations) return refused;
  if (auto blocked = roster_blocked(*chat, "add")) return *blocked;
  return answer_each(call, *invitations, [&](const Invitation& each) -> std::string {
    if (is_member(*chat, each)) return "Conflict";
    return add(call, *chat, each) ? "" : "insufficientStorage";
  });
}

Answer delete_chat_member(Call& call) {
  Answer refused;
  const Conversation* chat = find_chat(call, refused);
  if (chat == nullptr) return refused;
  const Member* member = find_listed(chat_roster(*chat), call.keys[1], refused);
  if (member == nullptr) return refused;
  if (auto blocked = roster_blocked(*chat, "remove")) return *blocked;
  // What the service does is not known; an empty chat could not be repaired by anybody.
  if (chat->members.size() == 1) return Answer::bad_request("The last member of a chat cannot be removed.");
  Status removed = call.store.remove_member(chat->id, member->id, call.now);
  return removed ? Answer::none() : storage_failed(removed.error());
}

}  // namespace teamferry::emulator
