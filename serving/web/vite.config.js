// Bundles the pages' one script and one stylesheet into serving/static, with hashed names and a manifest that serving/assets.py reads.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/static/",
  publicDir: "public",
  build: {
    outDir: "../static",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0, // the content security policy allows no data: addresses
    rolldownOptions: { input: "src/main.js" },
  },
});
