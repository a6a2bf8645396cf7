#include "tests/native/migrate/plan_sample.h"

#include "tests/support/virtual_loop.h"

namespace teamferry::migrate {

void Sample::commit(journal::Committer::Work work) {
  VirtualLoop loop;
  auto committer = journal->direct_committer();
  loop.run(committer->commit(std::move(work))).value();
}

}  // namespace teamferry::migrate
