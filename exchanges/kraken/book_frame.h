// The most frequent frame of all, read without building a document first.
//
// A book message in exactly the form the venue writes today: these members, in this order, nothing between them.
// Whatever differs in a single byte is left to parse_frame(), so this can only be faster, never other: a test
// compares the two over mutated frames.
#pragma once

#include "exchanges/kraken/codec.h"

#include <optional>
#include <string_view>

namespace aitrade::kraken {

/// Returns the message of a book frame in the venue's usual form; nothing for anything else, well formed or not.
std::optional<BookMessage> read_book_frame(std::string_view text);

}  // namespace aitrade::kraken
