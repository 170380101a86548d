// Files that code imports by path: `with { type: "file" }` gives where the file is at run time.
declare module "*.gz" {
  const path: string;
  export default path;
}
