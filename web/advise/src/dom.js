// Elements from data.  Text only ever becomes a text node, so nothing a report contains can become markup.

// h("td", { class: "number" }, "1.10", otherNode): null and false children are left out.
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

let ids = 0;
export const freshId = (prefix) => `${prefix}-${++ids}`;

// A table that scrolls inside its own box when a screen is narrow.  columns: [{ name, number }]; rows: arrays of cells.
// The first cell of a row is its heading.
export function table(caption, columns, rows) {
  const cell = (value, i) => {
    const attributes = columns[i].number ? { class: "number" } : {};
    return i === 0 ? h("th", { ...attributes, scope: "row" }, value) : h("td", attributes, value);
  };
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    h(
      "table",
      null,
      h("caption", { class: "hidden" }, caption),
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          columns.map((c) => h("th", { scope: "col", class: c.number ? "number" : null }, c.name)),
        ),
      ),
      h(
        "tbody",
        null,
        rows.map((row) => h("tr", null, row.map(cell))),
      ),
    ),
  );
}
