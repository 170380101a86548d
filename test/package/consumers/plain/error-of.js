// Prints the message of the error that an expression ends with.
import { connect } from "avatar-sync/client";

const programs = {
  connect: () => connect("ws://127.0.0.1:9"),
  server: () => import("avatar-sync"),
  "named-import": () => import("./named-import.js"),
};
try {
  await programs[process.argv[2]]();
} catch (error) {
  console.log(error.message);
}
process.exit(0);
