// The fold of the public governance entries and the verdict of an event, by protocol/README.md
// ("What governance entries do", "Verdict") alone, for log.mjs. Left out: the limits of texts and lists
// inside parts, that texts nobody reads here are UTF-8, and a part with several contents.
import { Reader, ed25519, hex, kTimeMax, need, openEvent, sha256, utf8 } from "./event.mjs";

const kDay = 86400000;

function varint(r) {
  for (let shift = 0n, value = 0n; shift < 70n; shift += 7n) {
    const byte = r.number(1);
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return Number(BigInt.asUintN(64, value));
  }
  throw new Error("varint");
}
function message(bytes) {  // Protobuf: [[field, number or bytes], …]
  const out = [], r = new Reader(bytes);
  while (r.at < bytes.length) {
    const tag = varint(r), type = tag % 8;
    need([0, 1, 2, 5].includes(type), "protobuf");
    out.push([Math.floor(tag / 8), type === 0 ? varint(r) : r.take(type === 2 ? varint(r) : type === 1 ? 8 : 4)]);
  }
  const all = (field) => out.filter(([f]) => f === field).map(([, v]) => v);
  return { out, all, bytes: (f) => all(f).at(-1) ?? Buffer.alloc(0), number: (f) => all(f).at(-1) ?? 0,
    text: (f) => utf8.decode(all(f).at(-1) ?? Buffer.alloc(0)), child: (f) => message(Buffer.concat(all(f))),
    numbers: (f) => all(f).flatMap((v) => { if (typeof v === "number") return [v];
      const r = new Reader(v), list = []; while (r.at < v.length) list.push(varint(r)); return list; }) };
}
function content(first, field) {  // The part's content, if it is this one; else null, without effect.
  try {
    const part = message(first), contents = part.out.filter(([f]) => (f >= 16 && f <= 20) || (f >= 32 && f <= 40));
    return contents.length === 1 && contents[0][0] === field ? message(contents[0][1]) : null;
  } catch { return null; }
}
const kFieldRoles = ["coordinator", "coordinator_full_time", "coordinator_part_time", "helper", "grid_leader", "grid_member",
  "village_doctor", "group_leader", "teacher", "work_team", "first_secretary"];
const kFieldKinds = [1, 2, 3, 4, 16, 17, 48, 50];

