import { expose } from 'comlink';
import type { Region } from '../../../src/networks/geometry.ts';
import type { Network } from '../../../src/networks/network.ts';
import { chooseBackend } from '../../../src/runtime/backend/backend.ts';
import type { Gpu } from '../../../src/runtime/backend/gpu.ts';
import { RunningNetwork } from '../../../src/runtime/backend/running-network.ts';
import type { Runtimes, SessionOptions } from '../../../src/runtime/backend/session.ts';
import { startSession } from '../../../src/runtime/backend/start-session.ts';
import { fileOf } from '../../../src/runtime/files/assets.ts';
import { Downloads } from '../../../src/runtime/files/network-files.ts';
import type { NetworkBytes } from '../../../src/runtime/files/network-files.ts';
import { modelEntry } from '../../../src/runtime/files/model-store.ts';
import { GpuReader } from '../../../src/runtime/backend/gpu-reader.ts';
import { GpuCropper } from '../../../src/runtime/pictures/gpu-crop.ts';
import { GpuPicture } from '../../../src/runtime/pictures/gpu-picture.ts';
import { readPicture } from '../../../src/runtime/pictures/picture.ts';
import type { PictureSurface } from '../../../src/runtime/pictures/picture.ts';
import { DEFAULT_LIMITS } from '../../../src/schema/limits.ts';
import type { GpuAdapter } from '../../../src/schema/loading.ts';
import truth from '../../support/sample-truth.json';
import { BENCH_MODELS } from './model-inputs.ts';

/** The sample picture that networks look at. */
const SAMPLE = 'two';
/** Runs before those that are timed: buffers are made then. */
const WARM_UP = 5;

/** How a network is run on the GPU. */
export type GpuCase = Required<Pick<SessionOptions, 'precision' | 'batch'>>;

/** Where the time of a run goes, in milliseconds, from squares to numbers in memory. */
export interface GpuStages {
  /** Until the commands that cut the squares out are submitted, and until those of the network are. */
  issue: number;
  /** From then on until the GPU has done them. */
  compute: number;
  /** Until the outputs are in memory. */
  read: number;
  /** For each of many runs that are issued without waiting for the one before, and not read. */
  inFlight: number;
}

/** What came of a network in one case. Times are in milliseconds. */
export interface GpuMeasured {
  /** Until the session is there, and the first run of it. */
  startMs: number;
  firstMs: number;
  runs: number[];
  /** Of runs with the head: where the network has one. */
  headRuns: number[];
  stages: GpuStages[];
  /** Over the squares: the network's own comparison where it is worst. */
  share: number;
  words: string;
  /** The greatest difference from WASM's numbers, by output. */
  differences: Record<string, number>;
}

/** A network as WASM computes it. */
interface Reference {
  network: Network;
  bytes: NetworkBytes;
  /** For each square. */
  outputs: Readonly<Record<string, Float32Array>>[];
}

/** The library's networks on the GPU, as its own worker runs them, against the same on WASM. */
export class GpuRuns {
  #gpu: Gpu | undefined;
  #runtimes: Runtimes | undefined;
  #onGpu: PictureSurface | undefined;
  #onWasm: PictureSurface | undefined;
  #squares: readonly Region[] = [];
  #reference: Reference | undefined;

  /**
   * @param isSoftwareEnough whether to do with a program that acts as a GPU
   * @returns the GPU and how long it and the runtime took to start, or why there is none
   */
  async open(
    isSoftwareEnough: boolean,
  ): Promise<{ adapter: GpuAdapter; features: string[]; startMs: number } | { reason: string }> {
    const start = performance.now();
    const chosen = await chooseBackend({
      backend: isSoftwareEnough ? 'webgpu' : 'auto',
      skipped: [],
      baseUrl: undefined,
      threads: undefined,
    });
    const { gpu, runtimes } = chosen;
    if (!gpu) return { reason: chosen.skipped.map(({ reason }) => reason).join(' ') };
    await runtimes.ort.start();
    const startMs = performance.now() - start;
    this.#gpu = gpu;
    this.#runtimes = runtimes;
    const response = await fetch(`/samples/${SAMPLE}.jpg`);
    const frame = { kind: 'encoded', data: await response.blob() } as const;
    this.#onGpu = (await readPicture(frame, DEFAULT_LIMITS, { device: gpu.device })).pixels;
    this.#onWasm = (await readPicture(frame, DEFAULT_LIMITS)).pixels;
    return { adapter: gpu.adapter, features: [...gpu.device.features], startMs };
  }

