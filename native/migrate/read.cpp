#include "native/migrate/read.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "native/migrate/visible_text.h"

namespace teamferry::migrate {
namespace {

bool same_guid(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string text_of(const nlohmann::json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

nlohmann::json object_of(const nlohmann::json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_object() ? *found : nlohmann::json::object();
}

// What a message says of one expectation on another millisecond: nothing.
void compare(const graph::Message& message, const Expected& expected, Sighting& sighting) {
  if (!message.createdDateTime || *message.createdDateTime != expected.time) return;
  const Seen seen = judge(message, expected);
  // Two messages on one millisecond cannot be; should the service show it, our own one outranks the other.
  if (sighting.seen == Seen::ours) return;
  sighting.seen = seen;
  sighting.id = message.id;
}

}  // namespace

Expected expected_message(const std::string& body, DateTime time, std::string parent) {
  Expected expected;
  expected.time = time;
  expected.parent = std::move(parent);
  const auto message = nlohmann::json::parse(body, nullptr, false);
  if (!message.is_object()) return expected;
  expected.author = text_of(object_of(object_of(message, "from"), "user"), "id");
  const auto content = object_of(message, "body");
  expected.text = visible_text(text_of(content, "contentType"), text_of(content, "content"));
  return expected;
}

Seen judge(const graph::Message& message, const Expected& expected) {
  const bool tombstone = message.from_user_id.empty() && message.deleted;
  if (tombstone) return Seen::other_text;
  if (!same_guid(message.from_user_id, expected.author) || message.replyToId != expected.parent) return Seen::stranger;
  return visible_text(message.contentType, message.content) == expected.text ? Seen::ours : Seen::other_text;
}

Task<Sighting> Reader::look(Expected expected, bool deep) {
  const std::string guess = std::to_string(expected.time.ms);
  auto getting = expected.parent.empty() ? run_.session.client.message(where_, guess)
                                         : run_.session.client.reply(where_, expected.parent, guess);
  auto got = co_await std::move(getting);
  Sighting sighting;
  if (got) {
    compare(*got, expected, sighting);
    if (sighting.seen == Seen::ours) co_return sighting;
    sighting = Sighting();  // a guess alone decides nothing, nor does its refusal
  } else if (got.error().status == 401 || got.error().status == 403 || got.error().retryable()) {
    sighting.seen = Seen::unreadable;
    sighting.error = got.error();
    co_return sighting;
  }
  if (!expected.parent.empty() && !deep) {
    auto looking = look_among_replies(expected);
    sighting = co_await std::move(looking);
  } else {
    auto looking = look_in_listing(expected, deep);
    sighting = co_await std::move(looking);
  }
  co_return sighting;
}

Task<Sighting> Reader::look_patiently(Expected expected, bool deep) {
  for (int failures = 0;; ++failures) {
    auto looking = look(expected, deep);
    Sighting sighting = co_await std::move(looking);
    const bool trouble = sighting.seen == Seen::unreadable && sighting.error &&
                         (sighting.error->retryable() || sighting.error->status == 412);
    if (!trouble || failures >= run_.session.options.unclear_answers) co_return sighting;
    const auto wait = run_.backoff(failures, *sighting.error);
    run_.tell_wait("reading back: " + sighting.error->to_string(), wait);
    auto nap = run_.nap(wait);
    const bool go_on = co_await std::move(nap);
    if (!go_on) co_return sighting;
  }
}

Task<Sighting> Reader::look_among_replies(const Expected& expected) {
  Sighting sighting;
  std::string next;
  do {
    auto paging = run_.session.client.replies_page(where_, expected.parent, next);
    auto page = co_await std::move(paging);
    if (!page) {
      if (page.error().status == 404) break;  // the root is gone, or not read yet
      sighting.seen = Seen::unreadable;
      sighting.error = page.error();
      co_return sighting;
    }
    for (const auto& message : page->messages) compare(message, expected, sighting);
    next = page->next_link;
  } while (!next.empty() && sighting.seen == Seen::nothing);
  co_return sighting;
}

Task<Sighting> Reader::look_in_listing(const Expected& expected, bool deep) {
  Wanted wanted{&expected, deep, {}, false};
  waiting_.push_back(&wanted);
  while (!wanted.done) {
    if (listing_) {
      auto turn = listed_.wait();
      co_await turn;
    } else {
      auto listing = list_for_waiting();
      co_await std::move(listing);
    }
  }
  co_return wanted.sighting;
}

Task<void> Reader::list_for_waiting() {
  listing_ = true;
  const std::vector<Wanted*> served = std::exchange(waiting_, {});
  Status status = done();
  try {
    auto listing = list_for(served);
    status = co_await std::move(listing);
  } catch (...) {  // a broken contract: the others must not wait for what this one holds
    tell_served(served, Error::state("unreadable", "the listing of the conversation broke off"));
    throw;
  }
  tell_served(served, status);
}

Task<Status> Reader::list_for(std::vector<Wanted*> served) {
  std::optional<DateTime> oldest = served.front()->expected->time;
  for (const Wanted* wanted : served) {
    if (wanted->deep) {
      oldest.reset();
      break;
    }
    oldest = std::min(*oldest, wanted->expected->time);
  }
  Each compare_all = [&served](const graph::Message& message) {
    for (Wanted* wanted : served) compare(message, *wanted->expected, wanted->sighting);
  };
  auto listing = each_living(oldest, std::move(compare_all));
  co_return co_await std::move(listing);
}

void Reader::tell_served(const std::vector<Wanted*>& served, const Status& status) {
  for (Wanted* wanted : served) {
    if (!status && wanted->sighting.seen == Seen::nothing) {
      wanted->sighting.seen = Seen::unreadable;
      wanted->sighting.error = status.error();
    }
    wanted->done = true;
  }
  listing_ = false;
  listed_.notify();
}

Task<Status> Reader::each_living(std::optional<DateTime> oldest, Each fn) {
  graph::Client& client = run_.session.client;
  std::string next;
  do {
    auto paging = client.messages_page(where_, next, graph::Replies::expanded);
    auto page = co_await std::move(paging);
    if (!page) co_return page.error();
    bool all_older = oldest.has_value();
    for (const auto& root : page->messages) {
      fn(root);
      if (!root.createdDateTime || !oldest || *root.createdDateTime >= *oldest) all_older = false;
      for (const auto& reply : root.replies) {
        fn(reply);
        if (oldest && reply.createdDateTime && *reply.createdDateTime >= *oldest) all_older = false;
      }
      std::string more = root.replies_next_link;
      while (!more.empty()) {
        auto reading = client.replies_page(where_, root.id, more);
        auto replies = co_await std::move(reading);
        if (!replies) co_return replies.error();
        for (const auto& reply : replies->messages) fn(reply);
        more = replies->next_link;
      }
    }
    if (!next.empty() && page->next_link == next) {
      co_return Error::transport("unreadable", "the pages of a conversation have no end");
    }
    next = page->next_link;
    if (all_older && !page->messages.empty()) break;
  } while (!next.empty());
  co_return done();
}

}  // namespace teamferry::migrate
