// Expected failures as values, and broken invariants as aborts.
//
// Style.md section 7: an expected failure is a `Result<T>`, a broken invariant is `AITRADE_CHECK`
// (always on, aborts), a foreign exception is caught in the .cpp that wraps the library. `Result`
// keeps the names of std::expected, so that moving to it later is mechanical.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace aitrade {

/// What kind of failure this is; callers branch on it, never on the text.
enum class ErrorCode {
  invalid,      // input that breaks a rule
  not_found,    // the named thing does not exist
  corrupt,      // stored state fails its own checks
  io,           // the operating system refused
  full,         // no space left, or read-only
  network,      // connection refused, reset, unreachable
  timeout,      // gave up waiting
  rejected,     // the other side said no
  busy,         // somebody else holds it; try again later
  unsupported,  // known and deliberately not done
};

/// Returns the code as the word used in JSON errors, e.g. "not_found".
std::string_view to_string(ErrorCode code);

/// One failure, for the operator: what was attempted, on what, what was found.
struct Error {
  ErrorCode code{ErrorCode::invalid};
  std::string what;

  /// Returns the error with a frame in front: `within("kraken: balances")`.
  [[nodiscard]] Error within(std::string_view frame) && {
    what.insert(0, std::string(frame) + ": ");
    return std::move(*this);
  }
};

/// A value, or the reason why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by design

  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }

  explicit operator bool() const { return has_value(); }

  T& operator*() & { return std::get<0>(state_); }

  const T& operator*() const& { return std::get<0>(state_); }

  T&& operator*() && { return std::get<0>(std::move(state_)); }

  T* operator->() { return &std::get<0>(state_); }

  const T* operator->() const { return &std::get<0>(state_); }

  Error& error() & { return std::get<1>(state_); }

  const Error& error() const& { return std::get<1>(state_); }

  Error&& error() && { return std::get<1>(std::move(state_)); }

  [[nodiscard]] T value_or(T other) const& { return has_value() ? **this : std::move(other); }

 private:
  std::variant<T, Error> state_;
};

/// Success, or the reason for failure.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;

  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design

  [[nodiscard]] bool has_value() const { return !error_.has_value(); }

  explicit operator bool() const { return has_value(); }

  Error& error() & { return *error_; }

  const Error& error() const& { return *error_; }

  Error&& error() && { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

inline Status ok() { return {}; }

inline Error fail(ErrorCode code, std::string what) { return Error{code, std::move(what)}; }

/// Prints the broken invariant with its place and aborts. Never returns.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace aitrade

#define AITRADE_CONCAT_(a, b) a##b
#define AITRADE_CONCAT(a, b) AITRADE_CONCAT_(a, b)

/// Declares a variable from a Result, or returns its error from this function.
#define AITRADE_TRY(declaration, expression) \
  AITRADE_TRY_(AITRADE_CONCAT(aitrade_result_, __LINE__), declaration, expression)
#define AITRADE_TRY_(name, declaration, expression) \
  auto name = (expression);                         \
  if (!name) return std::move(name).error();        \
  declaration = *std::move(name)

/// Returns the error of a Status from this function, if there is one.
#define AITRADE_TRY_STATUS(expression)                                     \
  do {                                                                     \
    if (auto aitrade_status = (expression); !aitrade_status)               \
      return std::move(aitrade_status).error();                            \
  } while (false)

/// Stops the process when an invariant is broken; on in every build.
#define AITRADE_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::aitrade::check_failed(#condition, __FILE__, __LINE__))
