// What the result hangs on: the inputs, the coin it is paid in, the power cap, and the node's own record.
import { h } from "./dom.js";
import { figure } from "./figure.js";
import { capital, isNumber, money, number, percent, rate, shown } from "./format.js";
import { quantileCells } from "./left.js";
import { forecast, intervals, powerCurve, tornado } from "./plots.js";
import { quantity, refs } from "./words.js";

const none = (text) => h("p", { class: "soft" }, text);

function inputText(value, unit) {
  if (unit === "") return Math.abs(value) <= 1 ? percent(value, 1) : number(value);
  if (unit === "USD/h" || unit === "USD/kWh") return rate(value);
  return unit === "USD" ? money(value) : `${number(value, 1)} ${unit}`;
}

export function matters(report, network) {
  if (!network || network.tornado.length === 0)
    return none("Nothing is computed for this network, so nothing can be varied.");
  const base = network.day.net.value,
    all = network.tornado,
    moving = all.filter((t) => t.net_low !== t.net_high); // what changes nothing stands in the table alone
  const [first] = all;
  return figure({
    title: "One input at a time, net dollars a day",
    says: `${capital(first.label)} matters most: between ${inputText(first.low, first.unit)} and ${inputText(first.high, first.unit)} the net goes from ${money(first.net_low)} to ${money(first.net_high)} a day.`,
    draw: (width) =>
      tornado(
        width,
        (moving.length ? moving : all).map((t) => ({
          key: t.input,
          name: capital(t.label),
          low: t.net_low,
          high: t.net_high,
          lowInput: inputText(t.low, t.unit),
          highInput: inputText(t.high, t.unit),
        })),
        isNumber(base) ? base : 0,
        "net dollars a day",
      ),
    columns: [
      { name: "Input" },
      { name: "Low", number: true },
      { name: "High", number: true },
      { name: "Net at low", number: true },
      { name: "Net at high", number: true },
      { name: "Sources" },
    ],
    rows: all.map((t) => [
      capital(t.label),
      inputText(t.low, t.unit),
      inputText(t.high, t.unit),
      shown(t.net_low, money),
      shown(t.net_high, money),
      refs(t.sources) ?? "",
    ]),
  });
}

export function currency(report, network) {
  if (!network) return none("No network is in this report.");
  const { sell, hold, text, volatility } = network.currency;
  const policies = [
    ["Sell on receipt", sell],
    ["Hold to the end", hold],
  ].filter(([, policy]) => policy);
  const swing = isNumber(volatility.value)
    ? h("p", { class: "soft" }, "Volatility of the token, a year: ", quantity(volatility, { share: true }))
    : null;
  if (policies.length === 0) return [h("p", null, text), swing];
  return [
    h("p", null, text),
    swing,
    figure({
      title: "Sold at once or kept, net present value",
      says:
        policies
          .map(
            ([name, p]) =>
              `${name}: middle ${money(p.npv.p50)}, a loss in ${percent(p.loss_probability, 1)} of the courses`,
          )
          .join(". ") + ".",
      draw: (width) =>
        intervals(
          width,
          policies.map(([name, p]) => ({ key: name, name, chosen: p === sell, ...p.npv })),
          "net present value, dollars",
        ),
      columns: [
        { name: "Policy" },
        ...["5 %", "25 %", "Middle", "75 %", "95 %", "Chance of a loss", "Worst twentieth"].map((name) => ({
          name,
          number: true,
        })),
      ],
      rows: policies.map(([name, p]) => [
        name,
        ...quantileCells(p.npv),
        shown(p.loss_probability, (v) => percent(v, 1)),
        shown(p.cvar_5, money),
      ]),
    }),
  ];
}

export function powerCap(report, network) {
  if (!network) return none("No network is in this report.");
  const { curve, best_w: best, text, sources } = network.power_cap;
  const says = h("p", null, text, refs(sources));
  if (curve.length < 2) return says;
  return [
    says,
    figure({
      title: "What a rented hour leaves at each power cap",
      says: isNumber(best)
        ? `The best cap for one card is ${number(best, 0)} W.`
        : "After the electricity of that hour, for one card.",
      draw: (width) =>
        powerCurve(
          width,
          curve,
          curve.find((c) => c.cap_w === best),
          "power cap of one card",
        ),
      columns: [
        { name: "Cap", number: true },
        { name: "Speed", number: true },
        { name: "Left per rented hour", number: true },
      ],
      rows: curve.map((c) => [`${number(c.cap_w, 0)} W`, percent(c.performance, 1), shown(c.margin_h, rate)]),
    }),
  ];
}

function record(entry, name) {
  const share = (part) => ({ share: part.input !== "rate", sources: true });
  return [
    h("h3", null, name),
    h("p", null, entry.text),
    h(
      "p",
      { class: "soft" },
      `${entry.days} days measured. `,
      entry.replaces
        ? "That is enough: the measured figures have replaced the assumed ones."
        : "From 14 days on, the measured figures replace the assumed ones.",
    ),
    entry.parts.length
      ? h(
          "ul",
          null,
          entry.parts.map((part) =>
            h(
              "li",
              null,
              h("strong", null, capital(part.input)),
              ": forecast ",
              quantity(part.forecast, share(part)),
              ", measured ",
              quantity(part.measured, share(part)),
              ", worth ",
              quantity(part.effect_day),
            ),
          ),
        )
      : null,
  ];
}

export function history(report) {
  if (report.history.length === 0)
    return none([
      "No earnings log was given. With ",
      h("code", null, "--log FILE"),
      " this section compares what was forecast with what was paid.",
    ]);
  const names = new Map(report.networks.map((n) => [n.id, n.name]));
  const name = (entry) => names.get(entry.network) ?? entry.network;
  const known = report.history.filter((e) => isNumber(e.forecast_day.value) && isNumber(e.earned_day.value));
  return [
    known.length
      ? figure({
          title: "Forecast and earned, dollars a day",
          says: "The bar is what was earned, the upright mark what had been forecast.",
          draw: (width) =>
            forecast(
              width,
              known.map((e) => ({
                key: e.network,
                name: name(e),
                forecast: e.forecast_day.value,
                earned: e.earned_day.value,
              })),
              "dollars a day",
            ),
          columns: [
            { name: "Network" },
            { name: "Days", number: true },
            { name: "Forecast", number: true },
            { name: "Earned", number: true },
          ],
          rows: known.map((e) => [
            name(e),
            shown(e.days, String),
            shown(e.forecast_day.value, money),
            shown(e.earned_day.value, money),
          ]),
        })
      : null,
    report.history.map((entry) => record(entry, name(entry))),
  ];
}
