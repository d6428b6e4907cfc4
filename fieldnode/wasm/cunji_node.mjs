// The field node for a page, in JavaScript: loads cunji-node.wasm and wraps what cunji_node.h
// exports. Runs in a page, a worker and Node 18; imports nothing.
//   const module = await WebAssembly.compileStreaming(fetch("cunji-node.wasm"));
//   const node = await CunjiNode.load(module);
//   const { key } = node.open();
// Calls are synchronous. A failure is thrown as a CunjiError; what a trap throws is none
// (WebAssembly.RuntimeError): after it, let the instance go.

export class CunjiError extends Error {
  constructor({ code, what }) {
    super(`${code}: ${what}`);
    this.name = "CunjiError";
    this.code = code; // "malformed", "forged" … (shared/base/result.h)
  }
}

const kRandomBytesMax = 65536; // Of one call of getRandomValues.
const kBadDescriptor = 8; // WASI's errno "badf".
const kFailed = 29; // "io"

// An instance of a module whose functions take and give bytes as boundary.h says.
export class CunjiModule {
  #exports;

  // `random` fills a Uint8Array; `log` gets each line that the module prints before it traps.
  static async load(module, { random = (bytes) => crypto.getRandomValues(bytes), log } = {}) {
    const out = new this();
    const instance = await WebAssembly.instantiate(module, {
      wasi_snapshot_preview1: out.#host(random, log ?? console.error),
    });
    out.#exports = instance.exports;
    out.#exports._initialize();
    return out;
  }

  // Calls an export: texts and Uint8Arrays become a pointer and a size. Gives the answer's bytes.
  call(name, ...values) {
    const rooms = [];
    try {
      const passed = values.flatMap((value) => {
        if (typeof value === "number") return [value];
        const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
        const room = this.#exports.cunji_alloc(Math.max(bytes.length, 1));
        if (room === 0) throw new CunjiError({ code: "limit", what: "no memory is left" });
        rooms.push(room);
        this.#bytes(room, bytes.length).set(bytes);
        return [room, bytes.length];
      });
      const code = this.#exports[name](...passed);
      const size = this.#exports.cunji_output_size();
      const answer = this.#bytes(this.#exports.cunji_output(), size).slice();
      if (code !== 0) throw new CunjiError(JSON.parse(new TextDecoder().decode(answer)));
      return answer;
    } finally {
      for (const room of rooms) this.#exports.cunji_free(room);
    }
  }

  ask(name, ...values) {
    return JSON.parse(new TextDecoder().decode(this.call(name, ...values)));
  }

  // Made anew each time: the memory's buffer is another one once it grew.
  #bytes(pointer, size) {
    return new Uint8Array(this.#exports.memory.buffer, pointer, size);
  }

  #host(random, log) {
    return {
      random_get: (pointer, size) => {
        try {
          for (let at = 0; at < size; at += kRandomBytesMax)
            random(this.#bytes(pointer + at, Math.min(kRandomBytesMax, size - at)));
          return 0;
        } catch {
          return kFailed; // libsodium stops the module: better no key than a weak one.
        }
      },
      fd_write: (_, pieces, count, written) => {
        const view = new DataView(this.#exports.memory.buffer);
        let total = 0;
        let text = "";
        for (let at = pieces; at < pieces + 8 * count; at += 8) {
          const size = view.getUint32(at + 4, true);
          text += new TextDecoder().decode(this.#bytes(view.getUint32(at, true), size));
          total += size;
        }
        if (text !== "") log(text);
        view.setUint32(written, total, true);
        return 0;
      },
      fd_seek: () => kBadDescriptor,
      fd_close: () => kBadDescriptor,
    };
  }
}

export class CunjiNode extends CunjiModule {
  verifyEvent(signedEvent, body) {
    return this.ask("cunji_verify_event", signedEvent, body);
  }
  open() {
    return this.ask("cunji_node_open");
  }
  close() {
    this.call("cunji_node_close");
  }
  enrol(root, code) {
    return this.ask("cunji_enrol", root, code);
  }
  startSession(now = Date.now()) {
    this.call("cunji_session_start", now);
  }
  // Takes one message received, gives the report with the `frames` to send.
  message(bytes, now = Date.now()) {
    const report = this.ask("cunji_session_message", bytes, now);
    return { ...report, frames: this.#frames() };
  }
  tick(now = Date.now()) {
    const report = this.ask("cunji_session_tick", now);
    return { ...report, frames: this.#frames() };
  }
  endSession() {
    this.call("cunji_session_end");
  }
  widen(now = Date.now()) {
    return this.ask("cunji_widen", now).more;
  }
  // `file`: a photo's bytes, as the camera wrote them.
  addPhoto(file) {
    return this.ask("cunji_add_photo", file);
  }
  // `place`: { latitude, longitude, accuracy } in degrees and metres, as the browser gives them.
  // `photos`: digests that addPhoto() gave.
  recordVisit({ household, outcome, remark = "", place, photos = [], recorded = Date.now() }) {
    const at = place
      ? [place.latitude * 1e7, place.longitude * 1e7, Math.max(place.accuracy, 1)].map(Math.round)
      : [0, 0, 0];
    const named = photos.join("");
    return this.ask("cunji_record_visit", household, outcome, remark, named, ...at, recorded);
  }
  households(on = Date.now()) {
    return this.ask("cunji_households", on);
  }
  status(now = Date.now()) {
    return this.ask("cunji_status", now);
  }

  #frames() {
    const frames = [];
    for (let frame; (frame = this.call("cunji_session_frame")).length > 0; ) frames.push(frame);
    return frames;
  }
}
