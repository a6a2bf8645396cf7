#pragma once

#include <string>

namespace teamferry::graph {

struct CreatedTeam {
  std::string team_id;
  std::string operation_path;  // "/teams/{id}/operations/{id}", below the version; empty if none was named
};

struct Operation {
  std::string status;  // notStarted, inProgress, succeeded, failed
  std::string targetResourceId;
  std::string error_code;
  std::string error_message;
};

struct Team {
  std::string id;
  std::string displayName;
  std::string description;
  std::string json = {};  // the whole resource as the service printed it
};

}  // namespace teamferry::graph
