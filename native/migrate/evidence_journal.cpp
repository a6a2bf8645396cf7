#include "native/migrate/evidence_journal.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "native/base/sha256.h"

namespace teamferry::migrate {

using journal::State;
using nlohmann::ordered_json;

namespace {

constexpr const char* kLastHead = "evidence_head";
constexpr std::string_view kScript = "script ";

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, std::min(text.find('\n'), text.size())));
}

ordered_json message_fields(const journal::MessageRow& row, const ReadBackOf& read_back) {
  ordered_json fields = {{"key", row.key}, {"record", row.record}, {"state", journal::name(row.state)}};
  if (row.time.ms != 0) fields["time"] = row.time.to_string();
  if (!row.body.empty()) fields["body"] = sha256_hex(row.body);
  if (row.state != State::sent) {
    if (!row.reason.empty()) fields["reason"] = first_line(row.reason);
    return fields;
  }
  if (!row.hash.empty()) fields["sent"] = row.hash.size() == 32 ? hex(row.hash) : row.hash;
  fields["id"] = row.graph_id;
  if (!read_back) return fields;
  auto back = read_back(row);
  fields["found"] = std::move(back.found);
  if (!back.read.empty()) fields["read"] = std::move(back.read);
  return fields;
}

}  // namespace

Result<JournalEvidence> JournalEvidence::begin(journal::Journal& journal, std::string_view command, DateTime now,
                                               const std::string& path, const std::string& key) {
  auto writer = EvidenceWriter::create(path, key);
  if (!writer) return writer.error();
  JournalEvidence evidence(journal, std::move(*writer));
  ordered_json fields = {{"format", 1}, {"command", command}, {"made", now.to_string()}};
  for (const char* name :
       {"project", "target", "tenant", "client_id", "export", "export_fingerprint", "export_sha256"}) {
    if (const auto value = journal.meta(name); value && !value->empty()) fields[name] = *value;
  }
  if (const auto previous = journal.meta(kLastHead)) fields["previous"] = *previous;
  evidence.writer_.add("evidence", fields);
  for (const auto& [name, sha256] : journal.metas(kScript)) {
    evidence.writer_.add("script", {{"path", name.substr(kScript.size())}, {"sha256", sha256}});
  }
  if (const auto accepted = journal.meta("accepted_failures")) {
    evidence.writer_.add("accepted",
                         {{"failures", *accepted}, {"reason", journal.meta("accepted_reason").value_or("")}});
  }
  for (const auto& team : journal.teams()) {
    evidence.writer_.add("team", {{"displayName", team.displayName}, {"state", team.state}, {"id", team.graph_id}});
  }
  return evidence;
}

void JournalEvidence::conversation(const journal::Conversation& conversation, const ReadBackOf& read_back,
                                   const VerifySummary::Conversation* sums) {
  ordered_json fields = {{"displayName", conversation.displayName},
                         {"source_id", conversation.source_id},
                         {"kind_of", conversation.kind},
                         {"id", conversation.graph_id},
                         {"state", conversation.state},
                         {"floor", conversation.floor.to_string()}};
  if (!conversation.reason.empty()) fields["reason"] = conversation.reason;
  writer_.add("conversation", fields);
  journal_.each_message(conversation.id, [&](const journal::MessageRow& row) {
    writer_.add("message", message_fields(row, read_back));
    return true;
  });
  if (sums == nullptr) return;
  writer_.add("sums", {{"expected", sums->expected},
                       {"found", sums->found},
                       {"equal", sums->equal},
                       {"missing", sums->missing},
                       {"different", sums->different},
                       {"extra", sums->extra}});
}

Result<Evidence> JournalEvidence::finish(std::optional<bool> ok) {
  ordered_json rows = ordered_json::object();
  for (const auto& [state, n] : journal_.totals().by_state) rows[journal::name(state)] = n;
  ordered_json fields = {{"rows", std::move(rows)}};
  if (ok) fields["ok"] = *ok;
  auto written = writer_.finish(std::move(fields));
  if (!written) return written.error();
  if (auto status = journal_.set_meta(kLastHead, written->head); !status) return status.error();
  return written;
}

Result<Evidence> write_evidence(journal::Journal& journal, std::string_view command, DateTime now,
                                const std::string& path, const std::string& key) {
  auto evidence = JournalEvidence::begin(journal, command, now, path, key);
  if (!evidence) return evidence.error();
  for (const auto& conversation : journal.conversations()) evidence->conversation(conversation, {}, nullptr);
  return evidence->finish(std::nullopt);
}

}  // namespace teamferry::migrate
