#include <fmt/format.h>

#include <algorithm>

#include "native/emulator/message_text.h"
#include "native/emulator/routes.h"

// The pictures of messages: their list, and their bytes.
namespace teamferry::emulator {
namespace {

// Graph never answers with the bytes or the type here, only behind $value.
std::string print(const HostedImage& picture) {
  return fmt::format(R"("id":"{}","contentBytes":null,"contentType":null}})", picture.id);
}

struct FoundPicture {
  const HostedImage* picture = nullptr;
  std::string collection;
};

// The one that the last key names; picture nullptr: `refused` is the answer.
FoundPicture find_picture(const Call& call, MessageKind kind, Answer& refused) {
  const auto [conversation, message] = find_message(call, kind, refused);
  if (message == nullptr) return {};
  const std::string& id = call.keys.back();
  const auto& pictures = conversation->pictures_of(*message);
  const auto found = std::find_if(pictures.begin(), pictures.end(), [&](const auto& each) { return each.id == id; });
  if (found == pictures.end()) {
    refused = Answer::not_found(fmt::format("No hosted content found with id {}.", id));
    return {};
  }
  return {&*found, fmt::format("{}/hostedContents", MessagePrinter(call, *conversation).path_of(*message))};
}

}  // namespace

template <MessageKind Kind>
Answer list_hosted(Call& call) {
  Answer refused;
  const auto [conversation, message] = find_message(call, Kind, refused);
  if (message == nullptr) return refused;
  const auto& pictures = conversation->pictures_of(*message);
  const std::string path = MessagePrinter(call, *conversation).path_of(*message);
  std::string out = fmt::format(R"({{"@odata.context":"{}/hostedContents","@odata.count":{},"value":[)",
                                call.context(path), pictures.size());
  for (const HostedImage& picture : pictures) {
    out += &picture == pictures.data() ? "{" : ",{";
    out += print(picture);
  }
  return Answer::ok(out + "]}");
}

template <MessageKind Kind>
Answer get_hosted(Call& call) {
  Answer refused;
  const auto [picture, collection] = find_picture(call, Kind, refused);
  if (picture == nullptr) return refused;
  return Answer::ok(fmt::format(R"({{"@odata.context":"{}/$entity",{})", call.context(collection), print(*picture)));
}

template <MessageKind Kind>
Answer get_hosted_value(Call& call) {
  Answer refused;
  const auto [picture, collection] = find_picture(call, Kind, refused);
  if (picture == nullptr) return refused;
  auto bytes = call.store.blobs().get(picture->blob);
  if (!bytes) return storage_failed(bytes.error());
  Answer answer = Answer::ok(std::move(bytes).value());
  answer.content_type = picture->type;
  return answer;
}

template Answer list_hosted<MessageKind::root>(Call&);
template Answer list_hosted<MessageKind::reply>(Call&);
template Answer list_hosted<MessageKind::chat>(Call&);
template Answer get_hosted<MessageKind::root>(Call&);
template Answer get_hosted<MessageKind::reply>(Call&);
template Answer get_hosted<MessageKind::chat>(Call&);
template Answer get_hosted_value<MessageKind::root>(Call&);
template Answer get_hosted_value<MessageKind::reply>(Call&);
template Answer get_hosted_value<MessageKind::chat>(Call&);

}  // namespace teamferry::emulator
