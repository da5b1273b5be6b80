// What the policy of the page forbids is forbidden by the browser: code that got into it, and foreign frames around it.

import { check } from "./page.mjs";

const patience_ms = 60000;

/** A page whose violations of the policy are counted instead of complained about. */
async function fresh(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(patience_ms);
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (e) => window.violations.push(e.effectiveDirective));
  });
  return page;
}

/** Somebody got code into the page as it is built, or into it as it lives: none of it runs (N32). */
async function try_injected_code(browser, url) {
  const page = await fresh(browser);
  await page.route(url, async (route) => {
    const reply = await route.fetch();
    const body = (await reply.text()).replace("</body>", "<script>window.broken = 1</script></body>");
    check(body.includes("window.broken"), "the page is built with a script inside it");
    await route.fulfill({ response: reply, body });
  });
  await page.goto(url);
  await page.waitForSelector("body[data-link]");
  await page.evaluate(() => {
    const make = (tag) => document.body.appendChild(document.createElement(tag));
    const attempts = [
      () => make("p").append(Object.assign(document.createElement("script"), { textContent: "window.broken = 2" })),
      () => make("p").append(document.createElement("script").appendChild(document.createTextNode("window.broken = 3")).parentNode),
      () => make("button").setAttribute("onclick", "window.broken = 4"),
      () => Object.assign(make("a"), { href: "javascript:window.broken=5" }).click(),
      () => make("div").insertAdjacentHTML("beforeend", '<img src="x" onerror="window.broken = 6">'),
    ];
    for (const attempt of attempts) {
      try {
        attempt();
      } catch (refusal) {
        window.refused = (window.refused ?? 0) + 1;   // before the browser made anything of it
      }
    }
  });
  await page.waitForFunction(() => window.violations.length >= 5);   // the built page, and these
  const broken = await page.evaluate(() => window.broken);
  check(broken === undefined, `code that got into the page ran: ${broken}`);
  await page.context().close();
}

/** Another site puts the page into a frame, to let people press what they do not see (N33). */
async function try_frame(browser, url) {
  const page = await fresh(browser);
  await page.route("http://elsewhere.test/", (route) =>
    route.fulfill({ contentType: "text/html", body: `<iframe src="${url}" width="800" height="600"></iframe>` }));
  await page.goto("http://elsewhere.test/");
  await page.waitForFunction(() => document.querySelector("iframe").contentDocument === null);   // not about:blank any more
  const frame = page.frames().find((f) => f !== page.mainFrame());
  check(frame.url().startsWith("chrome-error:"), `the page is shown inside a foreign frame: ${frame.url()}`);
  await page.context().close();
}

export async function try_policy(browser, url) {
  await try_injected_code(browser, url);
  await try_frame(browser, url);
}
