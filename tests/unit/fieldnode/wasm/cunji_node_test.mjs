// The page's module, called as a page calls it: every export, with what is right and what is not.
// Its county is a module with the core's own server (county_module.cc); the frames pass here.
//   node cunji_node_test.mjs cunji-node.wasm page_county_test.wasm
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CunjiError, CunjiModule, CunjiNode } from "../../../../fieldnode/wasm/cunji_node.mjs";

const [nodeModule, countyModule] = process.argv
  .slice(2)
  .map((path) => new WebAssembly.Module(readFileSync(path)));
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const bytes = (text) => new Uint8Array(Buffer.from(text, "hex"));
const random = (into) => webcrypto.getRandomValues(into); // Node 18 has no global crypto.

const kCode = "0123456789abcdefghjk"; // Of the county module.
const kOtherCode = "1111111111ABCDEFGHJK";
const kVillage = "411323001201";
const kHousehold = hex(new Uint8Array(16).fill(1));

const called = new Set();
class TestNode extends CunjiNode {
  call(name, ...values) {
    called.add(name);
    return super.call(name, ...values);
  }
}
const logged = [];
const load = (host) =>
  TestNode.load(nodeModule, { random, log: (line) => logged.push(line), ...host });
// Entropy that a number determines: never for real keys.
const seeded = (seed) => (into) => into.forEach((_, i) => (into[i] = seed + i));

class County extends CunjiModule {
  static async open() {
    const county = await County.load(countyModule, { random });
    county.call("county_add_household", 1, '王"桂"兰\n');
    county.call("county_add_household", 2, "李志强");
    county.root = hex(county.call("county_root_digest"));
    return county;
  }
  frames() {
    const out = [];
    for (let frame; (frame = this.call("county_frame")).length > 0; ) out.push(frame);
    return out;
  }
}
const kNow = 1644452100000; // The county module's clock, which stands.

// One session, as a page carries it; the sum of its reports.
function synchronise(node, county) {
  county.call("county_connect");
  node.startSession(kNow);
  const sum = { logged: 0, fetched: 0 };
  for (let waiting = county.frames(); waiting.length > 0; waiting = county.frames())
    for (const message of waiting) {
      const report = node.message(message, kNow);
      sum.logged += report.logged;
      sum.fetched += report.fetched;
      Object.assign(sum, { ...report, logged: sum.logged, fetched: sum.fetched });
      for (const frame of report.frames) county.call("county_message", frame);
    }
  node.endSession();
  return sum;
}

async function enrolled() {
  const county = await County.open();
  const node = await load();
  node.open();
  node.enrol(county.root, kCode);
  assert.deepEqual(synchronise(node, county).enrolment, {
    waits: false,
    role: "coordinator",
    divisions: [kVillage],
  });
  assert.equal(synchronise(node, county).level, true);
  assert.equal(node.widen(kNow), false); // The first session asked for what was granted.
  return { node, county };
}

function refuses(code, action, name) {
  const is = (error) => error instanceof CunjiError && error.code === code;
  assert.throws(action, is, name);
}

test("asks of a page no more than four functions", () => {
  const names = WebAssembly.Module.imports(nodeModule).map((wanted) => wanted.name);
  assert.deepEqual(names.sort(), ["fd_close", "fd_seek", "fd_write", "random_get"]);
});

test("verifies the vectors' events and refuses what they refuse", async () => {
  const node = await load();
  const vectors = JSON.parse(
    readFileSync(new URL("../../../../protocol/vectors/event.json", import.meta.url)),
  );
  const states = ["present", "withheld", "erased", "lost"];
  for (const { name, signed_event, digest, header, body } of vectors.events) {
    const shown = node.verifyEvent(bytes(signed_event), bytes(body.bytes));
    assert.equal(shown.digest, digest, name);
    assert.equal(shown.author, header.author, name);
    assert.equal(shown.sequence, Number(header.sequence), name);
    assert.deepEqual(
      shown.parts,
      body.parts.map((part) => states[part.state]),
      name,
    );
  }
  for (const { name, signed_event, body, error } of vectors.refused)
    refuses(error, () => node.verifyEvent(bytes(signed_event), bytes(body.bytes)), name);
  assert.ok(vectors.events.length > 5 && vectors.refused.length > 30);
});

