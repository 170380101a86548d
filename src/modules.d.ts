// Modules that have no types of their own.

/** Imported by path: `with { type: "file" }` gives where the file is at run time. */
declare module "*.gz" {
  const path: string;
  export default path;
}

/** The package has types for its main module only, which loads all of it. */
declare module "prom-client/lib/registry.js" {
  export { Registry as default } from "prom-client";
}
