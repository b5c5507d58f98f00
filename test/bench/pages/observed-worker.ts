/**
 * The library's worker with a clock at the doors between its rooms. That costs a few microseconds a call, and
 * the page gets to know in between its own calls. Where its address says so, it has no engine.
 */
// oxlint-disable typescript/unbound-method -- methods are wrapped and put back where they belong
import { UnsupportedError } from '../../../src/engine/graph.ts';
import { EngineSession } from '../../../src/runtime/backend/engine-session.ts';
import { OrtSession } from '../../../src/runtime/backend/ort-session.ts';
import type { InputTensors } from '../../../src/runtime/backend/session.ts';
import { Models } from '../../../src/runtime/models.ts';
import { Service } from '../../../src/worker/service.ts';
import '../../../src/worker/entry.ts';
import { collect } from './garbage.ts';
import type { Collection } from './garbage.ts';

/** What one call took in the worker, in milliseconds. */
export interface Observation {
  /** All of it. */
  worker: number;
  decode: number;
  crop: number;
  detector: number;
  landmarks: number;
}

/** What the worker tells of itself. */
export interface ObservedWorker {
  /** Since it was asked last, in their order. */
  calls: Observation[];
  /** WASM memory that it has made and not let go, in bytes. */
  wasmBytes: number;
}

const memories: WeakRef<WebAssembly.Memory>[] = [];
let observations: Observation[] = [];
let current = blank();
/** Which model is at work: the worker runs one at a time. */
let running: 'detector' | 'landmarks' = 'detector';

function blank(): Observation {
  return { worker: 0, decode: 0, crop: 0, detector: 0, landmarks: 0 };
}

/** The method, with what it takes told to `note`. */
function timed<Self, Given extends unknown[], Answer>(
  method: (this: Self, ...given: Given) => Promise<Answer>,
  note: (ms: number) => void,
  before: (...given: Given) => void = () => {},
): (this: Self, ...given: Given) => Promise<Answer> {
  return async function observed(...given) {
    before(...given);
    const start = performance.now();
    try {
      return await method.apply(this, given);
    } finally {
      note(performance.now() - start);
    }
  };
}

function silent(): void {}

const callOver = (ms: number): void => {
  current.worker = ms;
  observations.push(current);
};
const callBegins = (): void => {
  current = blank();
};

Service.prototype.track = timed(Service.prototype.track, callOver, callBegins);
Service.prototype.analyse = timed(Service.prototype.analyse, callOver, callBegins);
Models.prototype.read = timed(Models.prototype.read, (ms) => (current.decode += ms));
Models.prototype.run = timed(Models.prototype.run, silent, (_surface, { outputs }) => {
  const names: readonly string[] = outputs;
  running = names.includes('landmarks') ? 'landmarks' : 'detector';
});
const runOver = (ms: number): void => {
  current[running] += ms;
};
/** Every run is one of a picture's square, which is cut within it, into the session's own memory. */
const runBegins = (inputs: InputTensors): void => {
  for (const tensor of Object.values(inputs)) {
    if (!('write' in tensor)) continue;
    const { write } = tensor;
    Object.assign(tensor, {
      write(target: Float32Array) {
        const start = performance.now();
        write(target);
        const ms = performance.now() - start;
        current.crop += ms;
        current[running] -= ms;
      },
    });
  }
};
EngineSession.prototype.run = timed(EngineSession.prototype.run, runOver, runBegins);
OrtSession.prototype.run = timed(OrtSession.prototype.run, runOver, runBegins);

WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    memories.push(new WeakRef(this));
  }
};

const [runtime] = location.hash.slice(1).split(':');
if (runtime === 'onnxruntime') {
  // It runs what the engine does not know.
  EngineSession.start = () => {
    throw new UnsupportedError('made not to know it');
  };
}

// The engine's threads are started from the same script, and have nothing to tell.
if (Reflect.get(globalThis, 'name') === 'body21') {
  const channel = new BroadcastChannel(location.hash.slice(1));
  channel.addEventListener('message', ({ data }: MessageEvent<Collection>) => {
    collect(data);
    const report: ObservedWorker = {
      calls: observations,
      wasmBytes: memories.reduce((sum, memory) => sum + (memory.deref()?.buffer.byteLength ?? 0), 0),
    };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has none
    channel.postMessage(report);
    observations = [];
  });
}
