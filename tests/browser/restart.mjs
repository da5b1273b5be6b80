// The daemon dies under the open page and comes back: node restart.mjs URL PID BROWSER BINARY ARGUMENTS...
// The page says so, greys what it shows, comes back by itself, and shows the run that is there then.

import { spawn } from "node:child_process";
import { check, launch, open, run } from "./page.mjs";

const [url, pid, executablePath, binary, ...words] = process.argv.slice(2);
const browser = await launch(executablePath);
let second = null;

await run(browser, async () => {
  const page = await open(browser, url, { width: 1440, height: 900, may_fail: true });
  await page.waitForFunction(() => document.querySelector("#run").textContent !== "");
  const before = await page.textContent("#run");
  process.kill(Number(pid), "SIGKILL");
  await page.waitForSelector('body[data-link="lost"]');
  check(/does not answer/.test(await page.textContent("#notice")), "the page says that nobody answers");
  check(/offline|reconnecting/.test(await page.textContent("#link")), "the page says when it tries again");
  check((await page.textContent("#equity")).startsWith("$"), "the last known values stay");
  second = spawn(binary, words, { stdio: "ignore" });
  await page.waitForSelector('body[data-link="live"]');
  await page.waitForFunction((old) => !["", old].includes(document.querySelector("#run").textContent), before);
  check(await page.locator("#notice").isHidden(), "the complaint is gone");
}, () => new Promise((resolve) => {
  if (!second || second.exitCode !== null) return resolve();
  second.on("exit", resolve);
  second.kill("SIGINT");
}));
