// What class is my hardware, and why.
import { h } from "./dom.js";
import { isNumber } from "./format.js";
import { facts, quantity, refs } from "./words.js";

const CLASS_TEXTS = { consumer: "Consumer card", workstation: "Workstation card", enterprise: "Enterprise card" };

function price(hw) {
  const band =
    isNumber(hw.entry_cost_low.value) &&
    isNumber(hw.entry_cost_high.value) &&
    hw.entry_cost_low.value !== hw.entry_cost_high.value;
  const plain = { sources: false },
    all = [hw.entry_cost, hw.entry_cost_low, hw.entry_cost_high].flatMap((q) => q.sources);
  if (!band) return quantity(hw.entry_cost);
  return [
    quantity(hw.entry_cost, plain),
    " (",
    quantity(hw.entry_cost_low, plain),
    " to ",
    quantity(hw.entry_cost_high, plain),
    ")",
    refs([...new Set(all)]),
  ];
}

export function hardware(report) {
  const hw = report.hardware,
    power = report.electricity;
  const shares = isNumber(power.day.value) && isNumber(power.night.value) && power.day.value !== power.night.value;
  return [
    h(
      "p",
      { class: "lead" },
      h("strong", null, CLASS_TEXTS[hw.class] ?? hw.class),
      `: ${hw.count} \u00d7 ${hw.name}, ${hw.read_from === "options" ? "as described by the options" : "read from this machine"}.`,
    ),
    hw.class_reasons.length
      ? [
          h("h3", null, "Why this class"),
          h(
            "ul",
            null,
            hw.class_reasons.map((r) => h("li", null, r)),
          ),
        ]
      : null,
    h("h3", null, "The machine"),
    facts([
      ["Memory of one card", quantity(hw.vram_gb)],
      ["ECC", hw.ecc === "unknown" ? h("span", { class: "unknown" }, hw.ecc) : hw.ecc],
      ["Rated power of one card", quantity(hw.tdp_w)],
      ["Machine under load", quantity(hw.watts_load)],
      ["Machine idle", quantity(hw.watts_idle)],
      ["RAM", quantity(hw.ram_gb)],
      ["Disk", quantity(hw.disk_gb)],
      ["Download", quantity(hw.mbps_down)],
      ["Upload", quantity(hw.mbps_up)],
      ["Operating system", hw.os ?? h("span", { class: "unknown" }, "unknown")],
      ["Time online", quantity(hw.availability, { share: true })],
      ["Uptime it can keep", hw.uptime_capability],
    ]),
    h("h3", null, "What it costs"),
    facts([
      [hw.count > 1 ? `Price of ${hw.count} cards` : "Price of the card", price(hw)],
      ["Sold today", quantity(hw.resale_now)],
      [`Sold after ${report.months} months`, quantity(hw.resale_end)],
      [power.place ? `Electricity, ${power.place}` : "Electricity", quantity(power.tariff)],
      shares ? ["By day / by night", [quantity(power.day), " / ", quantity(power.night)]] : null,
      isNumber(power.solar_share.value) && power.solar_share.value > 0
        ? [
            "From own solar power",
            [quantity(power.solar_share, { share: true }), ", worth ", quantity(power.solar_value)],
          ]
        : null,
    ]),
  ];
}
