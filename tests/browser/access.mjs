// Whether everybody can use the page: names, contrast, focus, and the way by keyboard.

import { check } from "./page.mjs";

/** Visible controls without a name, and what is wider than the window. */
async function check_form(page, name) {
  const nameless = await page.evaluate(() => [...document.querySelectorAll("button, a, input, select, [tabindex='0']")]
    .filter((n) => n.checkVisibility() && !(n.textContent.trim() || n.ariaLabel || n.labels?.length || n.title || n.getAttribute("aria-labelledby")))
    .map((n) => n.outerHTML.slice(0, 80)));
  check(nameless.length === 0, `${name}: without a name: ${nameless}`);
  const [wide, window_width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  check(wide <= window_width, `${name}: ${wide} px wide in ${window_width}`);
}

/** Texts whose contrast to what lies behind them is under AA, from computed styles. */
function faint_texts() {
  const parse = (text) => {
    const numbers = (text.match(/[\d.]+(e-\d+)?/g) ?? []).map(Number);
    if (text.startsWith("color(srgb")) return [numbers[0] * 255, numbers[1] * 255, numbers[2] * 255, numbers[3] ?? 1];
    return text.startsWith("rgb") ? [numbers[0], numbers[1], numbers[2], numbers[3] ?? 1] : [0, 0, 0, 0];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const behind = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const layer = parse(getComputedStyle(at).backgroundColor);
      if (layer[3] > 0) layers.push(layer);
      if (layer[3] === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint = [];
  for (const node of document.querySelectorAll("body *")) {
    const has_text = [...node.childNodes].some((c) => c.nodeType === 3 && c.textContent.trim());
    if (!has_text || !node.checkVisibility() || node.closest(":disabled, .hush, option, [hidden]")) continue;
    const style = getComputedStyle(node);
    let opacity = 1;
    for (let at = node; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    const below = behind(node);
    const ink = parse(node.namespaceURI.endsWith("svg") ? style.fill : style.color);
    const seen = over([ink[0], ink[1], ink[2], ink[3] * opacity], below);
    const [high, low] = [light(seen), light(below)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const is_large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < (is_large ? 3 : 4.5)) faint.push(`"${node.textContent.trim().slice(0, 24)}" ${ratio.toFixed(2)} (${node.tagName} ${node.id || node.className.baseVal || node.className})`);
  }
  return [...new Set(faint)];
}

/** Goes through the page by the tab key: every control is reached and shows that it is. */
async function check_tabs(page, name) {
  const wanted = await page.evaluate(() => {
    const controls = [...document.querySelectorAll("button, a[href], input, select, [tabindex='0']")]
      .filter((n) => n.checkVisibility() && !n.disabled && n.tabIndex >= 0 && !n.classList.contains("skip"));
    controls.forEach((n, i) => { n.dataset.stop = String(i); });
    document.activeElement?.blur();
    window.getSelection().removeAllRanges();
    return controls.length;
  });
  await page.evaluate(() => document.querySelector(".skip").focus());
  const seen = new Set();
  const blind = new Set();
  for (let i = 0; i < wanted + 30 && seen.size < wanted; ++i) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const node = document.activeElement;
      const style = getComputedStyle(node);
      const has_ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      return { stop: node.dataset.stop ?? null, has_ring, what: `${node.tagName} ${node.id || node.className}` };
    });
    if (stop.stop !== null) seen.add(stop.stop);
    if (stop.stop !== null && !stop.has_ring) blind.add(stop.what);
  }
  const missed = await page.evaluate((reached) => [...document.querySelectorAll("[data-stop]")]
    .filter((n) => !reached.includes(n.dataset.stop) && n.isConnected && n.checkVisibility() && !n.disabled)
    .map((n) => n.outerHTML.slice(0, 90)), [...seen]);
  check(missed.length === 0, `${name}: the tab key does not reach ${missed.slice(0, 5)}`);
  check(blind.size === 0, `${name}: no focus ring on ${[...blind].slice(0, 5)}`);
  await page.evaluate(() => document.querySelectorAll("[data-stop]").forEach((n) => delete n.dataset.stop));
}

/** All of it, for what is shown now; `by_keyboard` walks through it as well. */
export async function check_access(page, name, by_keyboard = false) {
  await check_form(page, name);
  const faint = await page.evaluate(faint_texts);
  check(faint.length === 0, `${name}: too faint: ${faint.slice(0, 8).join(", ")}`);
  if (by_keyboard) await check_tabs(page, name);
}
