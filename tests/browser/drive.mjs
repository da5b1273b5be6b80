// Drives the page of a demo as a person would: node drive.mjs URL PASSWORD BROWSER [SHOTS]
// Ends with status 0 when everything held; every failure is a line on standard error.

import { chromium } from "playwright-core";
import { readFileSync } from "node:fs";

const [url, password, executablePath, shots] = process.argv.slice(2);
const failures = [];
const check = (is_so, what) => {
  if (!is_so) failures.push(what);
};

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"] });

/** A page whose every complaint is remembered. */
async function open(width, height, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, acceptDownloads: true });
  const page = await context.newPage();
  page.on("console", (m) => {
    if (["error", "warning"].includes(m.type()) && !m.text().includes("401")) failures.push(`console: ${m.text()}`);
  });
  page.on("pageerror", (e) => failures.push(`script: ${e.message}`));
  page.on("request", (r) => {
    if (!r.url().startsWith(url) && !/^(ws|data|blob):/.test(r.url())) failures.push(`off the origin: ${r.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));
  });
  await page.goto(url);
  await page.waitForSelector('body[data-link="live"]');
  return page;
}

const shoot = async (page, name) => {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: name.endsWith("whole") });
};

/** Waits for a note and returns it; the note goes with its click away. */
async function told(page, pattern) {
  const note = page.locator("#toasts p", { hasText: pattern }).last();
  await note.waitFor({ timeout: 10000 });
  return note.getAttribute("data-kind");
}

/** Holds the button of the open question, as long as it wants. */
async function hold(page) {
  await page.locator("#ask-yes").hover();
  await page.mouse.down();
  await page.waitForSelector("#ask:not([open])", { state: "attached", timeout: 5000 });
  await page.mouse.up();
}

/** Everything that can be pressed has a name; nothing is wider than the window. */
async function check_form(page, name) {
  const nameless = await page.evaluate(() => [...document.querySelectorAll("button, a, input, select")]
    .filter((n) => n.checkVisibility() && !(n.textContent.trim() || n.ariaLabel || n.labels?.length || n.title))
    .map((n) => n.outerHTML.slice(0, 80)));
  check(nameless.length === 0, `${name}: without a name: ${nameless}`);
  const [wide, window_width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  check(wide <= window_width, `${name}: ${wide} px wide in ${window_width}`);
}

async function log_in(page) {
  await page.click("#enter");
  await page.fill("#password", "wrong");
  await page.press("#password", "Enter");
  await page.waitForSelector("#login-error:not(:empty)");
  await page.fill("#password", password);
  await page.press("#password", "Enter");
  await page.waitForSelector("#pause:not([hidden])");
  check(await page.locator("#gate").isHidden(), "the form stays after the log-in");
}

async function look_around(page, name) {
  check((await page.textContent("#mode")) === "paper", `${name}: mode`);
  check((await page.textContent("#equity")).startsWith("$"), `${name}: equity`);
  await page.waitForSelector("#stage canvas");
  await page.waitForFunction(() => document.querySelector("#chart-legend").textContent.includes("O "));
  await page.click("#chart-frames button:nth-child(2)");
  check((await page.getAttribute("#chart-frames button:nth-child(2)", "aria-pressed")) === "true", `${name}: timeframe`);
  await page.click("#chart-lines button:nth-child(4)");   // the pane of RSI
  await page.waitForTimeout(600);
  await shoot(page, `${name}-chart`);
  await page.click("#chart-frames button:nth-child(1)");
  await page.waitForSelector("#gauges li");
  await page.waitForSelector("#decisions tr");
  await page.locator("#decisions tr button").nth(2).click();
  await page.waitForSelector("#votes tr", { timeout: 8000 });
  check(/confidence/.test(await page.textContent("#why-text")), `${name}: why`);
  await shoot(page, `${name}-why`);
  await page.keyboard.press("Escape");
  await shoot(page, `${name}-whole`);
  await check_form(page, name);
}

/** Waits for a trade to open, closes it, pauses, resumes, closes all. */
async function act(page) {
  await page.waitForSelector("#positions tr", { timeout: 90000 });
  const pair = await page.locator("#positions tr td").first().textContent();
  await page.locator("#positions tr button").first().click();
  check(await page.locator("#ask").isVisible(), "closing asks first");
  await shoot(page, "wide-ask");
  await page.keyboard.press("Escape");
  await page.waitForTimeout(300);
  const button = page.locator("#positions tr button").first();
  if (await button.count()) {   // it may have left by itself meanwhile
    await button.click();
    await hold(page);
    await told(page, /is closed|on its way|no open position/);
  }
  await page.click("#pause");
  check((await told(page, "Paused")) === "good", "pause");
  await page.waitForSelector("#notice:not([hidden])");
  check(/Paused/.test(await page.textContent("#notice")), `the page says that it is paused, after ${pair}`);
  await page.keyboard.press("p");   // by keyboard: resume
  check((await told(page, "allowed again")) === "good", "resume");
  await page.waitForSelector("#close-all:not([disabled])", { timeout: 90000 });
  await page.click("#close-all");
  await hold(page);
  await told(page, /Nothing is held|closed/);
}

async function use_history(page) {
  await page.waitForSelector("#trades tr", { timeout: 60000 });
  const pair = await page.locator("#trades tr td:nth-child(2)").first().textContent();
  await page.selectOption("#filter-pair", pair);
  await page.waitForFunction((p) => [...document.querySelectorAll("#trades tr td:nth-child(2)")].every((c) => c.textContent === p), pair);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download")]);
  check(download.suggestedFilename() === "trades.csv", "the name of the download");
  const csv = readFileSync(await download.path(), "utf8");
  check(csv.startsWith("id,pair,side,status,entry_time"), "the head of the download");
  check(csv.trim().split("\r\n").slice(1).every((line) => line.includes(`"${pair}"`)), "the filter of the download");
  await page.click("#filter-clear");
}

try {
  const page = await open(1440, 900, "dark");
  await log_in(page);
  await look_around(page, "wide");
  await act(page);
  await use_history(page);
  await page.click("#theme");
  await page.click("#theme");
  check((await page.evaluate(() => document.documentElement.dataset.theme)) === "light", "theme");
  await page.waitForTimeout(600);
  await shoot(page, "light-whole");
  await page.click("#leave");
  await page.waitForSelector("#pause[hidden]", { state: "attached" });
  check(await page.locator("#enter").isVisible(), "after the log-out one may log in");

  const narrow = await open(390, 844, "dark");
  await look_around(narrow, "narrow");
  await shoot(narrow, "narrow");
  await narrow.click('.tabs a[href="#trades-panel"]');
  await narrow.waitForTimeout(300);
  await shoot(narrow, "narrow-trades");
} catch (error) {
  failures.push(error.message.split("\n").slice(0, 3).join(" "));
}
await browser.close();
for (const failure of failures) console.error(failure);
process.exit(failures.length > 0 ? 1 : 0);
