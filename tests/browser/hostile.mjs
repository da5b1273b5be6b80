// Words that want to be markup, and a person who presses twice.

import { check, go, open } from "./page.mjs";

const words = '"><img src=x onerror="window.broken=1"><script>window.broken=2</script>';

/** Every text of a document becomes hostile, but those by which the page finds its way. */
function poisoned(value, key = "") {
  if (Array.isArray(value)) return value.map((item) => poisoned(item, key));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, poisoned(v, k)]));
  const is_word = typeof value === "string" && !/^[\d.+-]*$/.test(value) && !/^\d{4}-\d\d-/.test(value);
  return is_word && !["schema", "kind", "scope", "state", "status", "mode", "currency", "unit", "direction"].includes(key) ? words : value;
}

/** Whatever the daemon says, the page shows it as text (U2). */
export async function try_hostile_words(browser, url) {
  const prepare = async (page) => {
    await page.routeWebSocket(/ws\/live/, (socket) => socket.close());
    await page.route(/api\/v1\/(view|alerts|orders|fills|trades|backtest|settings)/, async (route) => {
      const reply = await route.fetch();
      const body = reply.ok() ? poisoned(await reply.json()) : [];
      if (route.request().url().includes("alerts")) body.push({ id: 1, at: new Date().toISOString(), level: words, message: words });
      await route.fulfill({ response: reply, status: 200, json: body });
    });
  };
  const page = await open(browser, url, { prepare, may_fail: true });
  await page.waitForSelector("#pairs tr");
  for (const view of ["live", "books", "backtests", "settings"]) {
    await go(page, view);
    await page.waitForTimeout(700);
    const found = await page.evaluate(() => [window.broken, document.querySelectorAll("img, script:not([src])").length]);
    check(found[0] === undefined && found[1] === 0, `hostile words became markup in ${view}: ${found}`);
  }
  await go(page, "live");
  check((await page.textContent("#pairs tr .link-like")) === words, "hostile words are shown as they are");
  await page.unrouteAll({ behavior: "ignoreErrors" });   // of what is still being asked nobody waits for the answer
  await page.context().close();
}

/** A button that was pressed waits for its answer; a second press asks for nothing (U4). */
export async function try_impatience(page) {
  await go(page, "live");
  let asked = 0;
  await page.route(/control\/(pause|resume)/, async (route) => {
    asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 700));
    await route.continue();
  });
  await page.dblclick("#pause");
  check(await page.locator("#pause").isDisabled(), "a pressed button waits");
  check((await page.getAttribute("#pause", "aria-busy")) === "true", "a pressed button says that it waits");
  await page.waitForSelector("#pause:not([aria-busy])");
  check(asked === 1, `a double click asks once, not ${asked} times`);
  await page.unroute(/control\/(pause|resume)/);
  await page.waitForFunction(() => document.querySelector("#pause").textContent === "Resume");
  await page.click("#pause");
  await page.waitForFunction(() => document.querySelector("#pause").textContent === "Pause");
}
