import { defineConfig } from "vite";

// Relative addresses, so that the page works under any prefix; one script, so that it can be put into one file.
export default defineConfig({
  base: "./",
  build: {
    outDir: "satqn_web/page",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8765" } },
});
