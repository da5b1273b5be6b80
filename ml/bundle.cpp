#include "ml/bundle.h"

#include "core/store/digest.h"
#include "core/store/packing.h"

namespace aitrade::ml {

// ---- one description per type, for both directions ------------------------------------------------

template <class A, Like<Scaler> T>
void pack(A& a, T& x) {
  a(x.mean, x.deviation);
  std::vector<std::uint8_t> known(x.always_known.begin(), x.always_known.end());
  a(known);
  if constexpr (!A::is_writer) x.always_known.assign(known.begin(), known.end());
}

template <class A, Like<LogisticModel> T>
void pack(A& a, T& x) {
  a(x.scaler, x.coefficients);
}

template <class A, Like<Calibration> T>
void pack(A& a, T& x) {
  a(x.method, x.slope, x.intercept, x.scores, x.values);
}

template <class A, Like<BundleFigures> T>
void pack(A& a, T& x) {
  a(x.rows, x.accepted, x.log_loss, x.base_log_loss, x.auc, x.brier, x.base_brier, x.slope, x.accepted_r, x.all_r);
}

/// All of a bundle but the trees, which follow as bytes of their own.
template <class A, Like<Bundle> T>
void pack(A& a, T& x) {
  a(x.schema, x.model.kind, x.model.logistic, x.model.scaler, x.model.calibration, x.data_hash, x.seed, x.code_version,
    x.base_rate, x.margin, x.cost, x.first, x.last, x.seen, x.pairs, x.figures, x.helps, x.verdict);
}

namespace {

constexpr std::size_t length_bytes = 8;
constexpr std::size_t digest_bytes = 32;

std::string digest_of(std::string_view text) {
  const Digest digest = sha256(text);
  return {digest.begin(), digest.end()};
}

bool fits(const Scaler& scaler) {
  return scaler.mean.size() == features_count && scaler.deviation.size() == features_count &&
         scaler.always_known.size() == features_count;
}

bool fits(const Model& model) {
  const Calibration& c = model.calibration;
  const bool is_map = c.method <= Calibration::Method::isotonic && c.scores.size() == c.values.size();
  if (!fits(model.scaler) || !is_map || model.kind > ModelKind::xgboost) return false;
  if (model.kind == ModelKind::xgboost) return true;
  return fits(model.logistic.scaler) && model.logistic.coefficients.size() == features_count + 1;
}

}  // namespace

std::string to_bytes(const Bundle& bundle) {
  std::string body;
  PackWriter write(body);
  write(bundle);
  write(bundle.model.trees != nullptr ? bundle.model.trees->bytes() : std::string());
  std::string out(bundle_magic);
  for (std::size_t i = 0; i < length_bytes; ++i) out += static_cast<char>(body.size() >> (8 * i) & 0xff);
  return out + body + digest_of(body);
}

Result<Bundle> bundle_from(std::string_view bytes) {
  const std::size_t frame = bundle_magic.size() + length_bytes;
  if (bytes.size() < frame + digest_bytes || !bytes.starts_with(bundle_magic)) {
    return fail(ErrorCode::corrupt, "not a model file, or one that is cut off");
  }
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    length |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[bundle_magic.size() + i])) << (8 * i);
  }
  if (length != bytes.size() - frame - digest_bytes) return fail(ErrorCode::corrupt, "a model file of the wrong length");
  const std::string_view body = bytes.substr(frame, length);
  if (digest_of(body) != bytes.substr(frame + length)) {
    return fail(ErrorCode::corrupt, "the checksum of the model file does not fit its content");
  }
  Bundle bundle;
  PackReader read(body);
  std::string trees;
  read(bundle, trees);
  if (read.failed() || !read.at_end()) return fail(ErrorCode::corrupt, "the model file has another layout");
  if (bundle.schema != feature_schema()) {
    return fail(ErrorCode::unsupported, "the model was made for other features than this version computes; train anew");
  }
  if (!fits(bundle.model)) return fail(ErrorCode::corrupt, "the parts of the model do not fit one another");
  if (bundle.model.kind == ModelKind::xgboost) {
    AITRADE_TRY(XgboostModel model, XgboostModel::from_bytes(trees));
    bundle.model.trees = std::make_shared<const XgboostModel>(std::move(model));
  }
  return bundle;
}

std::string bundle_id(std::string_view bytes) {
  constexpr std::size_t digits = 12;
  return to_hex(digest_of(bytes)).substr(0, digits);
}

std::string data_hash(const Dataset& data) {
  std::string text;
  PackWriter write(text);
  write(feature_schema());
  for (const Sample& s : data) {
    write(s.life.from, s.life.to, s.weight, s.r, s.break_even, s.stratum);
    for (const double x : s.features) write(x);
  }
  return to_hex(digest_of(text));
}

}  // namespace aitrade::ml
