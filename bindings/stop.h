#pragma once

#include <atomic>

namespace teamferry::bindings {

// Ctrl-C and SIGTERM ask a command to end cleanly; a second one ends the process at once, which the journal survives.
// catch_stop() installs that for the rest of the process.
void catch_stop();
const std::atomic<bool>& stop_asked();

// What was asked for has ended; for the prompt, which goes on.
void forget_stop();

// From here on it takes one Ctrl-C more to end the process at once, and the second says so: for the prompt.
void warn_before_death();

// Ctrl-Z (SIGTSTP) asks a run to let what is on its way arrive and then to stand still; a second one stops the process
// at once. catch_pause() installs that for the rest of the process.
void catch_pause();
bool pause_asked();
// Stands still, as after any Ctrl-Z, until somebody wakes the process (fg, SIGCONT).
void stand_still();

// Waits until somebody asks.
void wait_for_stop();

}  // namespace teamferry::bindings
