// browser.mjs PLAN - loads pages in headless Chromium and checks them as a reader meets them.
//
// PLAN is a JSON file: { browser, screenshots, seed, pages: [{ name, file, report, full, says }] }.  report is what the page
// should show, null when it should show only the sentence `says`.  full: every size and theme, else one.
// Prints one line per check that failed and ends with "N checks, M failed"; exit status 1 when M > 0.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const HEADINGS = [
  "The short answer",
  "What class is my hardware?",
  "Which networks would take it?",
  "What is left?",
  "What matters most?",
  "Sell on receipt, or hold?",
  "Which power cap?",
  "What was forecast, and what came?",
  "What is missing?",
  "Where do the numbers come from?",
];
const VIEWS = [
  { width: 360, height: 740, colorScheme: "light" },
  { width: 360, height: 740, colorScheme: "dark" },
  { width: 1280, height: 900, colorScheme: "light" },
  { width: 1280, height: 900, colorScheme: "dark" },
];

let checks = 0,
  failed = 0;
function expect(good, ...what) {
  checks++;
  if (good) return;
  failed++;
  console.log(what.map((w) => (typeof w === "string" ? w : JSON.stringify(w))).join(" "));
}
const same = (got, wanted, ...what) =>
  expect(JSON.stringify(got) === JSON.stringify(wanted), ...what, "shows", got, "and not", wanted);

// ---- what the page should say, worked out from the report alone ----

const minus = "\u2212";
function cents(value) {
  const size = Math.abs(value),
    text = size >= 999.995 ? Math.round(size).toString() : size.toFixed(2);
  return `${value < 0 ? minus : ""}$${text.replace(/\B(?=(\d{3})+(?!\d))/g, ",")}`;
}
// Two roundings of a value that lies between two cents may differ; the text must be one of them.
const near = (text, value) => [value, value * (1 + 1e-12), value * (1 - 1e-12)].some((v) => text === cents(v));

// ---- one page in one view ----

async function open(browser, page, view, hash = "") {
  const context = await browser.newContext({
    viewport: view,
    colorScheme: view.colorScheme,
    reducedMotion: view.reducedMotion ?? "no-preference",
  });
  const tab = await context.newPage(),
    where = `${page.name} ${view.width} ${view.colorScheme}:`,
    url = pathToFileURL(page.file).href;
  tab.on("console", (m) => expect(!["error", "warning"].includes(m.type()), where, "console:", m.text()));
  tab.on("pageerror", (e) => expect(false, where, "error:", e.stack));
  tab.on("request", (r) =>
    expect(r.url().split("#")[0] === url || r.url() === "data:,", where, "asks the network for", r.url()),
  );
  await tab.goto(url + hash);
  await settle(tab);
  return { tab, where, close: () => context.close() };
}

// Drawings follow sizes, which the browser reports before a frame; two frames later they stand.
const settle = (tab) =>
  tab.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))));

async function checkFrame(tab, where) {
  const found = await tab.evaluate(() => {
    const out = [],
      wide = innerWidth,
      beyond = (box) => box.width > 0 && (box.right > wide + 0.5 || box.left < -0.5);
    if (document.documentElement.scrollWidth > wide)
      out.push(`scrolls sideways: ${document.documentElement.scrollWidth} px`);
    for (const svg of document.querySelectorAll(".plot svg")) {
      const title = document.getElementById(svg.getAttribute("aria-labelledby"))?.textContent;
      const texts = [...svg.querySelectorAll("text")]
        .filter((t) => t.textContent)
        .map((t) => [t.textContent, t.getBoundingClientRect()]);
      for (const [text, box] of texts) if (beyond(box)) out.push(`${title}: "${text}" leaves the screen`);
      for (const [i, [a, p]] of texts.entries())
        for (const [b, q] of texts.slice(i + 1)) {
          const over = Math.min(
            Math.min(p.right, q.right) - Math.max(p.left, q.left),
            Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top),
          );
          if (over > 3) out.push(`${title}: "${a}" lies over "${b}"`);
        }
    }
    for (const e of document.querySelectorAll("main *"))
      if (!e.closest(".scroll, svg, .hidden") && beyond(e.getBoundingClientRect()))
        out.push(`${e.tagName}.${e.className} leaves the screen`);
    return [...new Set(out)];
  });
  same(found, [], where, "frame");
}

async function checkHeadings(tab, where) {
  const all = await tab.$$eval("h1,h2,h3,h4,h5,h6", (list) =>
    list.map((h) => ({ level: Number(h.tagName[1]), text: h.firstChild?.textContent ?? "" })),
  );
  same(
    all.filter((h) => h.level === 2).map((h) => h.text),
    HEADINGS,
    where,
    "headings",
  );
  expect(all.filter((h) => h.level === 1).length === 1 && all[0].level === 1, where, "has one h1, first");
  all.forEach((h, i) =>
    expect(i === 0 || h.level <= all[i - 1].level + 1, where, "heading level is skipped before", h.text),
  );
  expect(
    all.every((h) => h.text.trim()),
    where,
    "a heading is empty",
  );
}

