// The server inside an application of Bun's, with the page and the demo of the package.
import { startServer } from "avatar-sync";

const server = await startServer({ host: "127.0.0.1", port: 0, demo: true });
const answers = {};
for (const path of ["/", "/client.js", "/player1"]) {
  const answer = await fetch(server.url + path);
  answers[path] = [answer.status, answer.headers.get("content-type")];
}
const script = /src="\.(\/page\/[^"]+)"/.exec(await (await fetch(server.url)).text())[1];
answers.script = (await fetch(server.url + script)).status;
await server.stop();
console.log(JSON.stringify(answers));
