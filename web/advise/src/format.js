// Numbers as text.  Every figure stays machine-readable: shown(...) wraps it in <data value="...">.
import { h } from "./dom.js";

export const UNKNOWN = "unknown";

const finite = (value) => typeof value === "number" && Number.isFinite(value);
const SHORT = 13; // letters that may be kept on one line on a phone
const minus = (text) => text.replace(/^-/, "\u2212");
const formats = new Map();

function decimals(value, low, high = low) {
  const key = `${low}/${high}`;
  if (!formats.has(key))
    formats.set(key, new Intl.NumberFormat("en-US", { minimumFractionDigits: low, maximumFractionDigits: high }));
  return minus(formats.get(key).format(Object.is(value, -0) ? 0 : value));
}

const signed = (value, text) => (value < 0 ? `\u2212$${text(-value)}` : `$${text(value)}`);

// Dollars: to the cent below a thousand, whole from there on.
export function money(value) {
  if (!finite(value)) return UNKNOWN;
  return signed(value, (v) => (v >= 999.995 ? decimals(v, 0) : decimals(v, 2)));
}

// Dollars an hour or a kilowatt-hour, where the fourth decimal matters.
export const rate = (value) => (finite(value) ? signed(value, (v) => decimals(v, 2, 4)) : UNKNOWN);

const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const LONG = 100000;

// Dollars where room is short: beside a bar, and on an axis.
export const brief = (value) => (Math.abs(value) < LONG ? money(value) : signed(value, (v) => compact.format(v)));
export const tick = (value) =>
  Math.abs(value) < LONG ? signed(value, (v) => decimals(v, v < 10 && v % 1 ? 2 : 0, v < 10 ? 4 : 2)) : brief(value);

export const percent = (fraction, digits = 0) =>
  finite(fraction) ? `${decimals(fraction * 100, 0, digits)}\u00a0%` : UNKNOWN;
export const number = (value, digits = 2) => (finite(value) ? decimals(value, 0, digits) : UNKNOWN);

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// A number that a test, a script or a copy can read back exactly.
export function shown(value, text) {
  if (!finite(value)) return h("span", { class: "unknown" }, UNKNOWN);
  const words = text(value);
  return h("data", { value, class: words.length < SHORT ? "nowrap" : null }, words);
}

// A sentence whose negative amounts do not break after the minus.
export const unbroken = (sentence) =>
  sentence.split(/(\u2212\$[\d,.]*\d)/).map((part, i) => (i % 2 ? h("span", { class: "nowrap" }, part) : part));

export const isNumber = finite;
