// What is left: the way from rent to net, the networks side by side, the months ahead, and how likely a loss is.
import { h, table } from "./dom.js";
import { figure } from "./figure.js";
import { UNKNOWN, isNumber, money, percent, shown } from "./format.js";
import { fan, histogram, intervals, utilisationCurves, waterfall } from "./plots.js";
import { amount, breakEven, facts, payback, quantity, refs, shownAs } from "./words.js";

const COSTS = [
  ["electricity", "Electricity"],
  ["bandwidth", "Bandwidth"],
  ["failures", "Failures"],
  ["tax", "Tax"],
  ["depreciation", "Depreciation"],
];

const DAYS = { day: 1, month: 365.25 / 12, year: 365.25 };

// The network's own share of the rent, which gross no longer holds; null when it is nothing or not known.
function fee(network, period) {
  const { availability, utilisation, rate, fee: share } = network.inputs;
  const value = DAYS[period] * 24 * availability.value * utilisation.value * rate.value * share.value;
  const known = [availability, utilisation, rate, share, network[period].gross].every((q) => isNumber(q.value));
  return known && value > 0 ? { fee: value, rent: network[period].gross.value + value } : null;
}

// Steps of the sum: { name, from, to, kind }; each starts where the one before it ended.
function steps(network, period) {
  const per = network[period],
    taken = fee(network, period);
  let level = taken ? taken.rent : per.gross.value;
  const first = taken ? "Rent" : "Gross";
  const rows = [{ key: first, name: first, from: 0, to: level, kind: "in" }];
  const off = (name, value) => {
    if (!isNumber(value) || value === 0) return;
    rows.push({ key: name, name, from: level, to: level - value, kind: "out" });
    level -= value;
  };
  if (taken) off("Network's fee", taken.fee);
  for (const [key, name] of COSTS) {
    if (key === "depreciation") rows.push({ key: "Cash", name: "Cash", from: 0, to: per.cash.value, kind: "result" });
    off(name, per[key].value);
  }
  const unsure = network.profit_shown === "within error";
  rows.push({
    key: "Net",
    name: unsure ? "\u2248 Net" : "Net",
    from: 0,
    to: per.net.value,
    kind: unsure ? "unsure" : "result",
  });
  return rows;
}

function sumRows(network, period) {
  const per = network[period],
    taken = fee(network, period);
  const cost = (q) => (isNumber(q.value) ? shown(q.value, (v) => money(-v)) : shown(q.value, money));
  return [
    taken && ["Rent before the network's fee", shown(taken.rent, money), refs(network.inputs.rate.sources)],
    taken && ["Network's fee", shown(taken.fee, (v) => money(-v)), refs(network.inputs.fee.sources)],
    ["Gross", amount(per.gross), refs(per.gross.sources)],
    ...COSTS.slice(0, 4).map(([key, name]) => [name, cost(per[key]), refs(per[key].sources)]),
    ["Cash", amount(per.cash), refs(per.cash.sources)],
    ["Depreciation", cost(per.depreciation), refs(per.depreciation.sources)],
    [
      "Net",
      [
        amount(per.net),
        isNumber(per.net.value) && isNumber(per.net.error)
          ? [" ", shown(per.net.error, (v) => `\u00b1${money(v)}`)]
          : null,
      ],
      refs(per.net.sources),
    ],
  ].filter(Boolean);
}

const SUM_COLUMNS = (period) => [{ name: "Step" }, { name: `Dollars a ${period}`, number: true }, { name: "Sources" }];

function sum(network, period) {
  const per = network[period];
  const title = `From gross to net, dollars a ${period}`;
  const rows = sumRows(network, period);
  if (!isNumber(per.net.value) || !isNumber(per.gross.value) || !isNumber(per.cash.value))
    return [
      h("h3", null, title),
      h("p", null, "Some of it is unknown, so there is no total to draw. What is known:"),
      table(title, SUM_COLUMNS(period), rows),
    ];
  const more = network.profit_shown === "within error" ? ", more than what is left: not a profit" : "";
  const error = isNumber(per.net.error) ? ` The inputs are uncertain by \u00b1${money(per.net.error)}${more}.` : "";
  return figure({
    title,
    says: `${network.name} pays ${money(per.gross.value)}; ${money(per.cash.value)} is left in cash and ${money(per.net.value)} after depreciation.${error}`,
    draw: (width) => waterfall(width, steps(network, period), `dollars a ${period}`),
    columns: SUM_COLUMNS(period),
    rows,
  });
}

const QUANTILES = [
  { name: "5 %", number: true },
  { name: "25 %", number: true },
  { name: "Middle", number: true },
  { name: "75 %", number: true },
  { name: "95 %", number: true },
];
export const quantileCells = (q) => ["p5", "p25", "p50", "p75", "p95"].map((key) => shown(q[key], money));

