// What the gate costs one candidate.
#include "ml/xgboost_model.h"
#include "tests/bench/bench.h"
#include "tests/ml/samples.h"

#include <memory>
#include <numeric>
#include <stdexcept>

namespace aitrade::bench {

void add_ml_rows(const BenchInput&, std::vector<BenchRow>& rows) {
  auto data = std::make_shared<ml::Dataset>(ml::test::planted(2000, 1, 72));
  ml::prepare(*data);
  std::vector<std::size_t> all(data->size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  auto fitted = ml::XgboostModel::fit(*data, all, {}, {.rounds_max = 200});
  if (!fitted) throw std::runtime_error("the model of the bench could not be fitted");
  const auto model = std::make_shared<const ml::XgboostModel>(std::move(*fitted));
  rows.push_back({"inference, 200 trees, one row at a time", "rows", data->size(), [data, model] {
                    double sum = 0;
                    for (const ml::Sample& sample : *data) sum += model->probability(sample.features);
                    return sum;
                  }});
}

}  // namespace aitrade::bench
