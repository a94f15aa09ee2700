// The drawings, from plain rows.  Colours are the sheet's variables, so a theme or a printer changes them without redrawing;
// no drawing uses colour alone: signs, labels, positions and dashes say the same.
import {
  areaY,
  axisX,
  axisY,
  barX,
  dot,
  gridX,
  gridY,
  line,
  lineY,
  plot,
  pointerX,
  pointerY,
  rectY,
  ruleX,
  ruleY,
  text,
  tickX,
  tip,
} from "@observablehq/plot";
import { ticks } from "d3-array";
import { brief, isNumber, money, number, percent, rate, tick } from "./format.js";

const GLYPH_PX = 7.5;
const LABEL_PX = 66; // a money label beside a bar
const NARROW_PX = 520;
const ROW_PX = 36;
const tipStyle = { fill: "var(--card)", stroke: "var(--edge)", fontSize: 13, pathFilter: "none", maxRadius: Infinity };

const halo = { fill: "var(--ink)", stroke: "var(--card)", strokeWidth: 4 };

// Marks may be false or null where a drawing leaves one out.
const frame = (width, { marks, ...options }) =>
  plot({
    width,
    marks: marks.filter(Boolean),
    ...options,
    style: {
      background: "transparent",
      color: "var(--ink)",
      fontSize: "13px",
      fontFamily: "inherit",
      overflow: "visible",
    },
  });

// Rows of a drawing, one under another: { key, name }.  Names get the room they need, up to a part of the width; longer ones
// end in an ellipsis, and stand in full in the tip and in the table.
function rowScale(width, rows) {
  const names = new Map(rows.map((r) => [r.key, r.name]));
  const wanted = Math.max(...rows.map((r) => r.name.length)) * GLYPH_PX + 20;
  const left = Math.min(wanted, width * (width < NARROW_PX ? 0.38 : 0.3));
  const axisOptions = {
    label: null,
    tickSize: 0,
    tickFormat: (key) => names.get(key),
    lineWidth: (left - 6) / 12,
    textOverflow: "ellipsis",
  };
  return {
    left,
    height: rows.length * ROW_PX,
    y: { domain: [...names.keys()], padding: 0.3, label: null },
    axisOptions,
  };
}

// As many round values along the width as their texts leave room for.
function ticksThatFit([low, high], px, format) {
  for (let wanted = 8; wanted > 1; wanted--) {
    const found = ticks(low, high, wanted),
      widest = Math.max(...found.map((v) => format(v).length)) * GLYPH_PX + 14;
    if (found.length * widest <= px) return found;
  }
  return ticks(low, high, 1);
}

const alongX = (domain, px, label, format) =>
  axisX(ticksThatFit(domain, px, format), { anchor: "bottom", label, tickFormat: format, tickSize: 0 });
const moneyX = (domain, px, label) => [
  gridX(ticksThatFit(domain, px, tick), { stroke: "var(--line)", strokeOpacity: 1 }),
  alongX(domain, px, label, tick),
];
const upY = (format = tick) => [
  gridY({ stroke: "var(--line)", strokeOpacity: 1, ticks: 5 }),
  axisY({ label: null, tickFormat: format, tickSize: 0, ticks: 5 }),
];
const zeroX = ruleX([0], { stroke: "var(--mark)" });

// Some room left and right of the values for their labels.
function padded(values, share = 0.12) {
  const low = Math.min(0, ...values),
    high = Math.max(0, ...values);
  const room = (high - low || 1) * share;
  return [low < 0 ? low - room : low, high > 0 ? high + room : high];
}

// rows: [{ key, name, from, to, kind: "in" | "out" | "result" | "unsure" }] in order of the sum.
export function waterfall(width, rows, label) {
  const scale = rowScale(width, rows),
    domain = padded(
      rows.flatMap((r) => [r.from, r.to]),
      0.02,
    );
  const joints = rows.slice(1).map((r, i) => ({ x: rows[i].to, y1: rows[i].key, y2: r.key }));
  return frame(width, {
    marginLeft: scale.left,
    marginRight: LABEL_PX,
    marginTop: 4,
    marginBottom: 44,
    height: scale.height + 48,
    x: { domain },
    y: scale.y,
    marks: [
      ...moneyX(domain, width - scale.left - LABEL_PX, label),
      axisY(scale.axisOptions),
      zeroX,
      barX(rows, { x1: "from", x2: "to", y: "key", fill: (r) => `var(--${r.kind})`, rx: 2, insetLeft: 0 }),
      ...joints.map((j) =>
        line(
          [
            { x: j.x, y: j.y1 },
            { x: j.x, y: j.y2 },
          ],
          { x: "x", y: "y", stroke: "var(--edge)", strokeDasharray: "2 3" },
        ),
      ),
      text(rows, {
        x: (r) => Math.max(r.from, r.to),
        y: "key",
        dx: 6,
        textAnchor: "start",
        ...halo,
        text: (r) => brief(r.kind === "out" ? r.to - r.from : r.to),
        fontWeight: (r) => (r.kind === "result" ? 650 : 400),
      }),
      tip(
        rows,
        pointerY({
          x: "to",
          y: "key",
          ...tipStyle,
          title: (r) =>
            r.kind === "out"
              ? `${r.name} takes ${money(r.from - r.to)}\n${money(r.to)} is left`
              : `${r.name} ${money(r.to)}`,
        }),
      ),
    ],
  });
}

