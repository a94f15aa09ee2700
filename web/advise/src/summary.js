// The answer before any figure: what is left at the end of the month, the two verdicts, and what to do.
import { h } from "./dom.js";
import { capital, isNumber, money, shown } from "./format.js";
import { refs, takes, verdict } from "./words.js";

const strong = (...children) => h("strong", null, children);

// The options that would supply what this network lacks.
function asked(report, network) {
  const options = network.questions.map((i) => report.questions[i]).filter((q) => q && q.needed);
  return options.length ? [" Add ", options.map((q, i) => [i ? " and " : "", h("code", null, q.option)]), "."] : null;
}

function sentence(report, network) {
  const { net, cash } = network.month;
  if (network.status === "not taken") {
    const refusals = network.requirements
      .filter((r) => r.met === "no")
      .map((r) => `${capital(r.label)}: ${r.text.replace(/\.?$/, ".")}`);
    return [strong(`${network.name} would not take this machine.`), ` ${refusals.join(" ")}`];
  }
  if (!isNumber(net.value))
    return [
      strong(`What ${network.name} leaves cannot be computed yet.`),
      " An input has no source, and Croft does not guess.",
      asked(report, network),
    ];
  const inCash = isNumber(cash.value)
    ? [" In cash, before the card loses value, it is ", shown(cash.value, money), " a month."]
    : [];
  const left = strong(shown(net.value, money), " a month");
  if (network.profit_shown === "profit")
    return [`On ${network.name} about `, left, " is left with every cost paid, depreciation included.", inCash];
  if (network.profit_shown === "loss")
    return [
      `On ${network.name} the month ends with `,
      left,
      ": a loss once every cost is counted, depreciation included.",
      inCash,
    ];
  return [`On ${network.name} the month ends near zero: the middle figure is `, left, ".", inCash];
}

function errorMargin(network) {
  const { net } = network.month;
  if (network.status === "not taken" || !isNumber(net.value) || !isNumber(net.error)) return null;
  const margin = ["The inputs are uncertain by about ", shown(net.error, (v) => `\u00b1${money(v)}`), " a month"];
  if (network.profit_shown !== "within error") return h("p", { class: "soft" }, margin, ".");
  return h("p", { class: "notice" }, strong("Not a profit. "), margin, ", more than the figure itself.");
}

const verdictCard = (title, { answer, text }) =>
  h("div", { class: "verdict" }, h("h3", null, title), verdict(answer), h("p", null, text));

function statements(report) {
  if (report.statements.length === 0) return null;
  return [
    h("h3", null, "At today's published rates"),
    h(
      "ul",
      null,
      report.statements.map((s) =>
        h(
          "li",
          null,
          s.text,
          refs([...new Set([s.rate, s.gross_low, s.left_low].flatMap((q) => q.sources))]),
          s.side === "buyer"
            ? h("span", { class: "soft" }, " The host's share is not published, so this is an upper bound.")
            : null,
        ),
      ),
    ),
  ];
}

function advice(report) {
  if (report.advice.length === 0) return null;
  const names = new Map(report.networks.map((n) => [n.id, n.name]));
  return [
    h("h3", null, "What to do"),
    h(
      "ol",
      null,
      report.advice.map((a) =>
        h(
          "li",
          null,
          a.network ? h("span", { class: "soft" }, `${names.get(a.network) ?? a.network}: `) : null,
          a.text,
          refs(a.sources),
        ),
      ),
    ),
  ];
}

export function summary(report, network) {
  const own = network && [
    h("p", { class: "lead" }, sentence(report, network)),
    errorMargin(network),
    network.status === "not taken" ? null : h("p", null, "Does it take this machine? ", takes(network)),
    h(
      "div",
      { class: "verdicts" },
      verdictCard("You own the card", network.verdict.own),
      verdictCard("You would buy it for this", network.verdict.buy),
    ),
  ];
  return [
    own ?? h("p", { class: "lead" }, "This report compares no network, so nothing can be said about income."),
    statements(report),
    advice(report),
  ];
}
