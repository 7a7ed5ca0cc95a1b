// Nobody calls stop(): the process ends all the same, and the server with it.
import { start } from 'tidemark';

const server = await start();
console.log(server.pid);
