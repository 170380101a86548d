import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // This folder and the clone around it each have a three.js; objects of two do not mix.
  resolve: { dedupe: ["three"] },
});
