// The page: reads the report that `croft advise --html` put into this file, draws it, and keeps what is chosen in the
// address (#network=nosana&period=month&at=source-3), so that a link or a reload shows the same.
import { h } from "./dom.js";
import { hardware } from "./hardware.js";
import { left } from "./left.js";
import { capital, isNumber, money } from "./format.js";
import { assumptions, inputs, questions, sources } from "./provenance.js";
import { currency, history, matters, powerCap } from "./risks.js";
import { summary } from "./summary.js";
import { takers } from "./takers.js";
import { themeChoice } from "./theme.js";
import { useSources } from "./words.js";

const FORMAT = 1;
const PERIODS = ["day", "month", "year"];

// each: drawn again when the network changes (network) or the period does (period); else once.
const SECTIONS = [
  { id: "summary", title: "The short answer", draw: summary, network: true },
  { id: "hardware", title: "What class is my hardware?", draw: hardware },
  { id: "networks", title: "Which networks would take it?", draw: takers, network: true },
  { id: "left", title: "What is left?", draw: left, network: true, period: true },
  { id: "matters", title: "What matters most?", draw: matters, network: true },
  { id: "currency", title: "Sell on receipt, or hold?", draw: currency, network: true },
  { id: "power", title: "Which power cap?", draw: powerCap, network: true },
  { id: "history", title: "What was forecast, and what came?", draw: history },
  { id: "questions", title: "What is missing?", draw: questions },
  {
    id: "sources",
    title: "Where do the numbers come from?",
    draw: (report, network) => [inputs(report, network), assumptions(report), sources(report)],
    network: true,
  },
];

function readReport() {
  const text = document.getElementById("croft-advise-report").textContent;
  let report;
  try {
    report = JSON.parse(text);
  } catch {
    return {
      problem: "The report inside this file cannot be read: it is not JSON. Write it again with croft advise --html.",
    };
  }
  if (report === null || typeof report !== "object" || Object.keys(report).length === 0)
    return {
      problem:
        "There is no report in this file. It is the empty page that croft advise --html fills; run, for example: croft advise --gpu rtx4090 --html report.html",
    };
  if (report.report !== "croft-advise" || report.format !== FORMAT)
    return {
      problem: `This page shows reports of format ${FORMAT}; the one inside has format ${report.format}. Write it again with the croft that made it.`,
    };
  return { report };
}

function say(problem) {
  document
    .getElementById("report")
    .replaceChildren(h("header", null, h("h1", null, "Croft: what a card earns")), h("p", { class: "lead" }, problem));
}

// ---- what is chosen ----

// The best network that uses the card; one that pays for the line alone would not answer what the card earns.
function firstShown(networks) {
  const cards = networks.filter((n) => n.kind !== "bandwidth");
  return cards.find((n) => n.status === "complete") ?? cards[0] ?? networks[0];
}

function readHash(report, before) {
  const hash = new URLSearchParams(location.hash.slice(1));
  const named = report.networks.find((n) => n.id === hash.get("network"));
  const period = hash.get("period");
  return {
    network: named ?? before.network,
    period: PERIODS.includes(period) ? period : before.period,
    at: hash.get("at"),
  };
}

function writeHash({ network, period, at }) {
  const hash = new URLSearchParams();
  if (network) hash.set("network", network.id);
  hash.set("period", period);
  if (at) hash.set("at", at);
  replaceHash(`#${hash}`);
}

function replaceHash(hash) {
  if (location.hash !== hash) window.history.replaceState(null, "", hash);
}

// ---- controls ----

function outcome(n) {
  if (n.status === "not taken") return "\u2715 not taken";
  if (n.status === "incomplete" || !isNumber(n.month.net.value)) return "? input missing";
  if (n.profit_shown === "within error") return "\u2248 within the error";
  return `${money(n.month.net.value)} a month`;
}

// A native radio group: Tab reaches it, arrows move in it.
function choice(name, legend, options, chosen, onchange) {
  return h(
    "fieldset",
    { class: `choice ${name}` },
    h("legend", null, legend),
    h(
      "div",
      { class: "options" },
      options.map(({ value, label, note }) => {
        const input = h("input", {
          type: "radio",
          name,
          value,
          checked: value === chosen,
          onchange: () => onchange(value),
        });
        return h(
          "label",
          null,
          input,
          h("span", { class: "face" }, h("span", null, label), note && h("span", { class: "note" }, note)),
        );
      }),
    ),
  );
}

function check(name, value) {
  for (const input of document.querySelectorAll(`input[name="${name}"]`)) input.checked = input.value === value;
}