  /**
   * Has a network run on WASM, for the ones on the GPU to be compared with.
   * @param batch the most squares that it will be run on at once
   * @returns what single runs took there, and in what it can be run on this GPU
   */
  async choose(
    name: string,
    batch: number,
    runs: number,
  ): Promise<{ wasmRuns: number[]; precisions: GpuCase['precision'][] }> {
    const network = BENCH_MODELS[name]?.network;
    const [surface, runtimes] = [this.#onWasm, this.#runtimes];
    if (!network || !surface || !runtimes) throw new Error(`no network ${name}`);
    const bytes = await new Downloads(undefined).fetch(network);
    this.#squares = squaresOf(batch);
    const running = await RunningNetwork.start(network, bytes, { runtimes, gpu: undefined });
    const outputs: Reference['outputs'] = [];
    for (const square of this.#squares) {
      const [seen] = await running.run(surface, [square], true);
      if (!seen) throw new Error('it was run on one square');
      outputs.push(seen);
    }
    const [square] = this.#squares;
    const wasmRuns = square ? await timed(runs, () => running.run(surface, [square])) : [];
    await running.release();
    this.#reference = { network, bytes, outputs };
    const hasHalves = this.#gpu?.hasHalf && (modelEntry(fileOf(network.file)).halfCasts ?? 0) > 0;
    return { wasmRuns, precisions: hasHalves ? ['float32', 'float16'] : ['float32'] };
  }

  /** Runs the network that was chosen on the GPU. */
  async measure({ precision, batch }: GpuCase, runs: number): Promise<GpuMeasured> {
    const { gpu, runtimes, picture, reference } = this.#parts();
    const { network, bytes, outputs } = reference;
    const squares = this.#squares.slice(0, batch);
    let start = performance.now();
    const running = await RunningNetwork.start(network, bytes, { runtimes, gpu, precision, batch });
    const startMs = performance.now() - start;
    start = performance.now();
    const seen = await running.run(picture, squares, true);
    const firstMs = performance.now() - start;
    const compared = seen.map((each, at) => network.compare(each, outputs[at] ?? {}));
    const worst = compared.toSorted((one, other) => gradeOf(other.share) - gradeOf(one.share))[0];
    const differences: Record<string, number> = {};
    for (const [at, each] of seen.entries()) {
      for (const [name, numbers] of Object.entries(each)) {
        const wanted = outputs[at]?.[name];
        differences[name] = Math.max(differences[name] ?? 0, greatestGap(numbers, wanted));
      }
    }
    const run = (withHead: boolean) => () => running.run(picture, squares, withHead);
    await timed(WARM_UP, run(network.head !== undefined));
    const measured = await timed(runs, run(false));
    const headRuns = network.head ? await timed(runs, run(true)) : [];
    await running.release();
    return {
      startMs,
      firstMs,
      runs: measured,
      headRuns,
      stages: await this.#stages({ precision, batch }, runs),
      share: worst?.share ?? Number.NaN,
      words: worst?.words ?? 'nothing was run',
      differences,
    };
  }

  /** The parts of a run, with a session whose outputs stay on the GPU until they are asked for. */
  async #stages({ precision, batch }: GpuCase, runs: number): Promise<GpuStages[]> {
    const { gpu, runtimes, picture, reference } = this.#parts();
    const { network, bytes } = reference;
    const squares = this.#squares.slice(0, batch);
    const { outputs, input } = network;
    const session = await startSession(fileOf(network.file), bytes.body, {
      runtimes,
      gpu,
      precision,
      batch,
      keep: [...outputs, ...(network.head?.reads ?? [])],
    });
    const cropper = new GpuCropper(gpu.device, input, batch);
    const issue = async () => {
      const buffer = cropper.crop(picture, squares);
      const tensors = await session.run(
        { image: { buffer, dims: [squares.length, 3, input.side, input.side] } },
        outputs,
      );
      return outputs.flatMap((name) => {
        const tensor = tensors[name];
        return tensor && 'buffer' in tensor ? [tensor] : [];
      });
    };
    const done = () => gpu.device.queue.onSubmittedWorkDone();
    const reader = new GpuReader(gpu.device);
    const stages: GpuStages[] = [];
    for (let round = 0; round < WARM_UP + runs; round++) {
      const start = performance.now();
      const tensors = await issue();
      const issued = performance.now();
      await done();
      const computed = performance.now();
      await reader.read(
        tensors.map(({ buffer, dims }) => ({ buffer, length: dims.reduce((all, size) => all * size, 1) })),
        () => {},
      );
      const read = performance.now();
      for (const { release } of tensors) release?.();
      stages.push({ issue: issued - start, compute: computed - issued, read: read - computed, inFlight: 0 });
    }
    const start = performance.now();
    for (let round = 0; round < runs; round++) for (const { release } of await issue()) release?.();
    await done();
    const inFlight = (performance.now() - start) / runs;
    await session.release();
    cropper.destroy();
    reader.destroy();
    return stages.slice(WARM_UP).map((each) => ({ ...each, inFlight }));
  }

  #parts(): { gpu: Gpu; runtimes: Runtimes; picture: GpuPicture; reference: Reference } {
    const [gpu, runtimes, picture, reference] = [this.#gpu, this.#runtimes, this.#onGpu, this.#reference];
    if (!gpu || !runtimes || !(picture instanceof GpuPicture) || !reference)
      throw new Error('nothing is open');
    return { gpu, runtimes, picture, reference };
  }
}

/** Squares about the people of the sample, each turned and sized otherwise, every other one in a mirror. */
function squaresOf(count: number): Region[] {
  const people = truth.find(({ id }) => id === SAMPLE)?.persons ?? [];
  return Array.from({ length: count }, (_, index) => {
    const [left = 0, top = 0, width = 0, height = 0] = people[index % people.length]?.box ?? [];
    return {
      centreX: left + width / 2,
      centreY: top + height / 2,
      size: (1.25 + 0.05 * index) * Math.max(width, height),
      rotation: 0.1 * index,
      mirrored: index % 4 > 1,
    };
  });
}

/** What is worse is more, and no number is worst. */
function gradeOf(share: number): number {
  return Number.isNaN(share) ? Infinity : share;
}

function greatestGap(numbers: Float32Array | undefined, wanted: Float32Array | undefined): number {
  if (!numbers || numbers.length !== wanted?.length) return Number.NaN;
  let greatest = 0;
  for (const [at, value] of numbers.entries()) {
    greatest = Math.max(greatest, Math.abs(value - (wanted[at] ?? Number.NaN)));
  }
  return greatest;
}

/** What so many runs took, in milliseconds, one after the other. */
async function timed(runs: number, work: () => Promise<unknown>): Promise<number[]> {
  const all: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await work();
    all.push(performance.now() - start);
  }
  return all;
}

expose(new GpuRuns());
