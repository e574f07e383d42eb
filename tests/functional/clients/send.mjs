// Sends webhooks signed by the libraries that senders use.
//   node send.mjs octokit MODULES URL SECRET [REPOSITORY]   each sample payload; then one about REPOSITORY
//   node send.mjs standard MODULES URL SECRET BODY          signed; altered; signed ten minutes ago
// One JSON line an answer: {"name", "status", "body"}.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [kind, modules, url, secret, last] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(`${modules}/${path}`).href);

async function send(name, body, headers) {
  const answer = await fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
  console.log(JSON.stringify({ name, status: answer.status, body: await answer.text() }));
}

async function octokit() {
  const { sign } = await load("@octokit/webhooks-methods/dist-node/index.js");
  const examples = `${modules}/@octokit/webhooks-examples/api.github.com/index.json`;
  let count = 0;
  const deliver = async (name, payload) => {
    const body = JSON.stringify(payload);
    await send(name, body, {
      "x-github-event": name,
      "x-github-delivery": `sample-${++count}`,
      "x-hub-signature-256": await sign(secret, body),
    });
  };
  const events = JSON.parse(readFileSync(examples, "utf8"));
  for (const event of events) {
    for (const payload of event.examples) await deliver(event.name, payload);
  }
  if (last) {
    const push = events.find((event) => event.name === "push").examples.find((each) => each.after[0] !== "0");
    const repository = { ...push.repository, clone_url: last };
    await deliver("push", { ...push, ref: "refs/heads/main", repository });
  }
}

async function standard() {
  const { Webhook } = (await load("standardwebhooks/dist/index.js")).default;
  const webhook = new Webhook(secret);
  const deliver = async (name, id, at, signed, sent) =>
    send(name, sent, {
      "webhook-id": id,
      "webhook-timestamp": `${Math.floor(at.getTime() / 1000)}`,
      "webhook-signature": webhook.sign(id, at, signed),
    });
  const now = new Date();
  await deliver("signed", "msg_1", now, last, last);
  await deliver("again", "msg_1", now, last, last);
  await deliver("altered", "msg_2", now, last, last.replace("main", "evil"));
  await deliver("old", "msg_3", new Date(now - 600_000), last, last);
}

await (kind === "octokit" ? octokit() : standard());
