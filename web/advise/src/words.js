// The words and small signs all sections share: quantities with their sources, states as sign and text.
import { h } from "./dom.js";
import { UNKNOWN, isNumber, money, number, percent, rate, shown } from "./format.js";

const SIGNS = { good: "\u2713", bad: "\u2715", open: "?", unsure: "\u2248" };

// A state that is never told by colour alone: sign, text, and only then a colour.
export const badge = (kind, text) =>
  h(
    "span",
    { class: `badge ${kind}` },
    h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[kind]),
    h("span", null, text),
  );

const UNIT_TEXTS = {
  USD: money,
  "USD/day": (v) => `${money(v)} a day`,
  "USD/month": (v) => `${money(v)} a month`,
  "USD/year": (v) => `${money(v)} a year`,
  "USD/h": (v) => `${rate(v)} an hour`,
  "USD/kWh": (v) => `${rate(v)} a kWh`,
  W: (v) => `${number(v, 0)}\u00a0W`,
  h: (v) => `${number(v)}\u00a0h`,
  d: (v) => `${number(v)} ${v === 1 ? "day" : "days"}`,
  month: (v) => `${number(v)} ${v === 1 ? "month" : "months"}`,
  "": (v) => number(v, 4),
};

// A quantity in words; share: an empty unit means a fraction to be shown in percent.
export function quantity(q, { share = false, sources = true } = {}) {
  const text =
    q.unit === "" && share ? (v) => percent(v, 2) : (UNIT_TEXTS[q.unit] ?? ((v) => `${number(v)}\u00a0${q.unit}`));
  return [shown(q.value, text), sources && refs(q.sources)];
}

// An amount whose unit the heading already says.
export const amount = (q, sources = false) => [shown(q.value, money), sources && refs(q.sources)];

let sourceList = [];
export const useSources = (list) => {
  sourceList = list;
};

const VISIBLE_REFS = 3;

function ref(index) {
  const source = sourceList[index];
  const marks = source ? [source.stale && "old", source.confidence === "low" && "low"].filter(Boolean) : [];
  return h(
    "a",
    { href: `#at=source-${index + 1}`, class: marks.length ? "marked" : null },
    h("span", { class: "hidden" }, "source "),
    [index + 1, ...marks].join(" "),
  );
}

// Links to the rows of the source table; a long list shows its first few and opens on demand.
export function refs(indexes) {
  if (!indexes || indexes.length === 0) return null;
  const links = indexes.map(ref);
  if (links.length <= VISIBLE_REFS + 1) return h("span", { class: "refs" }, links);
  const rest = h("span", { hidden: true }, links.slice(VISIBLE_REFS));
  const more = h(
    "button",
    {
      type: "button",
      onclick: () => {
        rest.hidden = false;
        rest.firstChild.focus();
        more.remove();
      },
    },
    `+${links.length - VISIBLE_REFS}`,
    h("span", { class: "hidden" }, " more sources"),
  );
  return h("span", { class: "refs" }, links.slice(0, VISIBLE_REFS), more, rest);
}

const TAKES = { yes: ["good", "takes it"], no: ["bad", "does not take it"], unknown: ["open", "not known yet"] };
export const takes = (network) => badge(...(TAKES[network.takes] ?? TAKES.unknown));

const MET = {
  yes: ["good", "met"],
  no: ["bad", "not met"],
  unknown: ["open", "unknown"],
  "yours to decide": ["unsure", "yours to decide"],
};
export const met = (requirement) => badge(...(MET[requirement.met] ?? MET.unknown));

const VERDICTS = {
  "run it": ["good", "Run it"],
  buy: ["good", "Buy"],
  "do not run it": ["bad", "Do not run it"],
  "do not buy": ["bad", "Do not buy"],
  unclear: ["unsure", "Unclear"],
  unknown: ["open", "Unknown"],
  "not taken": ["bad", "Not taken"],
};
export const verdict = (answer) => badge(...(VERDICTS[answer] ?? ["open", answer]));

const SHOWN_AS = {
  profit: ["good", "profit"],
  loss: ["bad", "loss"],
  "within error": ["unsure", "not a profit: within the error"],
  unknown: ["open", "unknown"],
};
export const shownAs = (network) => badge(...(SHOWN_AS[network.profit_shown] ?? SHOWN_AS.unknown));

export function payback({ answer, months }) {
  if (answer === "never") return "never";
  return answer === "months" && isNumber(months)
    ? h("data", { value: months }, `month ${months}`)
    : h("span", { class: "unknown" }, UNKNOWN);
}

export function breakEven({ answer, quantity: q }, options) {
  if (answer === "never") return ["never", refs(q.sources)];
  if (answer === "always") return ["at any value", refs(q.sources)];
  return quantity(q, options);
}

// Pairs of term and description; those without a value are left out by passing null.
export const facts = (pairs) =>
  h(
    "dl",
    { class: "facts" },
    pairs.filter(Boolean).map(([term, value]) => h("div", null, h("dt", null, term), h("dd", null, value))),
  );