test("takes its key from the page's entropy, and stops without any", async () => {
  const keyOf = async (seed) => (await load({ random: seeded(seed) })).open().key;
  assert.match(await keyOf(1), /^[0-9a-f]{64}$/);
  assert.equal(await keyOf(1), await keyOf(1));
  assert.notEqual(await keyOf(1), await keyOf(2));
  const none = () => {
    throw new Error("no entropy");
  };
  await assert.rejects(load({ random: none }), WebAssembly.RuntimeError);
  assert.match(logged.pop(), /Assertion failed/); // Why it stopped.
});

test("does nothing without a node", async () => {
  const node = await load();
  const calls = [
    () => node.close(),
    () => node.enrol("00".repeat(32), kCode),
    () => node.startSession(kNow),
    () => node.message(bytes("00"), kNow),
    () => node.tick(kNow),
    () => node.call("cunji_session_frame"),
    () => node.endSession(),
    () => node.widen(kNow),
    () => node.addPhoto(bytes("00")),
    () => node.recordVisit({ household: kHousehold, outcome: "met", recorded: kNow }),
    () => node.households(kNow),
    () => node.status(kNow),
  ];
  for (const call of calls) refuses("protocol", call);
});

test("closes a node for good", async () => {
  const node = await load();
  const { key } = node.open();
  refuses("conflict", () => node.open());
  node.close();
  assert.notEqual(node.open().key, key);
});

test("refuses arguments of a wrong form", async () => {
  const { node } = await enrolled();
  for (const root of ["", "00", "zz".repeat(32), "00".repeat(33)])
    refuses("malformed", () => node.enrol(root, kCode));
  for (const code of ["", "0123", "U".repeat(20), kCode.repeat(50)])
    refuses("malformed", () => node.enrol("00".repeat(32), code));
  refuses("conflict", () => node.enrol("00".repeat(32), kCode)); // Another county.
  for (const time of [NaN, -1, Infinity, 253402300800000]) {
    for (const call of ["startSession", "tick", "widen", "households", "status"])
      refuses("malformed", () => node[call](time));
    refuses("malformed", () => node.message(bytes("00"), time));
  }
  const visit = { household: kHousehold, outcome: "met", recorded: kNow };
  const place = { latitude: 33.1, longitude: 111.5, accuracy: 20 };
  for (const wrong of [
    { household: "" },
    { household: "0" },
    { household: kHousehold + "00" },
    { household: "09".repeat(16) },
    { outcome: "" },
    { outcome: "unspecified" },
    { outcome: "Met" },
    { place: { ...place, latitude: 91 } },
    { remark: "x".repeat(16385) },
    { remark: new Uint8Array([0xff]) },
    { recorded: NaN },
  ])
    refuses("malformed", () => node.recordVisit({ ...visit, ...wrong }), JSON.stringify(wrong));
  assert.equal(node.status(kNow).own, 0);
});

test("enrols, records without a network, and brings it to the county", async () => {
  const { node, county } = await enrolled();
  const before = node.status(kNow);
  assert.deepEqual(
    [before.enrolled, before.approved, before.role, before.divisions, before.county],
    [true, true, "coordinator", [kVillage], "测试县"],
  );
  const [first, second] = node.households(kNow);
  assert.deepEqual(first, {
    id: kHousehold,
    division: kVillage,
    number: "",
    head_name: '王"桂"兰\n',
    categories: ["out_of_poverty"],
    must_be_visited: true,
  });
  assert.equal(second.head_name, "李志强");

  const place = { latitude: 33.1, longitude: 111.5, accuracy: 20.4 };
  const recorded = kNow + 0.5;
  const visit = { household: kHousehold, outcome: "met", remark: "水表坏了", place, recorded };
  const done = node.recordVisit(visit);
  assert.equal(done.sequence, 1);
  assert.equal(done.expected, "accepted");
  assert.equal(node.recordVisit({ ...visit, household: second.id, place: undefined }).sequence, 2);
  assert.equal(node.status(kNow).unsent, 2);
  const seen = node.households(kNow)[0];
  assert.deepEqual([seen.last_visit, seen.received], [kNow, false]);

  const size = () => Number(new TextDecoder().decode(county.call("county_size")));
  const entries = size();
  const report = synchronise(node, county);
  assert.deepEqual([report.level, report.logged, report.disputed], [true, 2, 0]);
  assert.deepEqual([report.trouble, report.split_view, report.over], [false, false, false]);
  assert.equal(size(), entries + 2);
  assert.equal(node.status(kNow).unsent, 0);
  assert.equal(node.households(kNow)[0].received, true);
  assert.equal(synchronise(node, county).logged, 0); // Each once.
});

