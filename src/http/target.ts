// What a request asks for. Its URL may be none: the Host is the client's, and may be missing.

const BEFORE_PATH = /^[a-z]+:\/\/[^/?#]*/i;

/** The path of a request's URL, as it was sent. */
export function pathOf(url: string): string {
  const [path = ""] = url.replace(BEFORE_PATH, "").split(/[?#]/, 1);
  return path === "" ? "/" : path;
}

/** What follows the path, with its `?`; empty if there is nothing. */
export function queryOf(url: string): string {
  const start = url.indexOf("?");
  return start < 0 ? "" : url.slice(start);
}
