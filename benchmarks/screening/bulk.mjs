// Reads the files of a bulk export and has patients evaluated in worker threads, for every peer in JavaScript.
//
// A peer's script calls `serve(prepare)`. Started as a program, it answers one line of JSON on standard input,
// {"folder", "codes", "variant", "workers"}, with one line on standard output; modules, models and threads are
// made once and stay, so that only reading and evaluating is timed. `prepare(codes, variant)` returns a
// function from [{patient, entry}] to the ids of the positive patients (or to a promise of them).

import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';

const TYPES = ['Patient', 'MedicationRequest', 'Procedure', 'Condition'];
const CHUNK_BYTES = 1 << 24;
// Limits for each thread, not reservations; no other sizes that were tried (16 to 256 MB young) made it faster.
const LIMITS = { maxOldGenerationSizeMb: 8192, maxYoungGenerationSizeMb: 64 };
const REFERENCE = Buffer.from('"Patient/');
const ID = Buffer.from('"id":"');

export function serve(prepare, script) {
  if (isMainThread) {
    main(script);
  } else {
    parentPort.on('message', async (task) => parentPort.postMessage(await work(task, prepare)));
  }
}

async function main(script) {
  const workers = [];
  const ask = (number, task) => new Promise((resolve, reject) => {
    workers[number] ??= new Worker(script, { resourceLimits: LIMITS });
    workers[number].removeAllListeners().once('message', resolve).once('error', reject);
    workers[number].postMessage(task);
  });
  for await (const line of createInterface({ input: process.stdin })) {
    const task = JSON.parse(line);
    const start = performance.now();
    const asked = Array.from({ length: task.workers }, (_, part) => ask(part, { ...task, part, parts: task.workers }));
    const parts = await Promise.all(asked);
    const seconds_total = (performance.now() - start) / 1e3;
    console.log(JSON.stringify({ ...joined(parts), seconds_total }));
  }
  workers.forEach((worker) => worker.terminate());
}

function joined(parts) {
  const sum = (name) => parts.reduce((total, part) => total + part[name], 0);
  const longest = (name) => Math.max(...parts.map((part) => part[name]));
  const positive = parts.flatMap((part) => part.positive).sort();
  return {
    patients: sum('patients'),
    lines: sum('lines'),
    positive: positive.length,
    positive_sha256: createHash('sha256').update(positive.join('\n')).digest('hex'),
    seconds_read: longest('seconds_read'),
    seconds_evaluate: longest('seconds_evaluate'),
  };
}

const prepared = new Map();

async function work({ folder, codes, variant, part, parts }, prepare) {
  const key = `${codes} ${variant}`;
  if (!prepared.has(key)) prepared.set(key, prepare(JSON.parse(readFileSync(codes, 'utf8')), variant));
  const start = performance.now();
  const { patients, lines } = read(folder, part, parts);
  const middle = performance.now();
  const positive = await prepared.get(key)(patients);
  const end = performance.now();
  return {
    positive, patients: patients.length, lines,
    seconds_read: (middle - start) / 1e3, seconds_evaluate: (end - middle) / 1e3,
  };
}

// One part of the patients: each thread goes through all lines but parses only those of its own patients.
function read(folder, part, parts) {
  const patients = new Map();
  let lines = 0;
  for (const type of TYPES) {
    const path = join(folder, `${type}.ndjson`);
    if (!existsSync(path)) continue;
    eachLine(path, (bytes, start, end) => {
      if (parts > 1 && owner(bytes, start, end, type) % parts !== part) return;
      const resource = JSON.parse(bytes.utf8Slice(start, end));
      lines += 1;
      const id = type === 'Patient' ? resource.id : resource.subject.reference.slice(8);
      let bundle = patients.get(id);
      if (bundle === undefined) {
        bundle = { resourceType: 'Bundle', type: 'collection', id, entry: [] };
        patients.set(id, bundle);
      }
      bundle.entry.push({ resource });
    });
  }
  return { patients: [...patients.values()], lines };
}

function owner(bytes, start, end, type) {
  const needle = type === 'Patient' ? ID : REFERENCE;
  const found = bytes.indexOf(needle, start) + needle.length;
  let sum = 0;
  for (let at = found; at < end && bytes[at] !== 34; at += 1) sum += bytes[at];
  return sum;
}

function eachLine(path, take) {
  const file = openSync(path, 'r');
  let bytes = Buffer.allocUnsafe(CHUNK_BYTES);
  let held = 0; // bytes of a line that began in the last chunk
  for (;;) {
    if (held === bytes.length) bytes = Buffer.concat([bytes, Buffer.allocUnsafe(bytes.length)]);
    const got = readSync(file, bytes, held, bytes.length - held, null);
    const filled = held + got;
    let start = 0;
    for (let end = bytes.indexOf(10, start); end !== -1 && end < filled; end = bytes.indexOf(10, start)) {
      if (end > start) take(bytes, start, end);
      start = end + 1;
    }
    if (got === 0) {
      if (filled > start) take(bytes, start, filled);
      break;
    }
    bytes.copyWithin(0, start, filled);
    held = filled - start;
  }
  closeSync(file);
}
