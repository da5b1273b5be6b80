// Writing into the document: through textContent and attributes only, and only what changed.

export const by_id = (id) => document.getElementById(id);

export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function mark(node, value) {
  const tone = value > 0 ? "up" : value < 0 ? "down" : "flat";
  if (node.dataset.tone !== tone) node.dataset.tone = tone;
}

/** Makes an element with a class and a text. */
export function make(tag, name = "", text = "") {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  return node;
}

/** A cell that shows text; `tone` colours it by sign, `hint` is its title. */
export function fill(cell, { text, tone, hint, kind }) {
  write(cell, text);
  if (tone !== undefined) mark(cell, tone);
  if (hint !== undefined && cell.title !== hint) cell.title = hint;
  if (kind !== undefined && cell.dataset.kind !== kind) cell.dataset.kind = kind;
}

/** Updates children by key: they keep their identity, so selection and focus survive. */
export function keyed(body, items, key_of, create, update) {
  const old = new Map([...body.children].map((node) => [node.dataset.key, node]));
  const fresh = items.map((item) => {
    const key = key_of(item);
    let node = old.get(key);
    if (!node) {
      node = create(item);
      node.dataset.key = key;
    }
    old.delete(key);
    update(node, item);
    return node;
  });
  for (const node of old.values()) node.remove();
  fresh.forEach((node, i) => {
    if (body.children[i] !== node) body.insertBefore(node, body.children[i] ?? null);
  });
}

/** Updates a table body; `columns` are {label, numeric, write(cell, item)}. */
export function rows(body, items, key_of, columns) {
  const create = () => {
    const row = document.createElement("tr");
    for (const column of columns) {
      const cell = document.createElement("td");
      cell.dataset.label = column.label;
      if (column.numeric) cell.className = "n";
      row.append(cell);
    }
    return row;
  };
  keyed(body, items, key_of, create, (row, item) => {
    columns.forEach((column, i) => column.write(row.children[i], item));
  });
}

/** A table with its count and its text for nothing. */
export function list(name, items, key_of, columns) {
  rows(by_id(name), items, key_of, columns);
  write(by_id(`${name}-count`), items.length > 0 ? String(items.length) : "");
  by_id(`${name}-empty`).hidden = items.length > 0;
}

export const text_of = (label, text, more = {}) => ({
  label, numeric: more.numeric,
  write: (cell, item) => fill(cell, {
    text: text(item), tone: more.tone?.(item), hint: more.hint?.(item), kind: more.kind?.(item),
  }),
});

/** A column whose text is a button; the row around it may be pressed as well, see open_by_row(). */
export const opener_of = (label, text, open, more = {}) => ({
  label,
  write(cell, item) {
    let button = cell.firstChild;
    if (!button) {
      button = make("button", "link-like opener");
      button.type = "button";
      button.addEventListener("click", () => open(button.item));
      cell.append(button);
    }
    button.item = item;
    write(button, text(item));
    const name = more.name?.(item);
    if (name && button.getAttribute("aria-label") !== name) button.setAttribute("aria-label", name);
  },
});

/** A press anywhere on a row is one on its button, unless somebody marks text. */
export function open_by_row(body) {
  body.classList.add("openable");
  body.addEventListener("click", (event) => {
    if (event.target.closest("button, a, input") || String(window.getSelection())) return;
    event.target.closest("tr")?.querySelector(".opener")?.click();
  });
}

/** A column with a bar from 0 to 1 and a text. */
export const meter_of = (label, share, text, hint) => ({
  label,
  write(cell, item) {
    if (!cell.firstChild) {
      const meter = make("span", "meter");
      meter.append(document.createElement("i"));
      cell.append(meter, document.createElement("span"));
    }
    cell.firstChild.firstChild.style.width = `${Math.max(0, Math.min(1, share(item) ?? 0)) * 100}%`;
    write(cell.lastChild, text(item));
    if (hint) cell.title = hint(item);
  },
});

/** Names and values, in the order given. */
export function facts(node, pairs) {
  keyed(node, pairs, ([name]) => name, ([name]) => {
    const box = document.createElement("div");
    box.append(make("dt", "", name), document.createElement("dd"));
    return box;
  }, (box, [, value]) => write(box.lastChild, value));
}

/** Buttons of which one or several are pressed. */
export function choices(node, items, is_on, choose) {
  keyed(node, items, (item) => item.value, (item) => {
    const button = make("button", "choice", item.text);
    button.type = "button";
    button.addEventListener("click", () => choose(item.value));
    return button;
  }, (button, item) => button.setAttribute("aria-pressed", String(is_on(item.value))));
}

export const side = (item) => ({ long: "▲ long", short: "▼ short" })[item.direction] ?? "flat";
export const tone_of_side = (item) => ({ buy: 1, sell: -1 })[item.side] ?? 0;
export const side_tone = (item) => ({ long: 1, short: -1 })[item.direction] ?? 0;
