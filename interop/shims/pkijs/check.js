// pkijs's word on CMS objects. A line in: base64 of the object, of its content ("-": it is within),
// of the roots one behind the other with commas, and the time in milliseconds. A line out: "good",
// "bad REASON" or "unreadable REASON". The folder of the packages is the only argument.

"use strict";

const path = require("node:path");
const readline = require("node:readline");
const { webcrypto, X509Certificate } = require("node:crypto");

const modules = process.argv[2];
const asn1js = require(path.join(modules, "asn1js"));
const pkijs = require(path.join(modules, "pkijs"));

pkijs.setEngine(
  "node",
  new pkijs.CryptoEngine({ name: "node", crypto: webcrypto, subtle: webcrypto.subtle }),
);

const octets = (text) => {
  const buffer = Buffer.from(text, "base64");
  return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length);
};

const certificate = (text) => {
  const { raw } = new X509Certificate(Buffer.from(text, "base64"));
  return pkijs.Certificate.fromBER(raw);
};

async function check([cms, content, roots, time]) {
  let signed;
  try {
    const info = pkijs.ContentInfo.fromBER(octets(cms));
    signed = new pkijs.SignedData({ schema: info.content });
    if (signed.signerInfos.length === 0) return "unreadable no signer";
  } catch (problem) {
    return `unreadable ${problem}`;
  }
  const question = {
    trustedCerts: roots === "" ? [] : roots.split(",").map(certificate),
    checkChain: true,
    checkDate: new Date(Number(time)),
  };
  if (content !== "-") question.data = octets(content.slice(1));
  for (let signer = 0; signer < signed.signerInfos.length; signer += 1) {
    try {
      const holds = await signed.verify({ ...question, signer });
      if (!holds) return "bad the signature does not hold";
    } catch (problem) {
      return `bad ${problem.message || problem}`;
    }
  }
  return "good";
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const words = line.split(" ");
    const said =
      words[0] === "version" ? require(path.join(modules, "pkijs", "package.json")).version : await check(words);
    process.stdout.write(`${String(said).replaceAll("\n", " ")}\n`);
  }
}

main();
