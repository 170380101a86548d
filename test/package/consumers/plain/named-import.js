import { startServer, VERSION } from "avatar-sync";

console.log(startServer, VERSION);
