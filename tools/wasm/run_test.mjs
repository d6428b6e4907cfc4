#!/bin/sh
":" //; command -v node >/dev/null && exec node "$0" "$@"; echo "run_test: Node is not installed" >&2; exit 77
// Runs a WebAssembly test program (wasm32-wasi with a main) under Node. To the shell the line above
// is a command, to JavaScript a string, so that a machine without Node gets its reason too.
//   tools/wasm/run_test.mjs [--read DIR]… PROGRAM.wasm [argument…]
//   tools/wasm/run_test.mjs --check      only says whether the installed Node can run it
// The program sees, for reading only and under their own names, the repository, the folder in
// CUNJI_VECTORS (if unset: ../shared/vectors beside the repository, where that exists), and each
// DIR. It gets this process's environment and standard streams. Exit code: the program's; 134 if it
// trapped (a failed CHECK); 77 if this Node cannot run it; 2 for a wrong call.
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const kOldestNode = 18; // The first whose WASI needs no flag, and what Debian 12 has.
const kReadOnlyFileSystem = 69; // WASI's errno "rofs".

function stop(code, message) {
  process.stderr.write(`run_test: ${message}\n`);
  process.exit(code);
}

const isFolder = (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

if (Number(process.versions.node.split(".")[0]) < kOldestNode) {
  stop(77, `Node ${process.versions.node} is too old, ${kOldestNode} or newer is needed`);
}

const { WASI } = await import("node:wasi").catch((error) =>
  stop(77, `this Node has no WASI: ${error.message}`),
);

const args = process.argv.slice(2);
if (args[0] === "--check") process.exit(0);
const folders = [resolve(dirname(fileURLToPath(import.meta.url)), "../..")];
while (args[0] === "--read") {
  const [, folder] = args.splice(0, 2);
  if (!folder || !isFolder(folder)) stop(2, `--read ${folder ?? ""}: no such folder`);
  folders.push(resolve(folder));
}
const program = args[0];
if (!program) stop(2, "usage: run_test.mjs [--read DIR]… PROGRAM.wasm [argument…]");

const env = { ...process.env };
const vectors = resolve(env.CUNJI_VECTORS || `${folders[0]}/../shared/vectors`);
if (isFolder(vectors)) {
  env.CUNJI_VECTORS = vectors; // Absolute: a program has no working directory.
  folders.push(vectors);
}

// Node warns at each start that its WASI is experimental; every other warning still shows.
const emitWarning = process.emitWarning;
process.emitWarning = (warning, ...rest) => {
  if (!String(warning).startsWith("WASI is an experimental")) emitWarning(warning, ...rest);
};
const wasi = new WASI({
  version: "preview1",
  args,
  env,
  preopens: Object.fromEntries(folders.map((folder) => [folder, folder])),
  returnOnExit: true,
});

// Node opens folders for reading and writing. What could change a file is refused here: opening
// with a right to write or a flag to create or truncate, and every call that names a change.
const kChanging = [
  "fd_allocate",
  "fd_filestat_set_size",
  "fd_filestat_set_times",
  "path_create_directory",
  "path_filestat_set_times",
  "path_link",
  "path_remove_directory",
  "path_rename",
  "path_symlink",
  "path_unlink_file",
];
const kOpenToCreate = 1 | 4 | 8; // creat, excl, trunc
const kRightsToWrite = (1n << 6n) | (1n << 8n) | (1n << 22n); // fd_write, fd_allocate, set size
// Each call goes through a function of ours, never straight to Node's: there V8 takes a short cut
// that writes to where the memory was before it grew, and Node crashes or loses output now and then
// (nodejs/node#53087).
const host = {};
for (const [name, call] of Object.entries(wasi.wasiImport)) {
  host[name] = (...values) => call(...values);
}
for (const name of kChanging) host[name] = () => kReadOnlyFileSystem;
host.path_open = (fd, lookup, path, length, flags, rights, ...rest) =>
  flags & kOpenToCreate || rights & kRightsToWrite
    ? kReadOnlyFileSystem
    : wasi.wasiImport.path_open(fd, lookup, path, length, flags, rights, ...rest);

let module;
try {
  module = await WebAssembly.compile(readFileSync(program));
} catch (error) {
  stop(2, `${program}: ${error.message}`);
}
try {
  process.exitCode = wasi.start(
    await WebAssembly.instantiate(module, { wasi_snapshot_preview1: host }),
  );
} catch (error) {
  stop(134, `${program} stopped: ${error.stack}`);
}
