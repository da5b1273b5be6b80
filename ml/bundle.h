// The model file: everything that a gate needs and everything that says where it came from, in one file.
//
// The file is a magic, the length of the body, the body (core/store/packing.h) and the SHA-256 of the body. What does
// not fit is refused whole; a model never runs with the scaling, calibration or schema of another (X26).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ml/model.h"
#include "ml/training.h"

namespace aitrade::ml {

constexpr std::string_view bundle_magic = "AITMOD02";

/// The figures that a list of models shows; the report has them all.
struct BundleFigures {
  std::uint64_t rows{0}, accepted{0};       // of the test part
  double log_loss{0}, base_log_loss{0};
  double auc{0};                            // NaN: undefined
  double brier{0}, base_brier{0};
  double slope{0};                          // of calibration; NaN: undefined
  double accepted_r{0}, all_r{0};
};

struct Bundle {
  Model model;
  std::uint64_t schema{0};
  std::string data_hash;                    // of the candidates it came from
  std::uint64_t seed{0};
  std::string code_version;
  double base_rate{0};
  double margin{0};
  double cost{0};                           // round trip that the labels paid, fraction of price
  Time first, last;                         // decisions it was trained and tested on
  Time seen;                                // end of the last of their outcomes: candles after it are new to the model
  std::vector<std::string> pairs;
  BundleFigures figures;
  bool helps{false};
  std::string verdict;
};

/// Returns the bytes of the file.
std::string to_bytes(const Bundle& bundle);

/// Errors: corrupt for a file that is not whole; unsupported for a model of another feature schema
Result<Bundle> bundle_from(std::string_view bytes);

/// Returns the name of a bundle: the first twelve digits of the SHA-256 of its file.
std::string bundle_id(std::string_view bytes);

/// Returns SHA-256 over what training sees of the samples, in hexadecimal.
std::string data_hash(const Dataset& data);

}  // namespace aitrade::ml
