// Numbers as the page writes them: node format.mjs, beside a copy of the page's format.js named page_format.mjs.
// Ends with status 0 when all are as they should be.

import { money, percent, price, quantity, sign, signed } from "./page_format.mjs";

const wanted = [
  [money("-1234.5", "USD"), "−$1,234.50"],
  [money("-1234.5", "USD", { delta: true }), "−$1,234.50"],
  [money("1234.5", "USD", { delta: true }), "+$1,234.50"],
  [money("0", "USD"), "$0.00"],
  [money("-0.00", "USD", { delta: true }), "$0.00"],
  [money("-0.004", "USD"), "$0.00"],
  [money("-0.005", "USD"), "−$0.01"],
  [money("-12345678901234567.895", "USD"), "−$12,345,678,901,234,567.90"],   // more than a double holds
  [money("-3", "CHF"), "−3.00 CHF"],
  [money("", "USD"), "–"],
  [money("-", "USD"), "–"],
  [money(null, "USD"), "–"],
  [price("-3.5"), "−3.5000"],
  [quantity("-0.00000001"), "0.000000"],
  [percent(-0.0125), "−1.25 %"],
  [percent(-0.000001), "0.00 %"],
  [percent(Number.NaN), "–"],
  [signed(-1.5), "−1.50"],
  [signed(-0.001), "0.00"],
  [sign("-0.01"), -1],
  [sign("-0.00"), 0],
];

for (const [found, expected] of wanted) {
  if (found === expected) continue;
  console.error(`${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
  process.exitCode = 1;
}
