#include "src/work/task_words.hpp"

namespace loomline::eventing {

std::string describe(const Task& task) {
  if (task.job != nullptr) return "command " + task.job->command->handler->method;
  if (task.timer) return "timer " + task.timer->offer.type;
  if (task.item) return task.item->offer.type + " " + task.item->offer.id;
  return "what was set aside";
}

std::string describe(const KeyId& id) { return id.kind + " " + id.key; }

std::string type_of(const Task& task) {
  return task.job != nullptr ? task.job->command->handler->method
         : task.timer        ? task.timer->offer.type
         : task.item         ? task.item->offer.type
                             : "";
}

std::string event_of(const Task& task) {
  return task.timer ? task.timer->offer.id : task.item ? task.item->offer.id : "";
}

const Offer* offer_of(const Task& task) {
  return task.item ? &task.item->offer : task.timer ? &task.timer->offer : nullptr;
}

}  // namespace loomline::eventing
