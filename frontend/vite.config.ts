/// <reference types="vitest/config" />
import { defineConfig } from "vite";

// One entry a page. The server reads the manifest to know under which names they were built.
export default defineConfig({
  base: "/static/dist/",
  publicDir: false,
  build: {
    outDir: "../backend/neurflow_server/static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    target: "es2022",
    rollupOptions: {
      input: {
        gallery: "src/entries/gallery.ts",
        create: "src/entries/create.ts",
        explorer: "src/entries/explorer.ts",
        library: "src/entries/library.ts",
        message: "src/entries/message.ts",
      },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts"],
    restoreMocks: true,
  },
});
