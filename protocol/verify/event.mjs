// An event's header, signature and body by protocol/README.md alone, for log.mjs and verdict.mjs.
import { createHash, createHmac, createPublicKey, verify } from "node:crypto";

export const kTimeMax = 253402300799999;  // The end of the year 9999.
const kSequenceMax = Number.MAX_SAFE_INTEGER;  // 2^53 - 1.

export const sha256 = (...pieces) => pieces.reduce((h, p) => h.update(p), createHash("sha256")).digest();
export const need = (condition, what) => { if (!condition) throw new Error(what); };
export const hex = (bytes) => Buffer.from(bytes).toString("hex");
export const utf8 = new TextDecoder("utf-8", { fatal: true });

export class Reader {
  constructor(bytes) { this.bytes = bytes; this.at = 0; }
  take(size) {
    need(this.at + size <= this.bytes.length, "cut");
    return this.bytes.subarray(this.at, (this.at += size));
  }
  number(size) { return Number(BigInt("0x" + hex(this.take(size)))); }  // Big-endian.
}

export function ed25519(key, message, signature) {
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);  // RFC 8410
  return verify(null, message, createPublicKey({ key: spki, format: "der", type: "spki" }), signature);
}

export function openEvent(bytes) {  // 257 bytes: header and signature.
  const r = new Reader(bytes), h = { suite: r.number(1), county: r.take(6).toString("latin1"),
    author: r.take(32), sequence: r.number(8), previous: r.take(32), seenSize: r.number(8),
    seenDigest: r.take(32), recorded: r.number(8), division: r.take(12).toString("latin1"),
    subject: r.take(16), kind: r.number(2), bodyLength: r.number(4), commitment: r.take(32) };
  need(h.suite === 1 && /^\d{6}$/.test(h.county) && /^\d{12}$/.test(h.division), "header");
  need(h.division.startsWith(h.county) && h.recorded <= kTimeMax && h.kind > 0, "header");
  need(h.sequence >= 1 && h.sequence <= kSequenceMax && h.seenSize <= kSequenceMax, "header");
  need((h.seenSize === 0) === (h.kind === 64) && (h.seenSize > 0 || !h.seenDigest.some(Boolean)), "seen");
  need(h.kind < 64 || h.kind > 70 || h.division === h.county + "000000", "governance division");
  need(h.bodyLength > 0 && h.bodyLength <= 524288 && h.bodyLength % 16 === 0, "body length");
  const signature = r.take(64);
  h.verify = () => ed25519(h.author, Buffer.concat([Buffer.from("cunji/event/v1\n"), bytes.subarray(0, 193)]), signature);
  h.digest = sha256(bytes);
  return h;
}

export function openBody(h, bytes) {  // { lost, first: the unpadded first part, if it is there; erased: numbers }
  const r = new Reader(bytes), count = r.number(1), salted = r.number(1);
  need(count <= 32 && salted <= count && salted <= 1, "body");
  const bodySalt = salted ? r.take(16) : null;
  let first = null, length = 0, present = 0, lost = true;
  const commitments = [], erased = [];
  for (let number = 1; number <= count; ++number) {
    const state = r.number(1);
    need(state <= 3 && !(state && salted), "part state");
    lost &&= state === 3;
    if (state === 2) erased.push(number);
    if (state) { commitments.push(r.take(32)); continue; }
    const salt = salted ? createHmac("sha256", bodySalt).update(Buffer.of(number)).digest().subarray(0, 16) : r.take(16);
    const padded = r.take(r.number(4)), mark = padded.lastIndexOf(0x80);
    need(padded.length % 16 === 0 && mark >= 0 && padded.length - mark <= 16 && !padded.subarray(mark + 1).some(Boolean), "padding");
    if (number === 1) first = padded.subarray(0, mark);
    commitments.push(sha256(salt, padded));
    length += padded.length; ++present;
  }
  need(r.at === bytes.length, "bytes after the body");
  if (count === 0) return { lost: true, first: null, erased };
  need(sha256(Buffer.of(count), ...commitments).equals(h.commitment), "commitment");
  need(present === count ? length === h.bodyLength : length < h.bodyLength, "body length");
  return { lost, first, erased };
}