async function checkFigures(tab, where) {
  const figures = await tab.$$eval("figure", (list) =>
    list.map((f) => ({
      title: f.querySelector("h3").textContent,
      role: f.querySelector(".plot svg")?.getAttribute("role"),
      named: [...f.querySelectorAll(".plot svg")].every(
        (s) => document.getElementById(s.getAttribute("aria-labelledby"))?.textContent,
      ),
      rows: f.querySelectorAll("tbody tr").length,
    })),
  );
  for (const f of figures)
    expect(f.role === "img" && f.named && f.rows > 0, where, "figure without drawing, name or table:", f);
}

async function checkAxe(tab, where) {
  await tab.evaluate(() => {
    for (const d of document.querySelectorAll("details")) d.open = true;
  });
  await settle(tab);
  await tab.evaluate(axeSource);
  const found = await tab.evaluate(async () => {
    const { violations } = await window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return violations.map(
      (v) =>
        `${v.impact} ${v.id}: ${v.nodes
          .slice(0, 3)
          .map((n) => `${n.target} ${n.any[0]?.message ?? ""}`)
          .join(" | ")}`,
    );
  });
  same(found, [], where, "axe");
}

// ---- the figures shown are the figures of the report ----

const rowsOf = (tab, figureTitle) =>
  tab.evaluate((title) => {
    const heading = [...document.querySelectorAll("h3")].find((e) => e.textContent.startsWith(title));
    const table =
      heading?.closest("figure")?.querySelector("table") ??
      heading?.nextElementSibling?.querySelector("table") ??
      heading?.parentElement.querySelector("table");
    return table
      ? [...table.tBodies[0].rows].map((r) =>
          [...r.cells].map((c) => ({
            text: c.textContent,
            values: [...c.querySelectorAll("data")].map((d) => Number(d.value)),
            shown: c.querySelector("data")?.textContent,
          })),
        )
      : null;
  }, figureTitle);

function checkMoney(cell, value, what) {
  if (value === null) return expect(cell?.text === "unknown", what, "is", cell, "and not unknown");
  expect(cell?.values[0] === value && near(cell.shown, value), what, "shows", cell, "and not", value);
}

async function checkSum(tab, where, network, period) {
  const rows = await rowsOf(tab, `From gross to net`);
  expect(rows, where, "no table of the sum");
  const named = new Map((rows ?? []).map((r) => [r[0].text, r[1]]));
  const per = network[period],
    what = (name) => `${where} ${network.id} ${period} ${name}`;
  for (const [name, key] of [
    ["Gross", "gross"],
    ["Cash", "cash"],
    ["Net", "net"],
  ])
    checkMoney(named.get(name), per[key].value, what(name));
  for (const [name, key] of [
    ["Electricity", "electricity"],
    ["Bandwidth", "bandwidth"],
    ["Failures", "failures"],
    ["Tax", "tax"],
    ["Depreciation", "depreciation"],
  ]) {
    const cell = named.get(name),
      value = per[key].value;
    if (value === null) expect(cell?.text === "unknown", what(name), "is", cell, "and not unknown");
    else
      expect(cell?.values[0] === value && near(cell.shown, -value || 0), what(name), "shows", cell, "and not", -value);
  }
}

async function checkQuantiles(tab, where, report) {
  const ran = report.networks.filter((n) => n.simulation),
    rows = await rowsOf(tab, "The networks side by side");
  same(rows?.length ?? 0, ran.length, where, "networks compared");
  ran.forEach((n, i) =>
    ["p5", "p25", "p50", "p75", "p95"].forEach((key, k) =>
      checkMoney(rows[i][k + 1], n.simulation.net_day[key], `${where} ${n.id} ${key}`),
    ),
  );
}

async function checkDrawings(tab, where, report, network) {
  const count = (id, part) =>
    tab.evaluate(([section, selector]) => document.querySelectorAll(`#${section} ${selector}`).length, [id, part]);
  const sim = network.simulation;
  if (sim?.histogram.counts.length)
    same(
      await tab.$$eval("#left figure:last-of-type g[data-mark=rect] :is(rect, path)", (l) => l.length),
      sim.histogram.counts.length,
      where,
      "bars of the histogram",
    );
  const moving = network.tornado.filter((t) => t.net_low !== t.net_high);
  if (network.tornado.length)
    same(
      await count("matters", "g[data-mark=bar] :is(rect, path)"),
      2 * (moving.length || network.tornado.length),
      where,
      "bars of the tornado",
    );
  if (network.power_cap.curve.length > 1)
    expect(
      (await count("power", "g[data-mark=dot] circle")) >= network.power_cap.curve.length,
      where,
      "points of the power curve",
    );
}

