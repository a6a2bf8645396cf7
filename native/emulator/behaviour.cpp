#include "native/emulator/behaviour.h"

#include "native/emulator/scenarios.h"

namespace teamferry::emulator {

Result<Behaviour> Behaviour::open(const Options& options) {
  const auto profile = read_profile(options.profile);
  if (!profile) return profile.error();
  const auto retry_after = read_retry_after(options.retry_after);
  if (!retry_after) return retry_after.error();
  FaultList list;
  if (!options.faults_file.empty()) {
    auto read = read_faults_file(options.faults_file);
    if (!read) return read.error();
    list = std::move(read).value();
  }
  constexpr std::uint64_t kSeed = 1;
  Behaviour behaviour(*profile, *retry_after, options.seed_number.value_or(list.seed.value_or(kSeed)));
  const Status played = behaviour.play(options.scenario, std::nullopt);
  if (!played) return played.error();
  behaviour.faults.add(std::move(list.rules));
  return behaviour;
}

Status Behaviour::play(std::string_view name, std::optional<std::uint64_t> seed) {
  std::vector<FaultRule> rules;
  Profile profile = profile_;
  if (!name.empty()) {
    const auto scenario = find_scenario(name);
    if (!scenario) return scenario.error();
    auto read = read_faults((*scenario)->faults);
    if (!read) return read.error();
    rules = std::move(read)->rules;
    if (!(*scenario)->profile.empty()) {
      const auto own = read_profile((*scenario)->profile);
      if (!own) return own.error();
      profile = *own;
    }
  }
  faults.replace(std::move(rules), seed.value_or(faults.seed()));
  throttle = Throttle(profile);
  scenario_ = name;
  return done();
}

}  // namespace teamferry::emulator