// ---- drawing ----

// Tables a reader opened stay open when a choice redraws their section.
function replaceBody(body, content) {
  const title = (details) =>
    details
      .closest("figure")
      ?.querySelector("h3")
      ?.textContent.replace(/ a (day|month|year)$/, "");
  const open = new Set([...body.querySelectorAll("figure details[open]")].map(title));
  body.replaceChildren(
    ...[content].flat(Infinity).filter((node) => node !== null && node !== undefined && node !== false),
  );
  for (const details of body.querySelectorAll("figure details")) details.open = open.has(title(details));
}

function titleText(hw) {
  return `What ${hw.count > 1 ? `${hw.count} \u00d7 ` : "a "}${hw.name} ${hw.count > 1 ? "earn" : "earns"}`;
}

function page(report, state, choose) {
  const bodies = new Map(SECTIONS.map((s) => [s.id, h("div", { class: "body" })]));
  const period = choice(
    "period",
    "Count by",
    PERIODS.map((value) => ({ value, label: capital(value) })),
    state.period,
    (value) => choose({ period: value }),
  );
  const networks =
    report.networks.length === 0
      ? null
      : choice(
          "network",
          "Network",
          report.networks.map((n) => ({ value: n.id, label: n.name, note: outcome(n) })),
          state.network.id,
          (value) => choose({ network: report.networks.find((n) => n.id === value) }),
        );
  const header = h(
    "header",
    null,
    h("div", { class: "top" }, h("p", { class: "brand" }, "Croft"), themeChoice(choice)),
    h("h1", null, titleText(report.hardware)),
    h(
      "p",
      { class: "soft" },
      `Counted on ${report.date} with data up to ${report.build.data}, in US dollars. ${report.paths.toLocaleString("en-US")} simulated courses of ${report.months} months; seed ${report.seed}, croft ${report.build.version}.`,
    ),
    h(
      "p",
      { class: "soft small" },
      "The small numbers beside a figure lead to its source: ",
      h("span", { class: "mark" }, "old"),
      " marks a stale one, ",
      h("span", { class: "mark" }, "low"),
      " one of low confidence.",
    ),
  );
  const cards = SECTIONS.map((s) =>
    h(
      "section",
      { id: s.id, class: "card", "aria-labelledby": `${s.id}-title` },
      h("h2", { id: `${s.id}-title`, tabindex: -1 }, s.title, s.network ? h("span", { class: "on" }) : null),
      s.period ? period : null,
      bodies.get(s.id),
    ),
  );
  cards.splice(1, 0, networks ?? "");
  const contents = h(
    "nav",
    { "aria-label": "Contents" },
    h(
      "details",
      { open: matchMedia("(min-width: 40rem)").matches },
      h("summary", null, "All questions"),
      h(
        "ul",
        null,
        SECTIONS.map((s) => h("li", null, h("a", { href: `#at=${s.id}-title` }, s.title))),
      ),
    ),
  );
  document
    .getElementById("report")
    .replaceChildren(header, contents, ...cards, h("p", { class: "hidden", role: "status" }));
  document.title = `${titleText(report.hardware)} - Croft`;
  return bodies;
}

function show(at) {
  document.querySelector("[data-found]")?.removeAttribute("data-found");
  const target = at && document.getElementById(at);
  if (!target) return;
  target.setAttribute("data-found", "");
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
}

function start(report) {
  useSources(report.sources);
  let state = readHash(report, { network: firstShown(report.networks), period: "month" });
  const bodies = page(report, state, (change) => apply({ ...state, at: null, ...change }));

  function draw(wanted) {
    for (const s of SECTIONS.filter(wanted)) replaceBody(bodies.get(s.id), s.draw(report, state.network, state));
    for (const on of document.querySelectorAll("h2 .on"))
      on.textContent = state.network ? ` ${state.network.name}` : "";
  }

  function apply(next) {
    const moved = { network: next.network !== state.network, period: next.period !== state.period };
    state = next;
    draw((s) => (s.network && moved.network) || (s.period && moved.period));
    if (state.network) check("network", state.network.id);
    check("period", state.period);
    writeHash(state);
    if (moved.network) document.querySelector("[role=status]").textContent = `Showing ${state.network.name}`;
  }

  window.addEventListener("hashchange", () => {
    apply(readHash(report, state));
    show(state.at);
  });
  draw(() => true);
  writeHash(state);
  show(state.at);
}

const { report, problem } = readReport();
if (problem) say(problem);
else start(report);
