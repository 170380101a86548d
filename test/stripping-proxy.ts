// A reverse proxy that shows another server under a path of its own, as nginx does for a sub-path.

interface Pipe {
  readonly upstream: WebSocket;
}

/** Serves everything under `prefix` from `target`, which sees paths without it. The caller stops it. */
export function startStrippingProxy(prefix: string, target: string): Bun.Server<Pipe> {
  return Bun.serve<Pipe>({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request, server) {
      const { pathname, search } = new URL(request.url);
      if (!pathname.startsWith(`${prefix}/`)) return new Response("not here", { status: 404 });
      const url = target + pathname.slice(prefix.length) + search;
      if (request.headers.get("upgrade") !== "websocket") {
        const { method, headers, body } = request;
        return fetch(url, { method, headers, body, redirect: "manual", decompress: false });
      }
      const offered = request.headers.get("sec-websocket-protocol")!.split(", ");
      const upstream = new WebSocket(url.replace("http", "ws"), offered);
      upstream.binaryType = "arraybuffer";
      await new Promise((resolve) => upstream.addEventListener("open", resolve));
      const headers = { "Sec-WebSocket-Protocol": upstream.protocol };
      server.upgrade(request, { data: { upstream }, headers });
      return undefined;
    },
    websocket: {
      open(socket) {
        const { upstream } = socket.data;
        upstream.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
          socket.send(data);
        });
        upstream.addEventListener("close", ({ code }) => socket.close(code));
      },
      message: ({ data }, message) => data.upstream.send(message),
      close: ({ data }) => data.upstream.close(),
    },
  });
}