// A JPEG file in structure, with a comment, which is no picture.
function photo(size) {
  const segment = (marker, content) => [0xff, marker, 0, content.length + 2, ...content];
  const head = [...segment(0xdb, new Array(65).fill(0)), ...segment(0xda, [1, 1, 0, 0, 63, 0])];
  const tail = [...new Array(size).fill(7), 0xff, 0xd9];
  const comment = segment(0xfe, [...Buffer.from("a secret")]);
  const file = (middle) => new Uint8Array([0xff, 0xd8, ...middle, ...head, ...tail]);
  return { written: file(comment), kept: file([]) };
}

test("keeps photos, names them in visits, and brings them after these", async () => {
  const { node, county } = await enrolled();
  const { written, kept } = photo(40000);
  const added = node.addPhoto(written);
  assert.deepEqual(
    [added.size, added.media_type, added.has_place, added.taken_at],
    [kept.length, "image/jpeg", false, undefined],
  );
  assert.equal(node.status(kNow).photos_waiting, 0); // Nobody names it yet.
  const visit = { household: kHousehold, outcome: "met", recorded: kNow };
  for (const photos of [["00".repeat(32)], ["00"], [added.digest, "0"], ["zz".repeat(32)]])
    refuses("malformed", () => node.recordVisit({ ...visit, photos }), photos.join());
  node.recordVisit({ ...visit, photos: [added.digest] });
  assert.equal(node.status(kNow).photos_waiting, 1);

  const report = synchronise(node, county);
  assert.deepEqual([report.logged, report.level, report.sending_photos], [1, true, false]);
  assert.equal(report.photos_sent, 1);
  assert.deepEqual(county.call("county_photo", bytes(added.digest)), kept);
  const { photos_waiting, photos_sent } = node.status(kNow);
  assert.deepEqual([photos_waiting, photos_sent], [0, 1]);

  for (const file of [new Uint8Array(0), bytes("ffd8"), written.slice(0, -40)])
    refuses("malformed", () => node.addPhoto(file));
  refuses("limit", () => node.addPhoto(new Uint8Array(4194305)));
});

test("asks again with the same request, until the code is right", async () => {
  const county = await County.open();
  const node = await load();
  node.open();
  refuses("protocol", () => node.startSession(kNow)); // Of no county yet.
  assert.deepEqual(node.households(kNow), []);
  const asked = node.enrol(county.root, kOtherCode);
  assert.match(asked.digits, /^\d{8}$/);
  refuses("protocol", () => synchronise(node, county));
  assert.deepEqual(node.enrol(county.root, kCode), asked);
  assert.equal(synchronise(node, county).enrolment.role, "coordinator");
});

test("knows another county's server by its root key", async () => {
  const county = await County.open();
  const node = await load();
  node.open();
  node.enrol("ab".repeat(32), kCode);
  refuses("forged", () => synchronise(node, county));
});

test("ends a session at the first bad message, and keeps what it has", async () => {
  const { node, county } = await enrolled();
  const before = node.status(kNow);
  const greeting = () => {
    county.call("county_connect");
    return county.frames()[0];
  };
  const damaged = greeting();
  damaged[damaged.length >> 1] ^= 1;
  const garbage = [new Uint8Array(0), bytes("ff"), damaged, new Uint8Array((1 << 20) + 1)];
  for (const message of garbage) {
    node.startSession(kNow);
    assert.throws(() => node.message(message, kNow), CunjiError);
    refuses("protocol", () => node.message(greeting(), kNow)); // It has ended.
    assert.equal(node.call("cunji_session_frame").length, 0);
  }
  node.startSession(kNow);
  refuses("conflict", () => node.startSession(kNow));
  assert.deepEqual(node.tick(kNow).frames, []);
  refuses("timeout", () => node.tick(kNow + 600000));
  refuses("protocol", () => node.tick(kNow));
  assert.deepEqual(node.status(kNow), before);
  assert.equal(synchronise(node, county).level, true);
});

test("every export was called", () => {
  const boundary = ["cunji_alloc", "cunji_free", "cunji_output", "cunji_output_size"];
  const exported = WebAssembly.Module.exports(nodeModule).map((entry) => entry.name);
  assert.deepEqual(exported.sort(), ["_initialize", "memory", ...boundary, ...called].sort());
});
