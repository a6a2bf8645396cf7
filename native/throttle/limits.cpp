#include "native/throttle/limits.h"

#include "native/limits/limits.h"

namespace teamferry::throttle {

Limits article_limits() {
  Limits article;
  article.name = "article";
  const auto& data = limits::in_force().pace;
  article.rate = data.article_per_second;
  article.floor = data.floor_per_second;
  article.step = data.step_per_second;
  article.step_after = data.step_after_requests;
  return article;
}

Limits no_limits() {
  Limits limits;
  limits.name = "off";
  return limits;
}

std::optional<Limits> limits_named(std::string_view name) {
  for (auto limits : {article_limits(), no_limits()}) {
    if (limits.name == name) return limits;
  }
  return std::nullopt;
}

}  // namespace teamferry::throttle
