// Drives the page of a demo as a person would: node drive.mjs URL PASSWORD BROWSER [SHOTS]
// Ends with status 0 when everything held; every failure is a line on standard error. Figures go to standard output.

import { readFileSync } from "node:fs";
import { check_access } from "./access.mjs";
import { act, look_around, open_trade, use_access, use_backtests, use_books, use_settings } from "./deeds.mjs";
import { try_hostile_words, try_impatience } from "./hostile.mjs";
import { try_policy } from "./policy.mjs";
import { check, go, launch, log_in, open, run } from "./page.mjs";

const [url, password, executablePath, shots] = process.argv.slice(2);
const page_weight_max = 400_000;   // bytes, of the issue
const views = ["live", "books", "backtests", "settings", "access"];

const browser = await launch(executablePath);
const shoot = async (page, name) => {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: name.endsWith("whole") });
};

/** Goes through all parts and looks whether everybody can use them. */
async function check_parts(page, name, by_keyboard) {
  for (const view of views) {
    await go(page, view);
    await page.waitForTimeout(500);
    await check_access(page, `${name} ${view}`, by_keyboard);
    await shoot(page, `${name}-${view}-whole`);
  }
  await go(page, "live");
}

/** A page that is left alone asks for nothing again and again: what changes comes by the stream (U3). */
async function leave_alone(page) {
  const asked = [];
  const note = (request) => asked.push(request.url());
  await go(page, "books");   // where the strategies are
  await page.waitForSelector("#strategies tr", { state: "attached" });
  page.on("request", note);
  await page.waitForTimeout(12000);   // two turns of the earlier page, which asked every five seconds
  page.off("request", note);
  check(!asked.some((one) => one.includes("/strategies")), `an idle page asked for ${asked.join(", ")}`);
  await go(page, "live");
}

function print_figures(page, paints) {
  const sorted = [...paints].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(0);
  console.log(`page weight ${page.weight} bytes; first view ${page.first_view_ms.toFixed(0)} ms; ` +
    `update to paint, ${sorted.length} updates: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms`);
}

await run(browser, async () => {
  const page = await open(browser, url, { width: 1440, height: 900 });
  check(page.weight > 0 && page.weight < page_weight_max, `the page weighs ${page.weight} bytes`);
  await page.click("#enter");
  await page.fill("#password", "wrong");
  await page.press("#password", "Enter");
  await page.waitForSelector("#login-error:not(:empty)");
  await page.click("#login-cancel");
  await log_in(page, password);
  check(await page.locator("#gate").isHidden(), "the form stays after the log-in");
  for (const id of ["whose", "portfolio-panel"]) check(await page.locator(`#${id}`).isHidden(), `one engine, and still #${id}`);
  check((await page.textContent("#pause")) === "Pause", "where there is one engine the buttons name none");
  await look_around(page, "wide", shoot);
  await act(page, shoot);
  const csv = await use_books(page, shoot);
  check(readFileSync(csv, "utf8").startsWith("id,pair,side,status,entry_time"), "the head of the download");
  await use_backtests(page, shoot);
  await use_settings(page, shoot);
  await use_access(page);
  await check_parts(page, "wide", true);
  await leave_alone(page);
  await try_impatience(page);
  await page.click("#theme");
  await page.click("#theme");
  check((await page.evaluate(() => document.documentElement.dataset.theme)) === "light", "theme");
  await page.waitForTimeout(400);
  await check_parts(page, "light", false);
  print_figures(page, await page.evaluate(() => window.paints));
  await page.click("#leave");
  await page.waitForSelector("#pause[hidden]", { state: "attached" });
  check(await page.locator("#enter").isVisible(), "after the log-out one may log in");

  await try_hostile_words(browser, url);
  await try_policy(browser, url);

  const narrow = await open(browser, url, { width: 390, height: 844 });
  await look_around(narrow, "narrow", shoot);
  await log_in(narrow, password);
  await go(narrow, "books");
  await open_trade(narrow, "narrow", shoot);
  await check_parts(narrow, "narrow", false);
});
