#include "native/limits/described.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "native/limits/embedded.h"
#include "native/limits/fields.h"

namespace teamferry::limits {
namespace {

using nlohmann::json;

// The value at "sizes.message_soft_bytes", which stands bare or beside its description.
const json& shipped_value(const json& root, const std::string& name) {
  const json* at = &root;
  for (std::size_t from = 0; from <= name.size();) {
    const std::size_t dot = std::min(name.find('.', from), name.size());
    at = &at->at(name.substr(from, dot - from));
    from = dot + 1;
  }
  const auto value = at->is_object() ? at->find("value") : at->end();
  return value != at->end() ? *value : *at;
}

}  // namespace

std::string described_json(const Limits& limits) {
  const json root = json::parse(shipped_json());
  const json overrides = json::parse(limits.overrides_json());
  json all = json::object();
  for (const auto& [name, field] : fields()) {
    const Provenance& from = limits.provenance(name);
    const auto ours = overrides.find(name);
    all[name] = {{"value", ours != overrides.end() ? *ours : shipped_value(root, name)},
                 {"source", from.source},
                 {"as_of", from.as_of},
                 {"mark", to_string(from.mark)}};
  }
  return all.dump();
}

}  // namespace teamferry::limits
