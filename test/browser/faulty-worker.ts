import type * as Ort from 'onnxruntime-web/webgpu';
import { OrtRuntime } from '../../src/runtime/backend/ort-runtime.ts';
import { EngineSession } from '../../src/runtime/backend/engine-session.ts';
import { RunningNetwork } from '../../src/runtime/backend/running-network.ts';
import { BUFFER_USAGE, MAP_MODE } from '../../src/runtime/pictures/gpu-usage.ts';
import { BodyAnalysisError } from '../../src/schema/errors.ts';
import '../../src/worker/entry.ts';
import { moment } from '../support/moment.ts';
import type { Fault, FaultMessage, OnGpuMessage, SufferingMessage } from './faults.ts';

/*
 * The library's worker, made to fail as the page asks. Nothing of this is in the library: what is replaced
 * are the browser's own functions and the runtime's.
 *
 * NanoDet takes most of a minute on a GPU that is software, and none of what is tested here: it runs on WASM.
 */

let faults: readonly Fault[] = [];
let device: GPUDevice | undefined;
let calls = 0;
/** Whether a call has come of which nothing has run yet: a live frame that comes too late is not counted. */
let isAsked = false;
let runs = 0;
let fetches = 0;
const released = moment();

addEventListener('message', ({ data }: MessageEvent) => {
  if (typeof data !== 'object' || data === null) return;
  if ('faults' in data || 'held' in data || 'isReleased' in data) obey(data as FaultMessage);
  // comlink's wire form of a call.
  if (
    'path' in data &&
    Array.isArray(data.path) &&
    (data.path[0] === 'analyse' || data.path[0] === 'track')
  ) {
    isAsked = true;
  }
});

function obey(message: FaultMessage): void {
  if ('held' in message) {
    Atomics.wait(new Int32Array(message.held), 0, 0);
    return;
  }
  if ('isReleased' in message) {
    released.come();
    return;
  }
  ({ faults } = message);
  calls = 0;
  runs = 0;
  if (has('no-jspi')) Reflect.deleteProperty(WebAssembly, 'Suspending');
  if (has('pose-as-gpu')) {
    Object.defineProperties(GPUAdapterInfo.prototype, {
      isFallbackAdapter: { value: false },
      architecture: { value: 'made-up' },
    });
  }
  if (has('no-adapter')) Object.defineProperty(navigator.gpu, 'requestAdapter', { value: async () => null });
}

function has(kind: Fault['kind']): boolean {
  return faults.some((fault) => fault.kind === kind);
}

if ('GPUAdapter' in globalThis) {
  const { prototype } = GPUAdapter;
  // oxlint-disable-next-line typescript/unbound-method -- it is bound below, to whom it is asked of
  const requestDevice = prototype.requestDevice;
  prototype.requestDevice = async function (...parameters) {
    device = await requestDevice.apply(this, parameters);
    if (has('destroy-device-at-start')) device.destroy();
    return device;
  };
}

const originalFetch = globalThis.fetch;
globalThis.fetch = async (...parameters) => {
  // The library names files by strings.
  if (typeof parameters[0] !== 'string' || !parameters[0].endsWith('.onnx.planes.gz'))
    return originalFetch(...parameters);
  fetches++;
  if (has('crash-while-opening')) return crash();
  if (faults.some((fault) => fault.kind === 'fetch' && fault.nth === fetches)) {
    throw new TypeError('made to fail');
  }
  return originalFetch(...parameters);
};

// oxlint-disable-next-line typescript/unbound-method -- it is static
const startNetwork = RunningNetwork.start;
RunningNetwork.start = (async (...parameters: Parameters<typeof RunningNetwork.start>) => {
  // Not where models are fetched: they may come from the cache.
  if (has('wait-while-opening')) await released.coming;
  return startNetwork.apply(RunningNetwork, parameters);
}) as typeof RunningNetwork.start;

// oxlint-disable-next-line typescript/unbound-method -- it is bound below, to whom it is asked of
const runOnEngine = EngineSession.prototype.run;
EngineSession.prototype.run = async function (...parameters) {
  try {
    await countRun();
  } catch (cause) {
    throw new BodyAnalysisError('inference-failed', 'The model failed on this picture.', cause);
  }
  return runOnEngine.apply(this, parameters);
};

async function countRun(): Promise<void> {
  if (isAsked) {
    calls++;
    runs = 0;
    isAsked = false;
  }
  await suffer(++runs);
}

/** A file ends with the names of what goes in and out, and hardly more. */
const FILE_END = 4096;