// rows: [{ key, name, p5, p50, p95, chosen }]: a line from P5 to P95 with the median on it.
export function intervals(width, rows, label) {
  const scale = rowScale(width, rows),
    domain = padded(
      rows.flatMap((r) => [r.p5, r.p95]),
      0.05,
    );
  return frame(width, {
    marginLeft: scale.left,
    marginRight: 16,
    marginTop: 4,
    marginBottom: 44,
    height: scale.height + 48,
    x: { domain },
    y: scale.y,
    marks: [
      ...moneyX(domain, width - scale.left - 16, label),
      axisY(scale.axisOptions),
      zeroX,
      ruleY(rows, {
        x1: "p5",
        x2: "p95",
        y: "key",
        stroke: "var(--band)",
        strokeWidth: (r) => (r.chosen ? 6 : 3),
        strokeLinecap: "round",
        strokeOpacity: 0.75,
      }),
      dot(rows, {
        x: "p50",
        y: "key",
        r: (r) => (r.chosen ? 7 : 5),
        fill: (r) => (r.chosen ? "var(--mark)" : "var(--card)"),
        stroke: "var(--mark)",
        strokeWidth: 2,
      }),
      tip(
        rows,
        pointerY({
          x: "p50",
          y: "key",
          ...tipStyle,
          title: (r) =>
            `${r.name}\n5 in 100 below ${money(r.p5)}\nmiddle ${money(r.p50)}\n5 in 100 above ${money(r.p95)}`,
        }),
      ),
    ],
  });
}

// rows: [{ month, p5, p25, p50, p75, p95 }] of cumulative cash; price: what has to come back; payback: month in which the median
// has paid it, or null.
export function fan(width, rows, { x, price, payback }) {
  const last = rows[rows.length - 1].month;
  const priced = isNumber(price) ? [price] : [];
  return frame(width, {
    marginLeft: 60,
    marginRight: 16,
    marginTop: payback ? 28 : 12,
    marginBottom: 44,
    height: width < NARROW_PX ? 300 : 360,
    x: { domain: [rows[0].month, last] },
    y: { domain: padded(rows.flatMap((r) => [r.p5, r.p95]).concat(priced), 0.06) },
    marks: [
      ...upY(),
      alongX([rows[0].month, last], width - 76, x, String),
      areaY(rows, { x: "month", y1: "p5", y2: "p95", fill: "var(--band)", fillOpacity: 0.15 }),
      areaY(rows, { x: "month", y1: "p25", y2: "p75", fill: "var(--band)", fillOpacity: 0.22 }),
      ruleY([0], { stroke: "var(--mark)" }),
      ruleY(priced, { stroke: "var(--out)", strokeDasharray: "6 4", strokeWidth: 1.5 }),
      lineY(rows, { x: "month", y: "p50", stroke: "var(--band)", strokeWidth: 2.5 }),
      text(priced, {
        x: rows[0].month,
        y: (p) => p,
        dx: 6,
        dy: -8,
        textAnchor: "start",
        text: (p) => `price ${brief(p)}`,
        ...halo,
      }),
      payback && ruleX([payback], { stroke: "var(--mark)", strokeDasharray: "2 3" }),
      payback &&
        text([payback], {
          x: (m) => m,
          frameAnchor: "top",
          dy: -14,
          text: (m) => `paid back in month ${m}`,
          fontWeight: 650,
          textAnchor: payback > last / 2 ? "end" : "start",
          ...halo,
        }),
      ruleX(rows, pointerX({ x: "month", stroke: "var(--edge)" })),
      tip(
        rows,
        pointerX({
          x: "month",
          y: "p50",
          ...tipStyle,
          title: (r) =>
            `month ${r.month}\n5 in 100 below ${money(r.p5)}\nmiddle ${money(r.p50)}\n5 in 100 above ${money(r.p95)}`,
        }),
      ),
    ],
  });
}

