// The parts of the page: one is shown, named by the fragment of the address, so that back and reload keep it.

import { by_id, facts } from "./table.js";

const views = ["live", "books", "backtests", "settings", "access"];
const jumps = { l: "live", b: "books", t: "backtests", s: "settings", a: "access" };
const keys = [
  ["p", "pause or resume"], ["c", "close all"], ["t", "theme"], ["1 to 4", "timeframe of the chart"],
  ["g then l b t s a", "go to a part"], ["/", "search or filter"], ["?", "this list"], ["Esc", "close a dialog"],
];

const memory = { shown: "", on_show: {}, waits_for_jump: 0 };

export const shown_view = () => memory.shown;

function show() {
  const asked = location.hash.slice(1);
  const name = views.includes(asked) ? asked : "live";
  if (name === memory.shown) return;
  memory.shown = name;
  for (const view of views) by_id(`view-${view}`).hidden = view !== name;
  for (const link of by_id("tabs").children) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.body.dataset.view = name;
  window.scrollTo(0, 0);
  memory.on_show[name]?.();
}

/** Shows the part again that is shown, as after a log-in. */
export function again() {
  memory.on_show[memory.shown]?.();
}

function search() {
  const field = { settings: "settings-search", books: "filter-pair" }[memory.shown];
  if (field) by_id(field).focus();
}

function jump(event) {
  if (performance.now() - memory.waits_for_jump < 1500 && jumps[event.key]) {
    location.hash = jumps[event.key];
    memory.waits_for_jump = 0;
    return true;
  }
  memory.waits_for_jump = event.key === "g" ? performance.now() : 0;
  return event.key === "g";
}

function show_help() {
  facts(by_id("help-keys"), by_id("whose").hidden ? keys : [...keys, ["e", "choose the account"]]);
  by_id("help").showModal();
}

/** A key that no field wants; true when it meant something here. */
export function on_view_key(event) {
  if (jump(event)) return true;
  if (event.key === "?") show_help();
  else if (event.key === "e" && !by_id("whose").hidden) by_id("engine").focus();
  else if (event.key === "/") search();
  else if (/^[1-4]$/.test(event.key)) by_id("chart-frames").children[Number(event.key) - 1]?.click();
  else return false;
  event.preventDefault();
  return true;
}

/** `on_show` has what a part does when it comes up. */
export function begin_views(on_show) {
  memory.on_show = on_show;
  by_id("show-help").addEventListener("click", show_help);
  window.addEventListener("hashchange", show);
  show();
}
