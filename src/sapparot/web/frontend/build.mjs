// Bundles the scripts and the style sheets into ../static/built and writes manifest.json: which file answers to which name.
import { build } from "esbuild";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const outdir = join(here, "..", "static", "built");

await rm(outdir, { recursive: true, force: true });
await mkdir(outdir, { recursive: true });

const options = {
  absWorkingDir: here,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  outdir,
  publicPath: "/static/built",
  bundle: true,
  minify: true,
  metafile: true,
  format: "esm",
  target: ["es2020", "chrome87", "safari15", "firefox78"],
  loader: { ".woff2": "file" },
  conditions: ["production"],
  legalComments: "none",
  logLevel: "warning",
};

const manifest = {};
const named = (path) => relative(outdir, join(here, path));

async function bundle(entryPoints, more = {}) {
  const { metafile } = await build({ ...options, entryPoints, splitting: true, ...more });
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (output.entryPoint && output.entryPoint in wanted(entryPoints)) manifest[basename(output.entryPoint)] = named(path);
  }
  return metafile.outputs;
}

// What is loaded on demand is an entry point to esbuild too; only those that pages name are kept by name.
const wanted = (entryPoints) => Object.fromEntries(Object.values(entryPoints).map((path) => [path, true]));

// What only some browsers need becomes a file of its own; pages that are opened often share none with pages that are not.
await bundle({ public: "src/public.ts", site: "styles/site.css" });
await bundle({ check: "src/check.ts" });
await bundle({ lead: "src/lead.ts", leadstyle: "styles/lead.css" });

// The page on which people join is seen once: one file, which asks for no other.
await bundle({ join: "src/join.ts" }, { splitting: false });
// The phone: one app whose parts share files, everything listed so that the worker can keep all of it for a day without a network.
const outputs = await bundle({ app: "src/app.ts", appstyle: "styles/app.css" });
const [entry] = Object.entries(outputs).find(([, output]) => output.entryPoint === "src/app.ts");
const first = new Set();
(function follow(path) {
  for (const { path: next, kind } of outputs[path].imports) {
    if (kind !== "import-statement" || first.has(next)) continue;
    first.add(next);
    follow(next);
  }
})(entry);
manifest.phone = {
  first: [...first].map(named),
  files: Object.keys(outputs).filter((path) => path.endsWith(".js")).map(named).sort(),
};
await bundle({ worker: "src/worker.ts" }, { splitting: false, format: "iife", minify: true });
await writeFile(join(outdir, "manifest.json"), JSON.stringify(manifest, null, 1) + "\n");
