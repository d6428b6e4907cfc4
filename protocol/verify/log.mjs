#!/usr/bin/env node
// Verifies a whole log export by protocol/README.md alone: none of Cunji's code, Node's crypto only.
//   node log.mjs EXPORT [ROOT_DIGEST_HEX]     one export; the digest is what the county's QR code says
//   node log.mjs --vectors export.json        a vector file: its export, and each altered one refused
// Checks receipt order, chains, signatures, bodies, division links, erasures, the tree and the note,
// and recomputes every verdict from the public governance bodies (verdict.mjs).
import { readFileSync } from "node:fs";
import { Reader, ed25519, hex, kTimeMax, need, openBody, openEvent, sha256, utf8 } from "./event.mjs";
import { Governance } from "./verdict.mjs";

const levels = [[]];  // Hashes of complete subtrees, by level and place.
function append(leaf) {
  for (let level = 0, hash = leaf; ; ++level) {
    (levels[level] ??= []).push(hash);
    if (levels[level].length % 2) return;
    hash = sha256(Buffer.of(1), levels[level].at(-2), levels[level].at(-1));
  }
}
function rootAt(size) {
  let hash = null;
  for (let level = 0, rest = size; rest > 0; ++level, rest = Math.floor(rest / 2))
    if (rest % 2) hash = hash ? sha256(Buffer.of(1), levels[level][rest - 1], hash) : levels[level][rest - 1];
  return hash ?? sha256();
}
const noteText = (origin, size) => `${origin}\n${size}\n${rootAt(size).toString("base64")}\n`;

function checkNote(note, g, size) {
  const [text, signatures] = [note.slice(0, note.indexOf("\n\n") + 1), note.slice(note.indexOf("\n\n") + 2)];
  need(text === noteText(g.origin, size), "the note is not of this tree");
  const id = sha256(g.origin, "\n", Buffer.of(1), g.logKey).subarray(0, 4);
  const lines = signatures.split("\n").map((line) => line.match(/^— (\S+) (\S+)$/)).filter((m) => m && m[1] === g.origin);
  const signed = lines.map((m) => Buffer.from(m[2], "base64")).filter((s) => s.subarray(0, 4).equals(id));
  need(signed.length && signed.every((s) => ed25519(g.logKey, Buffer.from(text), s.subarray(4))), "the note's signature");
}

function verifyExport(bytes, rootDigest) {
  levels.splice(0, levels.length, []);
  const r = new Reader(bytes), g = new Governance(), heads = new Map(), divisions = new Map(), seen = new Map(), verdicts = {}, erased = [];
  need(r.take(16).toString("latin1") === "cunji/export/v1\n", "magic");
  const note = utf8.decode(r.take(r.number(4))), size = r.number(8);
  let received = 0, index = 0;
  try {
    for (; index < size; ++index) {
      const entry = r.take(300), fields = new Reader(entry), body = r.take(r.number(4));
      need(fields.number(1) === 1, "entry version");
      const e = { received: fields.number(8), verdict: fields.number(2), link: fields.take(32) };
      Object.assign(e, openEvent(entry.subarray(43)));
      need(e.received >= received && e.received <= kTimeMax, "order of receipt");
      const left = body.length ? openBody(e, body) : null;
      const mustBeThere = (e.kind >= 64 && e.kind <= 70) || (e.kind === 49 && e.division === e.county + "000000");
      need(left || !mustBeThere, "a public body is left out");
      if (index === 0) g.found(e, left.first ?? Buffer.alloc(0));
      need(e.county === g.code, "county");
      need((divisions.get(e.division) ?? Buffer.alloc(32)).equals(e.link), "division link");
      const head = heads.get(hex(e.author)) ?? { sequence: 0, digest: g.enrolment(e.author), seen: 0 };
      need(head.digest && e.sequence === head.sequence + 1 && e.previous.equals(head.digest), "chain");
      need(e.verify(), "signature");
      if (e.seenSize > 0 && e.seenSize <= index) {
        if (!seen.has(e.seenSize)) seen.set(e.seenSize, sha256(noteText(g.origin, e.seenSize)));
        if (seen.get(e.seenSize).equals(e.seenDigest)) head.seen = Math.max(head.seen, e.seenSize);
      }
      heads.set(hex(e.author), { sequence: e.sequence, digest: e.digest, seen: head.seen });
      const verdict = g.judge(index, e, head.seen, left ? left.lost : e.verdict === 1);
      need(verdict === e.verdict, `verdict ${e.verdict}, recomputed ${verdict}`);
      if (index > 0) g.apply(index, e, left?.first);
      for (const part of left?.erased ?? []) erased.push([index, e.digest, mustBeThere ? "" : e.division, part]);
      const leaf = sha256(Buffer.of(0), entry);
      append(leaf);
      divisions.set(e.division, leaf);
      received = e.received;
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    }
  } catch (error) { throw new Error(`entry ${index}: ${error.message}`); }
  need(size > 0 && r.at === bytes.length, "bytes after the last entry");
  need(!rootDigest || hex(sha256(g.root)) === rootDigest, "another root key");
  checkNote(note, g, size);
  for (const each of erased) need(g.mayBeErased(...each), `entry ${each[0]}: part ${each[3]} is erased, and no erasure names it`);
  return { origin: g.origin, size, root: hex(rootAt(size)), keys: heads.size, divisions: divisions.size, verdicts, erased: erased.length, rootDigest: hex(sha256(g.root)) };
}

function verifyVectors(file) {
  const v = JSON.parse(readFileSync(file, "utf8")), bytes = Buffer.from(v.export_base64, "base64");
  const report = verifyExport(bytes, v.root_digest);
  need(report.root === v.root && report.size === v.size, "root");
  for (const a of v.altered) {
    const changed = Buffer.from(bytes);
    changed[a.offset] ^= 1;
    let reason = null;
    try { verifyExport(changed, v.root_digest); } catch (error) { reason = error.message; }
    need(reason, `${a.name}: altered, but verified`);
    console.log(`${a.name}: refused: ${reason}`);
  }
  return { ...report, refused: v.altered.length };
}

const [first, second] = process.argv.slice(2);
if (!first) { console.error("usage: log.mjs EXPORT [ROOT_DIGEST_HEX] | log.mjs --vectors export.json"); process.exit(2); }
try {
  const report = first === "--vectors" ? verifyVectors(second) : verifyExport(readFileSync(first), second);
  console.log(`verified: ${JSON.stringify(report)}`);
} catch (error) {
  console.error(`NOT VERIFIED: ${error.message}`);
  process.exit(1);
}
