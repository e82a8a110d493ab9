/// <reference types="vitest/config" />
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const out = "../backend/neurflow_server/static/dist";

/** Writes each file once more as `.gz`: the server sends that, instead of packing it at each request. */
const packed: Plugin = {
  name: "packed",
  writeBundle() {
    const folder = join(out, "assets");
    for (const name of readdirSync(folder).filter((file) => /\.(js|css)$/.test(file))) {
      writeFileSync(join(folder, `${name}.gz`), gzipSync(readFileSync(join(folder, name)), { level: 9 }));
    }
  },
};

// One entry a page. The server reads the manifest to know under which names they were built.
export default defineConfig({
  // Relative to the file that asks: a proxy may serve the application below a path.
  base: "./",
  publicDir: false,
  plugins: [packed],
  build: {
    outDir: out,
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    target: "es2022",
    rollupOptions: {
      input: {
        account: "src/pages/account.ts",
        gallery: "src/pages/gallery.ts",
        create: "src/pages/create.ts",
        explorer: "src/pages/explorer.ts",
        library: "src/pages/library.ts",
        message: "src/pages/message.ts",
      },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts", "*.test.js"],
    restoreMocks: true,
    // Checks run beside it and take the other core.
    testTimeout: 30_000,
  },
});
