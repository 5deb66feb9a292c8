// The peer on DBOS: an order is a workflow. `steps` runs so many steps one after the other; `messages` is a workflow that
// receives so many messages, which another one sends, each kept and handled exactly once.
//   node dbos.mjs PORT     with DBOS_URL, the database of its own
import { createServer } from "node:http";
import { DBOS } from "@dbos-inc/dbos-sdk";

const payload = "x".repeat(160);

const steps = DBOS.registerWorkflow(
  async (count) => {
    for (let i = 0; i < count; ++i) await DBOS.runStep(async () => payload, { name: `step ${i}` });
    return count;
  },
  { name: "steps" },
);
const receives = DBOS.registerWorkflow(
  async (count) => {
    let total = 0;
    for (let i = 0; i < count; ++i) if ((await DBOS.recv("note", 60)) !== null) ++total;
    return total;
  },
  { name: "receives" },
);
const sends = DBOS.registerWorkflow(
  async (key, count) => {
    for (let i = 0; i < count; ++i) await DBOS.send(key, payload, "note");
    return count;
  },
  { name: "sends" },
);

async function run(form, key, count) {
  if (form === "steps") return (await DBOS.startWorkflow(steps, { workflowID: key })(count)).getResult();
  const receiver = await DBOS.startWorkflow(receives, { workflowID: key })(count);
  await DBOS.startWorkflow(sends, { workflowID: `${key}-sends` })(key, count);
  return receiver.getResult();
}

DBOS.setConfig({ name: "peer", systemDatabaseUrl: process.env.DBOS_URL, logLevel: "warn", runAdminServer: false });
await DBOS.launch();
createServer(async (request, response) => {
  const [, form, key, count] = request.url.split("/");
  try {
    response.end(JSON.stringify(await run(form, key, Number(count))));
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
}).listen(Number(process.argv[2]), "127.0.0.1");
