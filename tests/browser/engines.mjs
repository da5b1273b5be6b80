// A daemon of two engines of two tenants: node engines.mjs URL PASSWORD BROWSER [SHOTS]
// The page is about one of them at a time, says which, acts on that one alone, and remembers it over a reload.

import { check_access } from "./access.mjs";
import { check, go, launch, log_in, open, run, told } from "./page.mjs";

const [url, password, executablePath, shots] = process.argv.slice(2);
const first = "alpha · first", second = "beta · second";
const browser = await launch(executablePath);
const shoot = async (page, name) => {
  if (shots) await page.screenshot({ path: `${shots}/engines-${name}.png`, fullPage: !name.startsWith("narrow") });
};

/** The engines as the daemon tells them, by account. */
const engines = (page) => page.evaluate(async () =>
  Object.fromEntries((await (await fetch("/api/v1/engines")).json()).engines.map((e) => [e.account_id, e])));

/** Waits until the page shows the engine of an account: its name, its run, its figures. */
async function shows(page, account) {
  const { run: id, tenant_id } = (await engines(page))[account];
  await page.waitForFunction(([value, text]) => document.querySelector("#engine").value === value && !document.body.dataset.switching &&
    document.querySelector("#run").textContent === text, [`${tenant_id}/${account}`, `run ${id}`]);
}

const state_of = (page, row) => page.locator(`#portfolio tr:nth-child(${row}) td[data-label="State"]`).textContent();

/** The table: a line for each, their sum, the one that is shown marked. */
async function look_at_portfolio(page) {
  await page.waitForSelector("#portfolio tr:nth-child(2)");
  check((await page.locator("#portfolio tr").count()) === 2, "a line for each engine");
  check((await page.locator("#portfolio-total tr").count()) === 1, "a line for their sum");
  check((await page.locator("#portfolio .opener").allTextContents()).join() === `${first},${second}`, "their names");
  check((await page.locator('#portfolio .opener[aria-current="true"]').textContent()) === first, "the first is shown first");
  const cents = (text) => Math.round(Number(text.replace(/[^\d.]/g, "")) * 100);
  const equity = await page.locator('td[data-label="Equity"]').allTextContents();
  check(Math.abs(cents(equity[0]) + cents(equity[1]) - cents(equity[2])) <= 1, `the sum of ${equity}`);
}

/** Pauses the second engine: it alone is paused, whichever of the two is looked at. */
async function pause_one(page) {
  check((await page.textContent("#pause")) === "Pause second", "the button says whom it pauses");
  await page.click("#pause");
  check((await told(page, `no new entries of ${second}`)) === "good", "the answer says who is paused");
  await page.waitForFunction(() => document.querySelector("#notice").textContent.startsWith("Paused"));
  await page.waitForFunction(() => /paused/.test(document.querySelector('#portfolio tr:nth-child(2) td[data-label="State"]').textContent));
  check(/running/.test(await state_of(page, 1)), "the first engine runs on");
  check(!(await engines(page)).first.paused, "the daemon says so too");
}

/** What cannot be taken back asks by name; nothing of it is done here. */
async function ask_by_name(page) {
  check((await page.textContent("#close-all")) === "Close all of first", "the button says whose positions");
  await page.waitForFunction(() => {   // at once: positions come and go
    const button = document.querySelector("#close-all");
    button.click();
    return !button.disabled && document.querySelector("#ask").open;
  });
  check((await page.textContent("#ask-title")) === `Close all positions of ${first}?`, "the question says whose positions");
  await shoot(page, "ask");
  await page.keyboard.press("Escape");
  const of_position = await (await page.waitForFunction(() => document.querySelector("#positions .danger")?.ariaLabel)).jsonValue();
  check(of_position.endsWith(`of ${first}`), `so does the button of a position, not "${of_position}"`);
  await go(page, "access");
  check((await page.textContent("#kill")) === "Kill first…", "the kill says whom");
  await page.click("#kill");
  check((await page.textContent("#kill-title")) === `Kill ${first}?`, "its question says whom");
  check((await page.textContent("#kill-text")).includes("the other engines go on"), "and what becomes of the others");
  await shoot(page, "kill");
  await page.click("#kill-no");
  await shoot(page, "access");
  await go(page, "live");
}

/** The books are of the engine that is shown. */
async function look_at_books(page) {
  await go(page, "books");
  await page.waitForSelector("#orders tr");
  const own = await page.evaluate(async () => (await (await fetch("/api/v1/orders?limit=1", {
    headers: { "X-Tenant-ID": "beta", "X-Account-ID": "second" } })).json()).rows?.[0]?.account_id ?? "second");
  check(own === "second", `orders of ${own}`);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#orders-csv")]);
  check(download.suggestedFilename() === "orders-second.csv", `the file ${download.suggestedFilename()}`);
  await shoot(page, "books");
  await go(page, "live");
}

await run(browser, async () => {
  const page = await open(browser, url, { link: "denied" });
  check(await page.locator("#whose").isHidden(), "nobody chooses an engine before the log-in");
  check(await page.locator("#portfolio-panel").isHidden(), "nor gets a table of them");
  await log_in(page, password);
  await page.waitForSelector("#whose:not([hidden])");
  await shows(page, "first");
  await look_at_portfolio(page);
  await page.waitForSelector("#stage canvas");
  await page.waitForTimeout(1500);
  await check_access(page, "engines", Boolean(shots));
  await shoot(page, "dark");

  const stream = page.waitForEvent("websocket", (s) => s.url().endsWith("?account=second"));   // a ticket comes before it
  await page.click('#portfolio tr:nth-child(2) td[data-label="Equity"]');   // the row is pressed
  await shows(page, "second");
  await stream;
  await look_at_books(page);
  await pause_one(page);
  await page.reload();
  await page.waitForSelector('body[data-link="live"]');
  await shows(page, "second");
  check(/^Resume second/.test(await page.textContent("#pause")), "after the reload it is the second still");

  await page.keyboard.press("e");   // by keyboard
  check(await page.evaluate(() => document.activeElement.id === "engine"), "a key leads to the selector");
  await page.keyboard.press("ArrowUp");
  await shows(page, "first");
  check(await page.locator("#notice").isHidden(), "the first is not paused");
  check((await page.textContent("#state")).includes("running"), "the first runs");
  await page.evaluate(() => document.activeElement.blur());
  await ask_by_name(page);

  await page.evaluate(() => sessionStorage.setItem("engine", "gamma/third"));   // chosen once, and gone since
  await page.reload();
  check((await told(page, "gamma · third has no engine here any more")) === "bad", "what is gone is told");
  await shows(page, "first");

  await page.click("#theme");
  await page.click("#theme");
  await page.waitForTimeout(400);
  await check_access(page, "engines light");
  await shoot(page, "light");
  for (const width of [1200, 1000, 740]) {   // the head with its names fits between the two as well
    await page.setViewportSize({ width, height: 844 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    check(wide <= width, `${wide} px wide in ${width}`);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(400);
  await check_access(page, "engines narrow light");
  await shoot(page, "narrow-light");
  await page.evaluate(() => document.documentElement.dataset.theme = "dark");
  await page.waitForTimeout(400);
  await shoot(page, "narrow-dark");
});
