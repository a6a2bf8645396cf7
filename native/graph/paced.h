#pragma once

#include "native/http/message.h"

namespace teamferry::graph {

// Sets what `request` is paced by, from its method, route and address, unless its caller has. Imports stay unpaced: a
// lane keeps their pace, since it alone knows which message goes next. So does what is not Teams: users, drives.
// Tested by tests/native/graph/paced_test.cpp.
void set_pace(http::Request& request);

}  // namespace teamferry::graph
