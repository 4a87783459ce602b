// Bundles the scripts and the style sheet into ../static/built and writes manifest.json: which file answers to which name.
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
  legalComments: "none",
  logLevel: "warning",
};

const manifest = {};
for (const entryPoints of [{ public: "src/public.ts", site: "styles/site.css" }, { check: "src/check.ts" }]) {
  // What only some browsers need becomes a file of its own; pages that are opened often share none with pages that are not.
  const { metafile } = await build({ ...options, entryPoints, splitting: true });
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (output.entryPoint) manifest[basename(output.entryPoint)] = relative(outdir, join(here, path));
  }
}
await writeFile(join(outdir, "manifest.json"), JSON.stringify(manifest, null, 1) + "\n");
