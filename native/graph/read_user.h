#pragma once

#include <nlohmann/json.hpp>

#include "native/base/result.h"
#include "native/graph/user.h"

namespace teamferry::graph {

// Reads a user out of an answer. For this folder's sources only.
Result<User> read_user(const nlohmann::json& body);

}  // namespace teamferry::graph
