// Bundles styles and scripts into bihuan/base/ui/static/dist. `node frontend/build.mjs [--watch]`
import { build, context } from "esbuild";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const out = join(root, "bihuan/base/ui/static/dist");

const options = {
  absWorkingDir: root,
  entryPoints: {
    app: "frontend/src/app.js",
    theme: "frontend/src/theme-first.js",
    "app-style": "frontend/src/app.css",
    reach: "frontend/src/reach.js",
  },
  entryNames: "[name]",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022", "chrome111", "firefox115", "safari16.4"],
  legalComments: "linked",
  outdir: out,
  write: false,
  logLevel: "warning",
};

// Pages with diagrams bring bpmn.io along; each has a bundle of its own, and no other page loads them.
const diagrams = {
  ...options,
  entryPoints: { studio: "frontend/src/studio.js", diagram: "frontend/src/diagram.js", decision: "frontend/src/decision.js" },
  format: "esm",
  assetNames: "[name]",
  loader: { ".woff2": "file", ".woff": "empty", ".ttf": "empty", ".eot": "empty", ".svg": "empty" },
};

async function sprite() {
  const names = (await readFile(join(here, "icons.txt"), "utf8")).split("\n").filter(Boolean);
  const symbols = await Promise.all(
    names.map(async (name) => {
      const svg = await readFile(join(root, `node_modules/@tabler/icons/icons/outline/${name}.svg`), "utf8");
      const inside = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
      const paths = inside.replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\/>/, "").replace(/\s*\n\s*/g, "");
      return `<symbol id="i-${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${paths}</symbol>`;
    }),
  );
  await writeFile(join(out, "sprite.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

async function keep(result) {
  for (const file of result.outputFiles) {
    const path = file.path.replace("app-style.css", "app.css");
    if (path.endsWith("app-style.js")) continue;
    await writeFile(path, file.contents);
  }
}

await mkdir(out, { recursive: true });
await sprite();
if (process.argv.includes("--watch")) {
  const plugin = { name: "keep", setup: (b) => b.onEnd(async (r) => { if (!r.errors.length) await keep(r); }) };
  await (await context({ ...options, plugins: [plugin] })).watch();
  await (await context({ ...diagrams, plugins: [plugin] })).watch();
} else {
  await keep(await build(options));
  await keep(await build(diagrams));
}