async function checkWords(tab, where, report, network) {
  const text = await tab.$eval("#report", (e) => e.textContent);
  const wanted = [
    ...report.statements.map((s) => s.text),
    ...report.advice.map((a) => a.text),
    ...report.questions.map((q) => q.option),
    ...report.hardware.class_reasons,
    ...report.sources.flatMap((s) => [s.text, s.as_of ?? ""]),
    ...report.history.map((e) => e.text),
    ...report.assumptions.map((a) => a.option),
    network.verdict.own.text,
    network.verdict.buy.text,
    ...network.requirements.map((r) => r.text),
    ...network.risks.map((r) => r.text),
    network.currency.text,
    network.power_cap.text,
  ];
  for (const words of wanted) expect(text.includes(words), where, network.id, "does not show", words);
  same(await tab.$$eval("#sources tr[id^=source-]", (l) => l.length), report.sources.length, where, "rows of sources");
  same(
    await tab.$$eval("#sources tr[id^=source-]", (l) => l.map((r) => r.textContent.includes("stale"))),
    report.sources.map((s) => s.stale || s.row.includes("stale") || s.text.includes("stale")),
    where,
    "stale marks",
  );
  const lead = await tab.$eval("#summary", (e) => e.textContent);
  if (network.profit_shown === "within error" && network.status === "complete") {
    const chip = await tab.$eval("input[name=network]:checked + .face", (e) => e.textContent);
    expect(
      lead.includes("Not a profit") && !chip.includes("$"),
      where,
      network.id,
      "shows a profit within the error:",
      chip,
    );
  }
  if (network.payback.answer === "never") expect(text.includes("never"), where, network.id, "does not say never");
}

async function checkNumbers(tab, where, report) {
  await checkQuantiles(tab, where, report);
  for (const network of report.networks) {
    await tab.evaluate(
      (id) => [...document.querySelectorAll("input[name=network]")].find((e) => e.value === id).click(),
      network.id,
    );
    for (const period of ["day", "year", "month"]) {
      await tab.check(`input[name=period][value=${period}]`, { force: true });
      await checkSum(tab, where, network, period);
    }
    await settle(tab);
    await checkWords(tab, where, report, network);
    await checkDrawings(tab, where, report, network);
    await checkFigures(tab, `${where} ${network.id}`);
    await checkFrame(tab, `${where} ${network.id}`);
  }
}

// ---- keyboard, address, theme, print ----

const focused = (tab) =>
  tab.evaluate(() => ({
    name: document.activeElement.name ?? "",
    value: document.activeElement.value,
    tag: document.activeElement.tagName,
    id: document.activeElement.id,
    href: document.activeElement.getAttribute("href"),
  }));

async function tabTo(tab, wanted, limit) {
  for (let i = 0; i < limit; i++) {
    await tab.keyboard.press("Tab");
    const at = await focused(tab);
    if (wanted(at)) return at;
  }
  return null;
}

async function checkKeyboard(browser, page, report) {
  const cards = report.networks.filter((n) => n.kind !== "bandwidth");
  const first = cards.find((n) => n.status === "complete") ?? cards[0] ?? report.networks[0];
  const { tab, where, close } = await open(browser, page, { ...VIEWS[2], reducedMotion: "reduce" });
  await tab.keyboard.press("Tab");
  same((await focused(tab)).href, "#report", where, "first stop is the skip link, which");
  const at = await tabTo(tab, (f) => f.name === "network", 80);
  expect(at && at.value === first.id, where, "Tab does not reach the network", at);
  const ring = await tab.evaluate(() => getComputedStyle(document.activeElement.nextElementSibling).outlineWidth);
  expect(parseFloat(ring) >= 2, where, "focus is not visible", ring);
  if (report.networks.length > 1) {
    await tab.keyboard.press("ArrowRight");
    const next = report.networks[(report.networks.indexOf(first) + 1) % report.networks.length];
    same((await focused(tab)).value, next.id, where, "arrow moves to");
    expect(
      (await tab.$eval("#left h2", (e) => e.textContent)).includes(next.name),
      where,
      "arrow does not change what is shown",
    );
    same(
      await tab.evaluate(() => new URLSearchParams(location.hash.slice(1)).get("network")),
      next.id,
      where,
      "address",
    );
    same(
      await tab.$eval("[role=status]", (e) => e.textContent),
      `Showing ${next.name}`,
      where,
      "said to a screen reader",
    );
  }
  const link = await tabTo(tab, (f) => f.href?.startsWith("#at=source-"), 80);
  expect(link, where, "Tab does not reach a source");
  if (link) {
    await tab.keyboard.press("Enter");
    await settle(tab);
    same((await focused(tab)).id, link.href.slice(4), where, "Enter leads to the row");
    expect(
      await tab.evaluate(() => {
        const box = document.activeElement.getBoundingClientRect();
        return box.top >= 0 && box.bottom <= innerHeight;
      }),
      where,
      "the row of the source is not in sight",
    );
  }
  const summary = await tab.evaluateHandle(() => document.querySelector("#left figure summary"));
  if (await summary.evaluate((e) => Boolean(e))) {
    await summary.evaluate((e) => e.focus());
    await tab.keyboard.press("Enter");
    expect(await summary.evaluate((e) => e.parentElement.open), where, "Enter does not open the table");
  }
  expect(
    (await tab.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior)) === "auto",
    where,
    "moves although less motion is wanted",
  );
  await close();
}