// rows: [{ utilisation, gross, cash, net }]; now: the utilisation the model takes, or null.
export function utilisationCurves(width, rows, now) {
  const series = ["gross", "cash", "net"],
    last = rows[rows.length - 1];
  const strokes = { gross: "var(--in)", cash: "var(--band)", net: "var(--mark)" },
    dashes = { gross: "6 3", cash: "2 3", net: null };
  return frame(width, {
    marginLeft: 60,
    marginRight: 52,
    marginTop: 24,
    marginBottom: 44,
    height: width < NARROW_PX ? 260 : 300,
    x: { domain: [rows[0].utilisation, last.utilisation] },
    y: {
      domain: padded(
        rows.flatMap((r) => series.map((s) => r[s])),
        0.06,
      ),
    },
    marks: [
      ...upY(),
      alongX([rows[0].utilisation, last.utilisation], width - 112, "time rented", (u) => percent(u)),
      ruleY([0], { stroke: "var(--mark)" }),
      isNumber(now) && ruleX([now], { stroke: "var(--edge)", strokeWidth: 1.5, strokeDasharray: "6 4" }),
      isNumber(now) &&
        text([now], { x: (u) => u, frameAnchor: "top", dy: -13, text: (u) => `taken: ${percent(u)}`, ...halo }),
      ...series.map((s) =>
        lineY(rows, { x: "utilisation", y: s, stroke: strokes[s], strokeWidth: 2.25, strokeDasharray: dashes[s] }),
      ),
      ...series.map((s) =>
        text([last], { x: "utilisation", y: s, dx: 8, textAnchor: "start", text: () => s, ...halo }),
      ),
      ruleX(rows, pointerX({ x: "utilisation", stroke: "var(--edge)" })),
      tip(
        rows,
        pointerX({
          x: "utilisation",
          y: "net",
          ...tipStyle,
          title: (r) =>
            `rented ${percent(r.utilisation)}\ngross ${money(r.gross)}\ncash ${money(r.cash)}\nnet ${money(r.net)} a day`,
        }),
      ),
    ],
  });
}

// bins: [{ from, to, share }].
export function histogram(width, bins, label) {
  const top = Math.max(...bins.map((b) => b.share)) * 1.18 || 1;
  const sides = [
    { side: "loss", at: Math.min(...bins.map((b) => b.from)), anchor: "start", shown: bins.some((b) => b.from < 0) },
    { side: "gain", at: Math.max(...bins.map((b) => b.to)), anchor: "end", shown: bins.some((b) => b.to > 0) },
  ].filter((s) => s.shown);
  return frame(width, {
    marginLeft: 48,
    marginRight: 16,
    marginTop: 12,
    marginBottom: 44,
    height: width < NARROW_PX ? 240 : 280,
    y: { domain: [0, top] },
    marks: [
      ...upY((v) => percent(v, 1)),
      alongX(
        padded(
          bins.flatMap((b) => [b.from, b.to]),
          0,
        ),
        width - 64,
        label,
        tick,
      ),
      rectY(bins, {
        x1: "from",
        x2: "to",
        y: "share",
        inset: 0.75,
        fill: (b) => (b.from + b.to < 0 ? "var(--out)" : "var(--in)"),
        rx: 1,
      }),
      ruleX([0], { stroke: "var(--mark)", strokeWidth: 1.5 }),
      ...sides.map((s) =>
        text([s], { x: "at", y: top, dy: 4, text: "side", textAnchor: s.anchor, fill: "var(--ink)", fontWeight: 650 }),
      ),
      tip(
        bins,
        pointerX({
          x: (b) => (b.from + b.to) / 2,
          y: "share",
          ...tipStyle,
          title: (b) => `${money(b.from)} to ${money(b.to)}\n${percent(b.share, 1)} of the runs`,
        }),
      ),
    ],
  });
}