function comparison(report, network) {
  const ran = report.networks.filter((n) => n.simulation);
  if (ran.length === 0) return null;
  const best = ran.reduce((a, b) => (b.simulation.net_day.p25 > a.simulation.net_day.p25 ? b : a));
  return figure({
    title: "The networks side by side, net dollars a day",
    says: `Each line holds nine in ten of ${report.paths.toLocaleString("en-US")} simulated courses, the dot is the middle. The safest by its lower quarter is ${best.name}.`,
    draw: (width) =>
      intervals(
        width,
        ran.map((n) => ({ key: n.id, name: n.name, chosen: n === network, ...n.simulation.net_day })),
        "net dollars a day",
      ),
    columns: [{ name: "Network" }, ...QUANTILES, { name: "Chance of a loss", number: true }, { name: "Result" }],
    rows: ran.map((n) =>
      [
        n.name,
        quantileCells(n.simulation.net_day),
        shown(n.simulation.loss_probability, (v) => percent(v, 1)),
        shownAs(n),
      ].flat(),
    ),
  });
}

function ahead(report, network) {
  const { fan: f, payback: p, payback_never_share: never } = network.simulation;
  const rows = f.month.map((month, i) => ({
    month,
    p5: f.p5[i],
    p25: f.p25[i],
    p50: f.p50[i],
    p75: f.p75[i],
    p95: f.p95[i],
  }));
  const last = rows[rows.length - 1],
    price = report.hardware.entry_cost.value;
  if (!last) return null;
  const when =
    p.p50.answer === "months"
      ? `The middle course has paid the card back in month ${p.p50.months}`
      : `The middle course does not pay the card back within ${last.month} months`;
  return figure({
    title: "Cash so far, month by month",
    says: `After ${last.month} months the middle course has ${money(last.p50)} in cash, nine in ten between ${money(last.p5)} and ${money(last.p95)}. ${when}; ${percent(never, 1)} of the courses never do within that time.`,
    draw: (width) => fan(width, rows, { x: "months", price, payback: p.p50.answer === "months" ? p.p50.months : null }),
    columns: [{ name: "Month", number: true }, ...QUANTILES],
    rows: rows.map((r) => [String(r.month), ...quantileCells(r)]),
  });
}

function chances(report, network) {
  const { histogram: hist, loss_probability: loss, cvar_5: worst, npv } = network.simulation;
  const total = hist.counts.reduce((a, b) => a + b, 0) || 1;
  const bins = hist.counts.map((count, i) => ({
    from: hist.edges[i],
    to: hist.edges[i + 1],
    share: count / total,
    count,
  }));
  if (bins.length === 0) return null;
  return figure({
    title: "If you bought the card for this: what it is worth today",
    says: `${percent(loss, 1)} of the courses end in a loss. The middle net present value is ${money(npv.p50)}; the worst twentieth loses ${money(-worst)} on average. The outermost bars also hold all that lies beyond them.`.replace(
      "loses \u2212",
      "gains ",
    ),
    draw: (width) => histogram(width, bins, "net present value, dollars"),
    columns: [
      { name: "From", number: true },
      { name: "To", number: true },
      { name: "Courses", number: true },
      { name: "Share", number: true },
    ],
    rows: bins.map((b) => [shown(b.from, money), shown(b.to, money), shown(b.count, String), percent(b.share, 2)]),
  });
}

function curves(network) {
  const c = network.utilisation_curve;
  const rows = c.utilisation.map((utilisation, i) => ({
    utilisation,
    gross: c.gross[i],
    cash: c.cash[i],
    net: c.net[i],
  }));
  if (rows.length < 2) return null;
  const taken = network.inputs.utilisation.value,
    now = isNumber(taken) && taken >= 0 && taken <= 1 ? taken : null;
  return figure({
    title: "How much of the time it must be rented",
    says: isNumber(now)
      ? `The model takes ${percent(now, 1)}, the dashed line. Where a curve crosses zero, that way of counting breaks even.`
      : "Utilisation is unknown; where a curve crosses zero, that way of counting breaks even.",
    draw: (width) => utilisationCurves(width, rows, now),
    columns: [
      { name: "Rented", number: true },
      { name: "Gross a day", number: true },
      { name: "Cash a day", number: true },
      { name: "Net a day", number: true },
    ],
    rows: rows.map((r) => [percent(r.utilisation, 1), ...["gross", "cash", "net"].map((key) => shown(r[key], money))]),
  });
}

const breakEvens = (network) =>
  facts([
    ["Electricity may cost at most", breakEven(network.break_even.tariff)],
    ["Rented at least, for cash", breakEven(network.break_even.utilisation_cash, { share: true })],
    ["Rented at least, all costs", breakEven(network.break_even.utilisation_full, { share: true })],
    ["Paid back, without chance", payback(network.payback)],
    ["Net present value, without chance", quantity(network.npv)],
    network.simulation && [
      "Paid back, from the best to the worst twentieth",
      [
        payback(network.simulation.payback.p5),
        ", ",
        payback(network.simulation.payback.p50),
        ", ",
        payback(network.simulation.payback.p95),
      ],
    ],
  ]);

export function left(report, network, { period }) {
  if (!network) return h("p", null, "No network is in this report.");
  return [
    sum(network, period),
    comparison(report, network),
    h("h3", null, "Where it breaks even"),
    breakEvens(network),
    curves(network),
    network.simulation
      ? [ahead(report, network), chances(report, network)]
      : h(
          "p",
          { class: "soft" },
          `The months ahead on ${network.name} are not simulated: ${network.status === "not taken" ? "it would not take this machine" : `an input is ${UNKNOWN}`}.`,
        ),
  ];
}
