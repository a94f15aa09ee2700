// build.mjs [--check] - makes dist/report.html, the template that `croft advise --html` fills with one report.
//
//   node build.mjs          bundles src/ and writes dist/report.html; the same sources give the same bytes
//   node build.mjs --check  builds in memory and fails when dist/report.html differs
//
// One file, nothing fetched: the script is admitted by its digest in the Content-Security-Policy, the licence texts of all
// bundled packages are inside, and the first line holds a digest of the sources, by which tests see a stale dist without npm.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const output = join(root, "dist", "report.html");

// tests/advise_report_test.py computes the same digest: each source's name and bytes, in order of names.
function sourcesDigest() {
  const names = [...readdirSync(join(root, "src")).map((name) => `src/${name}`), "build.mjs", "package-lock.json"];
  const hash = createHash("sha256");
  for (const name of names.sort())
    hash
      .update(`${name}\n`)
      .update(readFileSync(join(root, name)))
      .update("\n");
  return hash.digest("hex");
}

async function bundle(entry, options = {}) {
  const result = await build({
    entryPoints: [join(root, entry)],
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    target: ["es2020", "safari15"],
    charset: "ascii",
    legalComments: "none",
    logLevel: "error",
    ...options,
  });
  return { text: result.outputFiles[0].text.trim(), inputs: Object.keys(result.metafile.inputs) };
}

function licences(inputs) {
  const packages = new Set(inputs.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean));
  const names = new Map(); // licence text -> packages under it
  for (const name of [...packages].sort()) {
    const folder = join(root, "node_modules", name);
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((f) => /^licen[cs]e/i.test(f));
    if (!file) throw new Error(`${name} has no licence file; it cannot go into the report`);
    const text = readFileSync(join(folder, file), "utf8").trim();
    names.set(text, [...(names.get(text) ?? []), `${name} ${version}`]);
  }
  return [...names].map(([text, list]) => `${list.join(", ")}\n\n${text}`).join(`\n\n${"-".repeat(40)}\n\n`);
}

const escapeHtml = (text) => text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

async function page() {
  const script = await bundle("src/main.js", { format: "iife" });
  const style = await bundle("src/report.css");
  if (/<\/(script|style)/i.test(script.text + style.text)) throw new Error("the bundle would end its own element");
  const parts = {
    SOURCES: sourcesDigest(),
    SCRIPT_DIGEST: createHash("sha256").update(script.text).digest("base64"),
    STYLE: style.text,
    LICENCES: escapeHtml(licences(script.inputs)),
    SCRIPT: script.text,
  };
  const template = readFileSync(join(root, "src", "template.html"), "utf8");
  return template.replace(/\{\{(\w+)\}\}/g, (whole, name) => parts[name] ?? whole);
}

const made = await page();
if (process.argv.includes("--check")) {
  if (readFileSync(output, "utf8") !== made) {
    console.error("dist/report.html differs from its sources; make it again: npm ci && npm run build, in web/advise");
    process.exit(1);
  }
} else {
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, made);
  console.log(`dist/report.html: ${Buffer.byteLength(made)} bytes`);
}