async function checkAddress(browser, page, report) {
  const last = report.networks[report.networks.length - 1];
  const { tab, where, close } = await open(
    browser,
    page,
    VIEWS[2],
    `#${new URLSearchParams({ network: last.id, period: "year" })}`,
  );
  same(await tab.$eval("input[name=network]:checked", (e) => e.value), last.id, where, "network from the address");
  same(await tab.$eval("input[name=period]:checked", (e) => e.value), "year", where, "period from the address");
  await tab.evaluate(() => {
    location.hash = "#network=%00nonsense&period=century&at=%22%3E";
  });
  await settle(tab);
  same(await tab.$eval("input[name=network]:checked", (e) => e.value), last.id, where, "after a nonsense address");
  const ground = () => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await tab.check("input[name=theme][value=dark]", { force: true });
  expect((await ground()) !== light, where, "Dark changes nothing");
  await tab.emulateMedia({ media: "print" });
  same(await ground(), "rgb(255, 255, 255)", where, "paper");
  expect(
    (await tab.$eval(".choice.theme", (e) => getComputedStyle(e).display)) === "none",
    where,
    "prints its controls",
  );
  await tab.emulateMedia({ media: "screen" });
  await close();
}

async function checkPointer(browser, page) {
  const { tab, where, close } = await open(browser, page, { ...VIEWS[2], reducedMotion: "reduce" });
  for (const plot of await tab.$$(".plot")) {
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    await tab.mouse.move(box.x + box.width * 0.55, box.y + box.height * 0.45);
    await settle(tab);
    const title = await plot.evaluate((e) => e.parentElement.querySelector("h3").textContent);
    const tips = await plot.$$eval(":is([data-mark=tip], [aria-label=tip]) text", (l) => l.length);
    expect(tips > 0, where, "no tip under the pointer in", title);
    if (title.startsWith("Cash so far")) await tab.screenshot({ path: join(plan.screenshots, `${page.name}-tip.png`) });
  }
  await close();
}

// ---- all of it ----

async function checkReport(browser, page, report) {
  for (const view of page.full ? VIEWS : VIEWS.slice(0, 1)) {
    const { tab, where, close } = await open(browser, page, { ...view, reducedMotion: "reduce" });
    await checkHeadings(tab, where);
    await checkFigures(tab, where);
    await checkFrame(tab, where);
    if (page.full)
      await tab.screenshot({
        path: join(plan.screenshots, `${page.name}-${view.width}-${view.colorScheme}.png`),
        fullPage: true,
      });
    if (view.colorScheme === "light") await checkNumbers(tab, where, report);
    await checkAxe(tab, where);
    same(await tab.evaluate(() => window.pwned ?? null), null, where, "ran what the report contains");
    await close();
  }
  if (!page.full || report.networks.length === 0) return;
  await checkKeyboard(browser, page, report);
  await checkAddress(browser, page, report);
  await checkPointer(browser, page);
  const { tab, where, close } = await open(browser, page, { ...VIEWS[0], width: 320 }); // 1280 px at 400 %
  await checkFrame(tab, where);
  await close();
}

async function checkSentence(browser, page) {
  const { tab, where, close } = await open(browser, page, VIEWS[0]);
  const text = await tab.$eval("#report", (e) => e.textContent);
  expect(text.includes(page.says), where, "says", text, "and not", page.says);
  await checkFrame(tab, where);
  await checkAxe(tab, where);
  await close();
}

mkdirSync(plan.screenshots, { recursive: true });
const browser = await chromium.launch({
  executablePath: plan.browser,
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
try {
  for (const page of plan.pages) {
    const report = page.report && JSON.parse(readFileSync(page.report, "utf8"));
    await (report ? checkReport(browser, page, report) : checkSentence(browser, page));
  }
} finally {
  await browser.close();
}
console.log(`${checks} checks, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
