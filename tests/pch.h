// Catch and the standard headers, compiled once for all test programs. Files still include what they use.
// GCC 12 forgets that a precompiled header is the system's and reports std::string + "literal" as out of
// bounds (bug 105651): these two warnings are off in tests, where the sanitizers look for the real ones.
#pragma once

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>
