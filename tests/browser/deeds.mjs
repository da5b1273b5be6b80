// What a person does on the page, one part after the other.

import { check_access } from "./access.mjs";
import { check, go, hold, told } from "./page.mjs";

/** The live part: figures, chart, the why of a decision. */
export async function look_around(page, name, shoot) {
  check((await page.textContent("#mode")) === "paper", `${name}: mode`);
  check((await page.textContent("#equity")).startsWith("$"), `${name}: equity`);
  await page.waitForSelector("#stage canvas");
  await page.waitForFunction(() => document.querySelector("#chart-legend").textContent.includes("O "));
  await page.click("#chart-frames button:nth-child(2)");
  check((await page.getAttribute("#chart-frames button:nth-child(2)", "aria-pressed")) === "true", `${name}: timeframe`);
  await page.click("#chart-lines button:nth-child(4)");   // the pane of RSI
  await page.click("#ranges button:last-child");
  await page.waitForTimeout(600);
  await shoot(page, `${name}-chart`);
  await page.click("#ranges button:first-child");
  await page.click("#chart-frames button:nth-child(1)");
  await page.waitForSelector("#gauges li");
  check((await page.locator("#breakers li").count()) >= 5, `${name}: breakers`);
  check((await page.locator("#pairs tr").count()) === 3, `${name}: scanner`);
  await page.waitForSelector("#decisions tr");
  for (let i = 0; i < 10; ++i) {   // reasons are written down in batches, and a busy machine takes its time
    await page.locator("#decisions tr button").nth(2).click();
    await page.waitForFunction(() => !/^Asking/.test(document.querySelector("#why-text").textContent));
    if ((await page.locator("#votes tr").count()) > 0) break;
    await page.keyboard.press("Escape");
    await page.waitForTimeout(1000);
  }
  await page.waitForSelector("#votes tr");
  check(/confidence/.test(await page.textContent("#why-text")), `${name}: why`);
  await shoot(page, `${name}-why`);
  await page.keyboard.press("Escape");
}

const words_of_chart = (page) => page.textContent("#stage-text");
const entries_of = (text) => Number(/(\d+) entries/.exec(text)?.[1] ?? -1);

/** Watches a trade open on its chart; returns its pair. */
async function watch_trade_open(page) {
  await page.waitForSelector("#positions tr", { timeout: 90000 });
  const pair = await page.locator("#positions tr td").first().textContent();
  await page.locator(`#chart-pairs button:text-is("${pair}")`).click();
  const is_there = await page.waitForFunction((p) => {
    const text = document.querySelector("#stage-text").textContent;
    return text.startsWith(p) && (text.includes("open ") || document.querySelectorAll("#positions tr").length === 0);
  }, pair);
  check(Boolean(is_there), "the open trade is on the chart");
  return pair;
}

/** Waits for a trade to open, closes it, sees it closed on the chart; pauses, resumes, closes all. */
export async function act(page, shoot) {
  const pair = await watch_trade_open(page);
  const before = entries_of(await words_of_chart(page));
  await page.locator("#positions tr .danger").first().click();
  check(await page.locator("#ask").isVisible(), "closing asks first");
  await shoot(page, "wide-ask");
  await page.keyboard.press("Escape");
  await page.waitForTimeout(300);
  const button = page.locator("#positions tr .danger").first();
  if (await button.count()) {   // it may have left by itself meanwhile
    await button.click();
    await hold(page);
    await told(page, /is closed|on its way|no open position/);
  }
  await page.waitForFunction(([p, n]) => {
    const text = document.querySelector("#stage-text").textContent;
    return text.startsWith(p) && Number(/(\d+) entries/.exec(text)[1]) > n;
  }, [pair, before]);   // the closed trade is on the chart
  await page.click("#pause");
  check((await told(page, "Paused")) === "good", "pause");
  await page.waitForSelector("#notice:not([hidden])");
  check(/Paused/.test(await page.textContent("#notice")), "the page says that it is paused");
  await page.keyboard.press("p");   // by keyboard: resume
  check((await told(page, "allowed again")) === "good", "resume");
  await page.waitForSelector("#close-all:not([disabled])", { timeout: 90000 });
  await page.click("#close-all");
  await shoot(page, "wide-ask-all");
  await hold(page);
  await told(page, /Nothing is held|closed|on the way/);
}

/** Opens a trade from its row, by keyboard and by pointer: what it came of and what it did; Escape closes it. */
export async function open_trade(page, name, shoot) {
  await page.waitForSelector("#trades tr");
  await page.waitForTimeout(1500);   // the ledger has what the view has
  await page.locator("#trades tr .opener").first().focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("#trade[open] #trade-fills tr");
  const fills = await page.locator("#trade-fills tr").count();
  check(fills >= 2, `${name}: a trade has an entry and an exit, not ${fills}`);
  check((await page.locator("#trade-orders tr").count()) >= 2, `${name}: its orders`);
  check((await page.locator("#trade-votes tr").count()) >= 1, `${name}: the votes it came of`);
  check(/held .* closed by .* after costs/.test(await page.textContent("#trade-text")), `${name}: what came of it`);
  const [wide, room] = await page.evaluate(() => [document.querySelector("#trade").scrollWidth, document.querySelector("#trade").clientWidth]);
  check(wide <= room, `${name}: the trade is ${wide} px wide in ${room}`);
  await check_access(page, `${name} trade`);
  await shoot(page, `${name}-trade`);
  await page.keyboard.press("Escape");
  check(await page.locator("#trade").isHidden(), `${name}: Escape closes the trade`);
  check(await page.evaluate(() => document.activeElement.classList.contains("opener")), `${name}: the focus is back at its row`);
  await page.locator("#trades tr td:nth-child(6)").first().click();
  await page.waitForSelector("#trade[open] #trade-fills tr");
  await page.locator("#trade button").click();
  check(await page.locator("#trade").isHidden(), `${name}: its button closes the trade`);
}

