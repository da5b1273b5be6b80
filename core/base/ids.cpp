#include "core/base/ids.h"

namespace aitrade {

std::string to_string(const ClientOrderId& id) {
  const char* role = "entry";
  switch (id.role) {
    case OrderRole::entry:
      role = "entry";
      break;
    case OrderRole::exit:
      role = "exit";
      break;
    case OrderRole::protect:
      role = "protect";
      break;
    case OrderRole::take_profit:
      role = "take_profit";
      break;
    case OrderRole::close_all:
      role = "close_all";
      break;
  }
  return std::to_string(id.epoch) + "-" + std::to_string(id.sequence) + "-" + role + "-" +
         std::to_string(id.attempt);
}

}  // namespace aitrade
