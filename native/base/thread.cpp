#include "native/base/thread.h"

#include <system_error>
#include <utility>

namespace teamferry {

Thread::Thread(std::size_t stack_bytes, std::function<void()> run) : run_(std::move(run)) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  int error = pthread_attr_setstacksize(&attributes, stack_bytes);
  const auto begin = [](void* self) -> void* {
    static_cast<Thread*>(self)->run_();
    return nullptr;
  };
  if (error == 0) error = pthread_create(&id_, &attributes, begin, this);
  pthread_attr_destroy(&attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), "cannot start a thread");
}

Thread::~Thread() {
  pthread_join(id_, nullptr);
}

}  // namespace teamferry
