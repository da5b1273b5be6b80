// What all browser tests share: a page whose every complaint is remembered, and how to press things.

import { chromium } from "playwright-core";

const patience_ms = 60000;   // no measure of the page: a machine may be busy

export const failures = [];

export const check = (is_so, what) => {
  if (!is_so) failures.push(what);
};

export const launch = (executablePath) =>
  chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"] });

/** Complaints that belong to the test: the log-in that fails on purpose, the value that is refused. */
const expected = /status of (400|401|404|409)/;

/** Opens the page. `may_fail` is for a daemon that goes: then nothing that the network says counts; `link` is how it is
    to stand with the daemon then; `prepare` gets the page before it is loaded. */
export async function open(browser, url, { width = 1440, height = 900, scheme = "dark", may_fail = false, link = "live", prepare }) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, acceptDownloads: true });
  const page = await context.newPage();
  page.setDefaultTimeout(patience_ms);
  page.on("console", (m) => {
    if (!["error", "warning"].includes(m.type()) || expected.test(m.text())) return;
    if (may_fail && /ERR_|WebSocket|Failed to load/.test(m.text())) return;
    failures.push(`console: ${m.text()}`);
  });
  page.on("pageerror", (e) => failures.push(`script: ${e.message}`));
  page.on("request", (r) => {
    if (!r.url().startsWith(url) && !/^(ws|data|blob):/.test(r.url())) failures.push(`off the origin: ${r.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));
    const watcher = new MutationObserver(() => {
      if (!/\d/.test(document.querySelector("#equity")?.textContent ?? "")) return;
      window.first_view = performance.now();
      watcher.disconnect();
    });
    watcher.observe(document, { subtree: true, childList: true, characterData: true });
    // From a message of the stream to the frame after it was drawn.
    window.paints = [];
    const Plain = window.WebSocket;
    window.WebSocket = class extends Plain {
      constructor(...words) {
        super(...words);
        this.addEventListener("message", () => {
          const at = performance.now();
          requestAnimationFrame(() => requestAnimationFrame(() => window.paints.push(performance.now() - at)));
        });
      }
    };
  });
  await prepare?.(page);
  await page.goto(url);
  await page.waitForSelector(`body[data-link="${link}"]`);
  page.first_view_ms = await page.evaluate(() => window.first_view ?? NaN);   // with figures, not only a frame
  page.weight = await page.evaluate(() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter((e) => !e.name.includes("/api/")).reduce((sum, e) => sum + e.decodedBodySize, 0));
  return page;
}

/** Goes to a part of the page. */
export async function go(page, view) {
  await page.click(`#tabs a[href="#${view}"]`);
  await page.waitForSelector(`#view-${view}:not([hidden])`, { state: "attached" });
}

/** Waits for a note and returns its kind. */
export async function told(page, pattern) {
  const note = page.locator("#toasts p", { hasText: pattern }).last();
  await note.waitFor();
  return note.getAttribute("data-kind");
}

/** Holds the button of the open question, as long as it wants. */
export async function hold(page) {
  await page.locator("#ask-yes").hover();
  await page.mouse.down();
  await page.waitForSelector("#ask:not([open])", { state: "attached" });
  await page.mouse.up();
}

export async function log_in(page, password) {
  if (await page.locator("#enter").isVisible()) await page.click("#enter");
  await page.fill("#password", password);
  await page.press("#password", "Enter");
  await page.waitForSelector("#pause:not([hidden])");
}

/** Says what went wrong and ends the process. */
export async function finish(browser) {
  await browser.close();
  for (const failure of failures) console.error(failure);
  process.exit(failures.length > 0 ? 1 : 0);
}

/** Runs the test; what it throws is a failure among the others. `clean_up` comes in any case. */
export async function run(browser, test, clean_up = () => {}) {
  try {
    await test();
  } catch (error) {
    failures.push(error.stack.split("\n").slice(0, 6).join(" | "));
  }
  await clean_up();
  await finish(browser);
}
