// Which networks would take the machine: all in one table, then each requirement of the chosen one.
import { h, table } from "./dom.js";
import { capital, isNumber } from "./format.js";
import { facts, met, quantity, refs, shownAs, takes } from "./words.js";

const plain = (text) => text ?? h("span", { class: "unknown" }, "unknown");

// How many requirements are met, and the names of those that are not or may not be.
function tally(network) {
  const labels = (state) => network.requirements.filter((r) => r.met === state).map((r) => r.label);
  const named = (state, words) => (labels(state).length ? `${words}: ${labels(state).join(", ")}` : null);
  const parts = [
    labels("yes").length ? `${labels("yes").length} met` : null,
    named("no", "not met"),
    named("unknown", "unknown"),
    labels("yours to decide").length ? `${labels("yours to decide").length} yours to decide` : null,
  ];
  return capital(parts.filter(Boolean).join("; ") || "none published");
}

const overview = (report) =>
  table(
    "All networks compared",
    [
      { name: "Network" },
      { name: "Takes this machine" },
      { name: "Requirements" },
      { name: "Result" },
      { name: "Paid in" },
      { name: "When" },
    ],
    report.networks.map((n) => [
      n.name,
      takes(n),
      tally(n),
      n.status === "not taken" ? "" : shownAs(n),
      plain(n.payout.asset),
      plain(n.payout.schedule),
    ]),
  );

function requirement(r, report) {
  const question = report.questions[r.question];
  return h(
    "li",
    null,
    met(r),
    h(
      "div",
      null,
      h("strong", null, capital(r.label)),
      " ",
      r.text,
      refs(r.need.sources),
      question ? h("div", { class: "small soft" }, "Say it with ", h("code", null, question.option)) : null,
    ),
  );
}

const payout = (p) =>
  facts([
    ["Paid in", plain(p.asset)],
    ["Schedule", [plain(p.schedule), refs(p.sources)]],
    ["Least that is paid out", quantity(p.minimum)],
    ["Reached after", quantity(p.days_to_minimum)],
    ["From earning to selling", quantity(p.settle_days)],
    ["Locked for", quantity(p.lockup_days)],
    ["Fee taken from the host", quantity(p.host_fee, { share: true })],
    ["Fee the buyer pays on top", quantity(p.buyer_fee, { share: true })],
    ["Stake", quantity(p.stake)],
    isNumber(p.stake_usd.value) && p.stake_usd.value !== p.stake.value
      ? ["Stake in dollars", quantity(p.stake_usd)]
      : null,
  ]);

export function takers(report, network) {
  if (!network) return h("p", null, "No network is in this report.");
  return [
    overview(report),
    h("h3", null, `What ${network.name} asks for`),
    network.requirements.length
      ? h(
          "ul",
          { class: "checks" },
          network.requirements.map((r) => requirement(r, report)),
        )
      : h("p", { class: "soft" }, "It publishes no requirement."),
    h("h3", null, `How ${network.name} pays`),
    payout(network.payout),
    network.risks.length
      ? [
          h("h3", null, "Know before you join"),
          h(
            "ul",
            null,
            network.risks.map((r) => h("li", null, r.text, refs(r.sources))),
          ),
        ]
      : null,
  ];
}
