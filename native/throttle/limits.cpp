#include "native/throttle/limits.h"

#include <fmt/format.h>

#include "native/limits/limits.h"

namespace teamferry::throttle {
namespace {

using limits::RequestClass;

// Where the table allows one request a second and conversation, the article's number may hold instead.
bool contested(const limits::RequestRate& row) {
  return row.resource_requests == 1 && row.resource_seconds == 1;
}

Limits as_article(const char* name, double per_second) {
  Limits article = table_limits();
  const auto& data = limits::in_force();
  article.name = name;
  for (std::size_t i = 1; i < article.classes.size(); ++i) {
    const auto& row = data.rate(static_cast<RequestClass>(i));
    if (!contested(row)) continue;
    article.classes[i] = {per_second, data.pace.floor_per_second, data.pace.tenant_start_per_second,
                          row.app_per_second};
  }
  return article;
}

}  // namespace

Limits table_limits() {
  Limits table;
  const auto& data = limits::in_force();
  table.name = "table";
  table.step = data.pace.step_per_second;
  table.step_after = data.pace.step_after_requests;
  for (std::size_t i = 1; i < table.classes.size(); ++i) {
    const auto& row = data.rate(static_cast<RequestClass>(i));
    const double of_resource = row.resource_requests / row.resource_seconds * data.pace.used_share;
    const double of_tenant = row.tenant_per_second * data.pace.used_share;
    table.classes[i] = {of_resource, of_resource * data.pace.halved_floor_share, of_tenant, of_tenant};
  }
  return table;
}

Limits article_limits() {
  return as_article("article", limits::in_force().pace.article_per_second);
}

Limits strict_limits() {
  return as_article("strict", limits::in_force().pace.strict_per_second);
}

Limits no_limits() {
  Limits off;
  off.name = "off";
  return off;
}

std::optional<Limits> limits_named(std::string_view name) {
  for (auto make : {article_limits, table_limits, strict_limits, no_limits}) {
    if (auto limits = make(); limits.name == name) return limits;
  }
  return std::nullopt;
}

std::string limits_names() {
  return "article, table, strict or off";
}

}  // namespace teamferry::throttle
