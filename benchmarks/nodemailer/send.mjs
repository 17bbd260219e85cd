// Send with nodemailer's pool of one connection: node send.mjs HOST PORT COUNT FILE.
//
// FILE holds the message. The same rules as for the Python clients: one message to warm up, COUNT
// against the clock, every one accepted, one line of JSON.

import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import nodemailer from "nodemailer";

const [host, port, count, file] = process.argv.slice(2);
const total = Number(count);
const message = {
  envelope: { from: "sender@bench.invalid", to: ["recipient@discard.example"] },
  raw: readFileSync(file),
};
const transport = nodemailer.createTransport({
  host,
  port: Number(port),
  secure: false,
  ignoreTLS: true,
  pool: true,
  maxConnections: 1,
  maxMessages: Infinity,
});

await transport.sendMail(message);
const started = performance.now();
const results = await Promise.all(
  Array.from({ length: total }, () => transport.sendMail(message)),
);
const seconds = (performance.now() - started) / 1000;
const accepted = results.reduce((sum, result) => sum + result.accepted.length, 0);
transport.close();
if (accepted !== total) {
  console.error(`${accepted} of ${total} messages accepted`);
  process.exit(1);
}
console.log(JSON.stringify({ messages: total, seconds }));
