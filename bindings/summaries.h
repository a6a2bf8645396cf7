#pragma once

#include <lua.hpp>

#include "bindings/project.h"
#include "native/base/result.h"
#include "native/journal/journal.h"
#include "native/migrate/doctor.h"
#include "native/migrate/plan.h"
#include "native/migrate/session.h"

// What commands give back, as tables with the same names.
namespace teamferry::bindings {

void push_moment(lua_State* L, const migrate::PlanMoment& moment);
void push_progress(lua_State* L, const migrate::Progress& progress);
void push_summary(lua_State* L, const migrate::PlanSummary& summary);
void push_summary(lua_State* L, const migrate::RunSummary& summary);
void push_summary(lua_State* L, const migrate::VerifySummary& summary);
void push_summary(lua_State* L, const migrate::CompleteSummary& summary);
void push_summary(lua_State* L, const migrate::Discarded& discarded);
void push_summary(lua_State* L, const journal::Difference& found);
void push_summary(lua_State* L, const migrate::Evidence& evidence);
void push_summary(lua_State* L, const migrate::CheckedEvidence& checked);
void push_summary(lua_State* L, const Project::Preflight& found);
void push_summary(lua_State* L, const std::vector<migrate::Check>& checks);
void push_summary(lua_State* L, const std::vector<migrate::Cure>& cures);
void push_check(lua_State* L, const migrate::Check& check);
// Totals, teams, conversations, meta of a journal.
void push_summary(lua_State* L, journal::Journal* journal);

}  // namespace teamferry::bindings