// rows: [{ key, name, low, high, lowInput, highInput }] around base: what each input alone does to the result.  On a narrow
// screen the names stand above their bars.
export function tornado(width, rows, base, label) {
  const narrow = width < NARROW_PX,
    scale = rowScale(width, rows),
    rowPx = narrow ? 52 : ROW_PX;
  const ends = rows.flatMap((r) => [
    { key: r.key, name: r.name, value: r.low, input: r.lowInput, lower: r.low <= r.high },
    { key: r.key, name: r.name, value: r.high, input: r.highInput, lower: r.low > r.high },
  ]);
  const values = ends.map((e) => e.value).concat(base);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const domain = low < high ? [low, high] : [low - 1, high + 1];
  const besides = (lower, dx, textAnchor) =>
    text(
      ends.filter((e) => e.lower === lower),
      { x: "value", y: "key", dx, textAnchor, text: "input", ...halo },
    );
  return frame(width, {
    marginLeft: narrow ? LABEL_PX : scale.left + LABEL_PX,
    marginRight: LABEL_PX,
    marginTop: 28,
    marginBottom: 44,
    height: rows.length * rowPx + 72,
    x: { domain },
    y: { ...scale.y, padding: narrow ? 0.6 : 0.3, axis: null },
    marks: [
      ...moneyX(domain, width - (narrow ? 0 : scale.left) - 2 * LABEL_PX, label),
      narrow
        ? text(rows, {
            y: "key",
            frameAnchor: "left",
            dx: -LABEL_PX,
            dy: -20,
            textAnchor: "start",
            text: "name",
            lineWidth: (width - 8) / 13,
            textOverflow: "ellipsis",
            ...halo,
          })
        : axisY({ ...scale.axisOptions, dx: -LABEL_PX }),
      barX(ends, {
        x1: base,
        x2: "value",
        y: "key",
        fill: (e) => (e.value < base ? "var(--out)" : "var(--in)"),
        rx: 2,
      }),
      domain[0] < 0 && domain[1] > 0 && ruleX([0], { stroke: "var(--edge)", strokeDasharray: "2 3" }),
      ruleX([base], { stroke: "var(--mark)" }),
      text([base], {
        x: (b) => b,
        frameAnchor: "top",
        dy: -16,
        text: (b) => `now ${brief(b)}`,
        fontWeight: 650,
        ...halo,
      }),
      besides(true, -5, "end"),
      besides(false, 5, "start"),
      tip(
        ends,
        pointerY({
          x: "value",
          y: "key",
          ...tipStyle,
          title: (e) => `${e.name} ${e.input}\nleaves ${money(e.value)} a day`,
        }),
      ),
    ],
  });
}

// rows: [{ cap_w, performance, margin_h }] along the cap; best: one of them, or undefined.
export function powerCurve(width, rows, best, xLabel) {
  const values = rows.map((r) => r.margin_h),
    watts = rows.map((r) => r.cap_w);
  const low = Math.min(...values),
    high = Math.max(...values),
    pad = (high - low || 1) * 0.25;
  return frame(width, {
    marginLeft: 60,
    marginRight: 20,
    marginTop: 28,
    marginBottom: 44,
    height: width < NARROW_PX ? 240 : 280,
    y: { domain: [low - pad, high + pad] },
    marks: [
      ...upY(rate),
      alongX([Math.min(...watts), Math.max(...watts)], width - 80, xLabel, (w) => `${w} W`),
      lineY(rows, { x: "cap_w", y: "margin_h", stroke: "var(--band)", strokeWidth: 2.5 }),
      dot(rows, { x: "cap_w", y: "margin_h", r: 3.5, fill: "var(--card)", stroke: "var(--band)", strokeWidth: 2 }),
      best && dot([best], { x: "cap_w", y: "margin_h", r: 7, fill: "var(--mark)" }),
      best &&
        text([best], {
          x: "cap_w",
          y: "margin_h",
          dy: -18,
          textAnchor: best.cap_w * 2 > rows[0].cap_w + rows[rows.length - 1].cap_w ? "end" : "start",
          text: (b) => `best ${number(b.cap_w, 0)} W`,
          fontWeight: 650,
          ...halo,
        }),
      tip(
        rows,
        pointerX({
          x: "cap_w",
          y: "margin_h",
          ...tipStyle,
          title: (r) => `${number(r.cap_w, 0)} W\nspeed ${percent(r.performance, 1)}\n${rate(r.margin_h)} an hour`,
        }),
      ),
    ],
  });
}

// rows: [{ key, name, forecast, earned }]: where the forecast stood, what came.
export function forecast(width, rows, label) {
  const scale = rowScale(width, rows),
    domain = padded(
      rows.flatMap((r) => [r.forecast, r.earned]),
      0.08,
    );
  return frame(width, {
    marginLeft: scale.left,
    marginRight: 16,
    marginTop: 4,
    marginBottom: 44,
    height: scale.height + 48,
    x: { domain },
    y: scale.y,
    marks: [
      ...moneyX(domain, width - scale.left - 16, label),
      axisY(scale.axisOptions),
      zeroX,
      barX(rows, { x: "earned", y: "key", fill: "var(--in)", rx: 2 }),
      tickX(rows, { x: "forecast", y: "key", stroke: "var(--mark)", strokeWidth: 3, insetTop: -4, insetBottom: -4 }),
      tip(
        rows,
        pointerY({
          x: "earned",
          y: "key",
          ...tipStyle,
          title: (r) => `${r.name}\nforecast ${money(r.forecast)}\nearned ${money(r.earned)}`,
        }),
      ),
    ],
  });
}
