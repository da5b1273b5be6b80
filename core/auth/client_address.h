// Whose request it is, for limits: the socket's peer, or what a trusted proxy says. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aitrade {

/// Returns the address that limits go by: IPv4 as it is, IPv6 as its /64. Anything else as it is.
std::string address_class(std::string_view address);

/// Returns whether an address lies in a network such as "10.0.0.0/8", "::1/128" or a plain address.
bool is_in_network(std::string_view address, std::string_view network);

/// Returns the client of a request: the right-most address of `forwarded_for` that is not trusted, when the
/// peer itself is; else the peer. A list of more than 16 or one that cannot be read is not believed.
std::string client_address(std::string_view peer, std::string_view forwarded_for,
                           const std::vector<std::string>& trusted);

}  // namespace aitrade