/** Tells a model's file, as the runtime gets it, by a name of what goes in or out. */
function names(model: Uint8Array, value: string): boolean {
  return new TextDecoder().decode(model.subarray(-FILE_END)).includes(value);
}

/** Whether a model is left to WASM: NanoDet always; its output has a name that no other has. */
function isLeftToWasm(model: Uint8Array): boolean {
  if (has('own-on-gpu')) return model.length > 50_000 || !new TextDecoder().decode(model).includes('picture');
  return names(model, 'scores_8');
}

// oxlint-disable-next-line typescript/unbound-method -- it is bound below, to whom it is asked of
const startRuntime = OrtRuntime.prototype.start;
let runtime: typeof Ort | undefined;
OrtRuntime.prototype.start = async function () {
  const module = await startRuntime.call(this);
  if (!runtime) makeFaulty(module.InferenceSession);
  runtime = module;
  return module;
};

function makeFaulty(sessions: Ort.InferenceSessionFactory): void {
  const create = sessions.create.bind(sessions) as (
    bytes: Uint8Array,
    options: Ort.InferenceSession.SessionOptions,
  ) => Promise<Ort.InferenceSession>;
  sessions.create = (async (bytes: Uint8Array, options: Ort.InferenceSession.SessionOptions) => {
    const isOnGpu = options.executionProviders?.some((provider) => typeof provider === 'object');
    const runsOnWasm = isLeftToWasm(bytes) || has('gpu-on-wasm') || has('slow-gpu');
    const { preferredOutputLocation: _onGpu, ...onWasm } = options;
    const session = await create(bytes, runsOnWasm ? { ...onWasm, executionProviders: ['wasm'] } : options);
    if (isOnGpu && !runsOnWasm) {
      const message: OnGpuMessage = { onGpu: session.outputNames };
      postMessage(message);
    }
    const run = session.run.bind(session) as (
      values: Ort.InferenceSession.OnnxValueMapType,
      outputs?: readonly string[],
    ) => Promise<Ort.InferenceSession.OnnxValueMapType>;
    session.run = async (given: Ort.InferenceSession.OnnxValueMapType, outputs?: unknown) => {
      await countRun();
      const inputs = runsOnWasm ? await offGpu(given) : given;
      const values = await run(inputs, outputs as readonly string[]);
      if (has('slow-gpu') && isOnGpu) {
        // One at a time: a session does not take a second run meanwhile.
        for (let more = 1; more < 10; more++) await run(inputs, outputs as readonly string[]);
      }
      // What is on a GPU cannot be looked at.
      const landmarks = runsOnWasm ? values['landmarks']?.data : undefined;
      if (has('wrong-landmarks') && isOnGpu && landmarks instanceof Float32Array) {
        landmarks[0] = (landmarks[0] ?? 0) + 3;
      }
      return values;
    };
    return session;
  }) as typeof sessions.create;
}

async function suffer(run: number): Promise<void> {
  const fault = faults.find((each) => 'run' in each && each.run === run && (each.call ?? 1) === calls);
  if (fault) tell(fault.kind);
  switch (fault?.kind) {
    case 'throw':
      throw new Error('made to fail');
    case 'crash':
      return crash();
    case 'hang':
      for (;;);
    case 'destroy-device':
      device?.destroy();
      return undefined;
    case 'out-of-memory':
      device?.dispatchEvent(
        new GPUUncapturedErrorEvent('uncapturederror', {
          error: new GPUOutOfMemoryError('made to run out of memory'),
        }),
      );
      return undefined;
    default:
      return undefined;
  }
}

function tell(suffers: Fault['kind']): void {
  const message: SufferingMessage = { suffers };
  postMessage(message);
}

function crash(): Promise<never> {
  setTimeout(() => {
    throw new Error('made to crash');
  });
  return new Promise(() => {});
}

/** The same values, in the memory of WASM. */
async function offGpu(
  values: Ort.InferenceSession.OnnxValueMapType,
): Promise<Ort.InferenceSession.OnnxValueMapType> {
  const { image } = values;
  if (image?.location !== 'gpu-buffer' || !device || !runtime) return values;
  const bytes = 4 * image.dims.reduce((product, length) => product * length, 1);
  const copy = device.createBuffer({ size: bytes, usage: BUFFER_USAGE.COPY_DST | BUFFER_USAGE.MAP_READ });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(image.gpuBuffer, 0, copy, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await copy.mapAsync(MAP_MODE.READ);
  const data = new Float32Array(copy.getMappedRange().slice(0));
  copy.destroy();
  return { image: new runtime.Tensor('float32', data, image.dims) };
}
