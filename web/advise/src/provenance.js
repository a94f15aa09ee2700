// Where every number comes from, and what is missing.
import { h, table } from "./dom.js";
import { UNKNOWN, shown } from "./format.js";
import { badge, quantity, refs } from "./words.js";

export function questions(report) {
  if (report.questions.length === 0) return h("p", null, "Nothing is missing: every input has a source.");
  const names = new Map();
  report.networks.forEach((n) => n.questions.forEach((i) => names.set(i, [...(names.get(i) ?? []), n.name])));
  const item = ({ question, index }) =>
    h(
      "li",
      null,
      question.text,
      " ",
      h("code", null, question.option),
      names.has(index) ? h("span", { class: "small soft" }, ` for ${names.get(index).join(", ")}`) : null,
    );
  const indexed = report.questions.map((question, index) => ({ question, index }));
  const group = (title, list) =>
    list.length ? [h("h3", null, title), h("ul", { class: "asked" }, list.map(item))] : null;
  return [
    h("p", { class: "soft" }, "An empty cell is never guessed. Add the option to the command and run it again."),
    group(
      "Needed before anything can be computed",
      indexed.filter((q) => q.question.needed),
    ),
    group(
      "Would make the result better",
      indexed.filter((q) => !q.question.needed),
    ),
  ];
}

const INPUTS = [
  ["availability", "Time online", true],
  ["utilisation", "Time rented, of time online", true],
  ["rate", "Rate"],
  ["rate_idle", "Rate while idle"],
  ["fee", "Network's fee", true],
  ["watts_load", "Machine under load"],
  ["watts_idle", "Machine idle"],
  ["tariff", "Electricity"],
  ["value_now", "Price of the cards"],
  ["value_end", "Value at the end"],
  ["months", "Horizon"],
  ["failures_year", "Failures a year"],
  ["discount_year", "Discount a year", true],
  ["rate_fall_year", "Fall of the rate a year", true],
  ["bandwidth_day", "Bandwidth"],
  ["tax_rate", "Tax", true],
];

export function inputs(report, network) {
  if (!network) return h("p", null, "No network is in this report.");
  return [
    h("h3", null, `What the model takes for ${network.name}`),
    table(
      `What the model takes for ${network.name}`,
      [{ name: "Input" }, { name: "Value", number: true }, { name: "Sources" }],
      INPUTS.map(([key, name, share]) => [
        name,
        quantity(network.inputs[key], { share, sources: false }),
        refs(network.inputs[key].sources) ?? "",
      ]),
    ),
    network.rate.others.length
      ? [
          h("h3", null, `Other rates seen on ${network.name}`),
          h(
            "ul",
            null,
            network.rate.others.map((q) => h("li", null, quantity(q))),
          ),
        ]
      : null,
  ];
}

export function assumptions(report) {
  if (report.assumptions.length === 0) return null;
  return [
    h("h3", null, "Assumed, because nobody publishes it"),
    table(
      "Assumptions",
      [{ name: "Assumption" }, { name: "Value", number: true }, { name: "Why" }, { name: "Your own value" }],
      report.assumptions.map((a) => [a.name, quantity(a.quantity), a.text, h("code", null, a.option)]),
    ),
  ];
}

const KINDS = {
  data: "data of Croft",
  overlay: "your overlay",
  user: "you said so",
  measured: "measured here",
  assumption: "assumption",
};

function marks(source) {
  const list = [
    source.stale && badge("open", "stale"),
    source.confidence === "low" && badge("unsure", "low confidence"),
  ].filter(Boolean);
  return list.length ? list : `${source.confidence} confidence`;
}

export function sources(report) {
  const stale = report.sources.filter((s) => s.stale).length,
    low = report.sources.filter((s) => s.confidence === "low").length;
  const columns = [
    { name: "Number" },
    { name: "What" },
    { name: "Who says so" },
    { name: "As of" },
    { name: "Age, days", number: true },
    { name: "Kind" },
    { name: "Mark" },
  ];
  const row = (s, i) =>
    h(
      "tr",
      { id: `source-${i + 1}`, tabindex: -1 },
      h("th", { scope: "row" }, String(i + 1)),
      h("td", null, s.row, h("div", { class: "small soft" }, s.table)),
      h("td", null, s.text),
      h("td", { class: "nowrap" }, s.as_of ?? h("span", { class: "unknown" }, UNKNOWN)),
      h("td", { class: "number" }, s.age_days === null ? "" : shown(s.age_days, String)),
      h("td", null, KINDS[s.kind] ?? s.kind),
      h("td", null, marks(s)),
    );
  const whole = table("All sources", columns, []);
  whole.querySelector("tbody").append(...report.sources.map(row));
  return [
    h("h3", null, "All sources"),
    h(
      "p",
      { class: "soft" },
      `${report.sources.length} in all; ${stale} older than 180 days, ${low} of low confidence. The small numbers beside a figure lead here; old marks a stale source, low one of low confidence.`,
    ),
    whole,
  ];
}
