// The process around the command line: streams, signals, and the one catch-all.

#include "cmd/cli.h"
#include "cmd/stdout_buffer.h"

#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <unistd.h>
#include <vector>

int main(int argc, char** argv) {
  using aitrade::cli::ExitCode;
  try {
    std::signal(SIGPIPE, SIG_IGN);  // see StdoutBuffer
    aitrade::cli::StdoutBuffer buffer(STDOUT_FILENO);
    std::ostream out(&buffer);
    aitrade::cli::Context context{.out = out,
                                  .err = std::cerr,
                                  .out_is_terminal = ::isatty(STDOUT_FILENO) == 1,
                                  .err_is_terminal = ::isatty(STDERR_FILENO) == 1,
                                  .in_is_terminal = ::isatty(STDIN_FILENO) == 1};
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    return static_cast<int>(aitrade::cli::run_command_line(arguments, context));
  } catch (const std::exception& error) {
    std::cerr << "aitrade: unexpected failure: " << error.what() << '\n';
    return static_cast<int>(ExitCode::failed);
  }
}