/** The books: filter, download, orders and executions. Returns where the download lies. */
export async function use_books(page, shoot) {
  await go(page, "books");
  await page.waitForSelector("#trades tr");
  const pair = await page.locator("#trades tr td:nth-child(2)").first().textContent();
  await page.selectOption("#filter-pair", pair);
  await page.waitForFunction((p) => [...document.querySelectorAll("#trades tr td:nth-child(2)")].every((c) => c.textContent === p), pair);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download")]);
  check(download.suggestedFilename() === "trades.csv", "the name of the download");
  await page.click("#filter-clear");
  await open_trade(page, "wide", shoot);
  await page.waitForSelector("#orders tr");
  await page.waitForSelector("#fills tr");
  check((await page.textContent("#execution")).includes("Orders sent"), "execution");
  return download.path();
}

/** Starts a backtest, watches it end, opens its report; then another, and lays both side by side. */
export async function use_backtests(page, shoot) {
  await go(page, "backtests");
  for (const bars of ["200", "150"]) {
    const before = await page.locator("#runs tr").count();
    await page.fill("#lab-bars", bars);
    await page.click("#lab-run");
    await told(page, /has started/);
    // The list hears of it later than the one who asked: only the new row says that it is completed.
    await page.waitForFunction((count) => {
      const rows = document.querySelectorAll("#runs tr");
      return rows.length > count && rows[0].querySelector('td[data-label="State"]').textContent.includes("completed");
    }, before);
  }
  const newest = page.locator("#runs tr").first();
  check((await newest.locator('td[data-label="State"]').textContent()).includes("completed"), "the backtest is completed");
  await newest.locator('td[data-label="Open"] button').click();
  await page.waitForFunction(() => document.querySelectorAll("#outcome-rows tr").length > 5);
  await page.waitForTimeout(300);
  await shoot(page, "wide-report");
  if (await page.locator("#outcome-full").isVisible()) {
    const [report] = await Promise.all([page.context().waitForEvent("page"), page.click("#outcome-full")]);
    await report.waitForLoadState();
    check(/backtest/i.test(await report.title()), `the whole report: ${await report.title()}`);
    await report.close();
  }
  for (const i of [0, 1]) await page.locator('#runs input[type="checkbox"]').nth(i).check();
  await page.click("#compare");
  await page.waitForFunction(() => document.querySelectorAll("#outcome-head th").length === 3);
  await shoot(page, "wide-compare");
  await page.click("#outcome-close");
}

/** Changes a setting out of its bounds and sees it refused at the field; then within, and sees the difference. */
export async function use_settings(page, shoot) {
  const field = "#set-risk-max_positions_per_correlation_group";
  await go(page, "settings");
  await page.waitForSelector(field);
  const wanted = (await page.inputValue(field)) === "3" ? "4" : "3";
  await page.fill(field, "5000");
  await page.click("#settings-review");
  await page.waitForSelector(`${field}-fault:not(:empty)`);
  check(await page.locator("#diff").isHidden(), "what is out of bounds is not offered to be saved");
  await shoot(page, "wide-refused");
  await page.fill(field, wanted);
  await page.click("#settings-review");
  await page.waitForSelector("#diff[open] #diff-rows tr");
  const row = await page.textContent("#diff-rows tr");
  check(row.includes("max_positions_per_correlation_group") && row.includes(wanted), `the difference: ${row}`);
  await shoot(page, "wide-diff");
  await page.click("#diff-yes");
  check((await told(page, /^Saved/)) === "good", "saved");
  await page.fill("#settings-search", "correlation group");
  await page.waitForFunction(([id, value]) => document.querySelector(id)?.value === value, [field, wanted]);
  await page.fill("#settings-search", "");
}

/** Makes a key, sees it once, revokes it; the trail has all of it. */
export async function use_access(page) {
  await go(page, "access");
  const label = `browser test ${Date.now()}`;
  await page.fill("#key-label", label);
  await page.click("#key-form button");
  await page.waitForSelector("#secret[open]");
  const secret = await page.textContent("#secret-text");
  check(/^atk_/.test(secret), "the key is shown");
  await page.keyboard.press("Escape");
  await page.waitForSelector(`#keys tr:has-text("${label}")`);
  check(!(await page.content()).includes(secret), "the key is nowhere after that");
  await page.locator(`#keys tr:has-text("${label}") button`).first().click();
  await hold(page);
  await told(page, /is revoked/);
  await page.click("#kill");
  check(await page.locator("#kill-yes").isDisabled(), "a kill wants its word first");
  await page.fill("#kill-word", "kill");
  check(await page.locator("#kill-yes").isDisabled(), "a kill wants its very word");
  await page.click("#kill-no");
  await page.waitForSelector("#audit tr");
  await page.waitForFunction(() => /key/.test(document.querySelector("#audit").textContent));
  await page.keyboard.press("g");
  await page.keyboard.press("l");
  await page.waitForSelector("#view-live:not([hidden])", { state: "attached" });
}