export class Governance {
  keys = new Map();  // Key in hex -> { grants, frozen, compromised }
  erasures = [];
  found(e, first) {
    const m = content(first, 32);
    need(m && e.kind === 64 && e.sequence === 1, "no founding event");
    Object.assign(this, { root: e.author, code: e.county, origin: m.text(2), logKey: m.bytes(3), persons: m.number(5) });
    need(this.origin && this.logKey.length === 32 && [1, 2].includes(this.persons), "founding event");
    this.keys.set(hex(e.author), { grants: [{ event: e.digest, inForce: 1, enrolment: sha256(this.origin, "\n"), person: Buffer.alloc(16), kinds: [65, 66, 67, 68, 69, 70],
      divisions: [e.county], assigned: "", from: 0, to: kTimeMax, lateDays: 0, key: e.author, issuer: e.author }] });
  }
  enrolment(key) { return this.keys.get(hex(key))?.grants.find((g) => !g.pending)?.enrolment; }
  authority(e, kind, scope) {  // The author's grant that stands and reaches so far.
    const status = this.keys.get(hex(e.author));
    if (!status || status.frozen || status.compromised) return undefined;
    const within = (prefix, g) => g.divisions.some((d) => prefix.startsWith(d));
    return status.grants.find((g) => !g.pending && g.ended === undefined && g.from <= e.received && e.received <= g.to &&
      g.kinds.includes(kind) && (scope.assigned ? [this.code] : scope.divisions).every((p) => within(p, g)));
  }
  judge(index, e, seen, lost) {
    const status = this.keys.get(hex(e.author)), s = Math.min(seen || index, index);
    const by = (g) => g.pending ? 16 : e.received < g.from || e.received > g.to + g.lateDays * kDay ? 17
      : !g.assigned && !g.divisions.some((d) => e.division.startsWith(d)) ? 18 : !g.kinds.includes(e.kind) ? 19
      : g.ended !== undefined && g.ended < Math.max(s, g.inForce) ? 20 : 0;
    const all = (status?.grants ?? []).map(by);
    const verdict = index === 0 ? (e.kind === 64 ? 0 : 16) : status?.frozen ? 21 : status?.compromised ? 20
      : all.includes(0) ? 0 : Math.max(16, ...all);
    return verdict === 0 && lost ? 1 : verdict;
  }
  apply(index, e, first) {
    if (!first || e.verdict >= 16 || e.division !== this.code + "000000") return;
    const by = { 65: [33, this.credential], 66: [34, this.revocation], 68: [39, this.erasure], 69: [35, this.incident], 49: [37, this.endorsement] }[e.kind];
    const m = by && content(first, by[0]);
    try { if (m) by[1].call(this, index, e, m); } catch { /* A text that is none: no effect. */ }
  }
  credential(index, e, m) {
    const request = m.bytes(3), scope = m.child(8), key = m.bytes(1), isRoot = e.author.equals(this.root);
    const g = { event: e.digest, inForce: index + 1, key, issuer: e.author, enrolment: m.bytes(2), person: m.bytes(4), role: m.text(5), kinds: m.numbers(7),
      divisions: scope.all(1).map(String), assigned: scope.text(2), from: m.number(9), to: m.number(10), lateDays: m.number(11) };
    const formed = g.enrolment.length === 32 && g.person.length === 16 && g.role && request.length === 281 && g.from <= kTimeMax &&
      g.to <= kTimeMax && (g.divisions.length === 0) !== (g.assigned === "") && g.divisions.every((d) => /^(\d{6}|\d{9}|\d{12})$/.test(d)) &&
      g.kinds.every((k) => k > 0 && k < 65536);
    if (!formed || key.equals(this.root)) return;
    const issuer = this.authority(e, 65, g), governance = g.kinds.filter((k) => k >= 64 && k <= 70);
    if (!issuer || !governance.every((k) => issuer.kinds.includes(k) && (isRoot || k < 69))) return;
    const signed = Buffer.concat([Buffer.from("cunji/enrol/v1\n"), request.subarray(0, 153)]), old = request.subarray(65, 97);
    const succeeds = old.some(Boolean), oldSignature = request.subarray(217);
    if (request[0] !== 1 || !request.subarray(1, 33).equals(sha256(this.root)) || !request.subarray(33, 65).equals(key) || old.equals(key) ||
      !sha256(request).equals(g.enrolment) || !ed25519(key, signed, request.subarray(153, 217)) ||
      (!succeeds && (request.subarray(97, 137).some(Boolean) || oldSignature.some(Boolean))) ||
      (oldSignature.some(Boolean) && !ed25519(old, signed, oldSignature))) return;
    const known = this.keys.get(hex(key)) ?? { grants: [] };
    if (known.grants.some((o) => !o.enrolment.equals(g.enrolment) || !o.person.equals(g.person))) return;
    const field = kFieldRoles.includes(g.role) && g.kinds.every((k) => kFieldKinds.includes(k));
    g.pending = !(isRoot || this.persons < 2 || (field && !succeeds));
    known.grants.push(g);
    this.keys.set(hex(key), known);
  }
  endorsement(index, e, m) {
    if (m.number(2) !== 3 || m.all(1).some((d) => d.length !== 32)) return;
    for (const digest of m.all(1)) {
      const x = this.erasures.find((o) => o.event.equals(digest) && o.due === undefined && !o.withdrawn);
      const by = x && this.authority(e, 68, x);
      if (by && !by.person.equals(this.keys.get(hex(x.author)).grants[0].person))
        Object.assign(x, { due: e.received + 7 * kDay, second: e.author, secondSequence: e.sequence });
      const g = [...this.keys.values()].flatMap((k) => k.grants).find((o) => o.pending && o.event.equals(digest));
      const second = g && this.authority(e, 65, g);
      if (!second || second.person.equals(this.keys.get(hex(g.issuer)).grants[0].person) || e.author.equals(g.key)) continue;
      Object.assign(g, { pending: false, inForce: index + 1 });
    }
  }
  revocation(index, e, m) {
    const status = this.keys.get(hex(m.bytes(1))), named = m.bytes(4), reason = m.number(2);
    if (!status || m.bytes(1).equals(this.root) || ![0, 32].includes(named.length)) return;
    const reached = status.grants.filter((g) => this.authority(e, 66, g));
    if (reason === 1) for (const g of reached) if (!named.length || named.equals(g.event)) g.ended ??= index;
    if (reason !== 2 || !reached.length) return;
    status.compromised = true;
    const late = (key, sequence) => key?.equals(m.bytes(1)) && sequence > m.number(3);
    for (const x of this.erasures) if (late(x.author, x.sequence) || late(x.second, x.secondSequence)) this.withdraw(x, e);
  }
  withdraw(x, e) { if (x.due === undefined || e.received < x.due) x.withdrawn = true; }
  erasure(index, e, m) {
    const withdraws = m.bytes(4), events = m.all(1).map(message).map((i) => ({ event: i.bytes(1), index: i.number(2), division: i.text(3), parts: i.numbers(4) }));
    if (withdraws.length) {
      const x = this.erasures.find((o) => o.event.equals(withdraws));
      if (withdraws.length === 32 && !events.length && x && this.authority(e, 68, x)) this.withdraw(x, e);
      return;
    }
    if (!events.length || !m.text(2) || !events.every((i) => i.event.length === 32 && /^\d{12}$/.test(i.division) && i.parts.every((p) => p >= 1 && p <= 32))) return;
    const x = { event: e.digest, index, author: e.author, sequence: e.sequence, events, divisions: events.map((i) => i.division) };
    if (!this.authority(e, 68, x)) return;
    if (this.persons < 2) x.due = e.received + 7 * kDay;
    this.erasures.push(x);
  }
  mayBeErased(at, digest, division, part) {  // Named by an erasure that has its second person.
    return this.erasures.some((x) => x.due !== undefined && !x.withdrawn && at < x.index && x.events.some((i) => i.index === at &&
      i.event.equals(digest) && i.division === division && (!i.parts.length || i.parts.includes(part))));
  }
  incident(index, e, m) {
    const status = this.keys.get(hex(m.bytes(2))), evidence = m.all(4);
    if (!status || m.number(1) !== 1 || evidence.length !== 2 || evidence.some((b) => b.length !== 257)) return;
    if (evidence[0].subarray(0, 193).equals(evidence[1].subarray(0, 193))) return;
    try {
      const proves = (h) => h.county === this.code && h.author.equals(m.bytes(2)) && h.sequence === m.number(3) && h.verify();
      if (evidence.map(openEvent).every(proves)) status.frozen = true;
    } catch { /* No event: proves nothing. */ }
  }
}
