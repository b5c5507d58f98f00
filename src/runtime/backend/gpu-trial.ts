import type { Network } from '../../networks/network.ts';
import type { BackendChoice, BackendInfo } from '../../schema/loading.ts';
import { DEFAULT_LIMITS } from '../../schema/limits.ts';
import type { Frame } from '../../source/frame.ts';
import { packedName } from '../files/assets.ts';
import type { NetworkBytes } from '../files/network-files.ts';
import { halfCastsOf } from '../files/model-store.ts';
import { drawFigure, FIGURE_SQUARE } from '../pictures/drawn-figure.ts';
import { readPicture } from '../pictures/picture.ts';
import type { PictureSurface } from '../pictures/picture.ts';
import type { Gpu } from './gpu.ts';
import { RunningNetwork } from './running-network.ts';
import type { Runtimes } from './session.ts';

/** How many squares a run takes where that is faster. */
const BATCH = 4;
/** A batch is used where it takes less than this share of the time of single runs. */
const BATCH_GAIN = 0.8;

/** The figure as each backend sees it. */
export interface Figures {
  gpu: PictureSurface;
  wasm: PictureSurface;
}

/** Has work done with the drawn figure, as each backend sees it. */
export async function withFigures<Done>(gpu: Gpu, work: (figures: Figures) => Promise<Done>): Promise<Done> {
  const figure: Frame = { kind: 'pixels', pixels: drawFigure() };
  const onWasm = await readPicture(figure, DEFAULT_LIMITS);
  const onGpu = await gpu.run(() => readPicture(figure, DEFAULT_LIMITS, { device: gpu.device }));
  try {
    return await work({ gpu: onGpu.pixels, wasm: onWasm.pixels });
  } finally {
    onGpu.release();
  }
}

/** What came of trying a network on the GPU: how to use it there, or why WASM is better. */
export type Trial =
  | { running: RunningNetwork; precision: BackendInfo['precision']; batch: number; slowestRunMs: number }
  | { reason: string };

/** What is tried, and how. */
export interface TrialOptions {
  network: Network;
  bytes: NetworkBytes;
  choice: BackendChoice;
  figures: Figures;
  runtimes: Runtimes;
  /** Whether WASM takes the GPU's place where it is faster. */
  hasRival: boolean;
}

/**
 * Starts a network on the GPU, and keeps it there if it gives what WASM gives; with `auto`, if it is also
 * faster, where WASM can take its place. Half precision comes first where the GPU has it.
 * @param onHeartbeat told before every step
 * @throws BodyAnalysisError `gpu-failed` or `inference-failed`
 */
export async function tryGpu(
  gpu: Gpu,
  { runtimes, network, bytes, choice, figures, hasRival }: TrialOptions,
  onHeartbeat: () => void,
): Promise<Trial> {
  const isMeasured = choice === 'auto';
  onHeartbeat();
  const reference = await RunningNetwork.start(network, bytes, { runtimes, gpu: undefined });
  const runOnWasm = () => reference.run(figures.wasm, [FIGURE_SQUARE]);
  const [wanted] = await runOnWasm();
  const wasmMs = isMeasured && hasRival ? await fastest(runOnWasm, 3, onHeartbeat) : Infinity;
  await reference.release();

  // On a program that acts as a GPU there is nothing to gain from more at once.
  const batch = isMeasured && network.batched && !gpu.adapter.isSoftware ? BATCH : 1;
  let difference = 'no numbers';
  for (const precision of gpu.hasHalf && halfCastsOf(packedName(`${network.file}.onnx`)) > 0
    ? (['float16', 'float32'] as const)
    : (['float32'] as const)) {
    onHeartbeat();
    const running = await RunningNetwork.start(network, bytes, { runtimes, gpu, batch, precision });
    const run = (count: number, withHead: boolean) => () =>
      running.run(
        figures.gpu,
        Array.from({ length: count }, () => FIGURE_SQUARE),
        withHead,
      );
    onHeartbeat();
    const start = performance.now();
    const [seen] = await run(1, true)();
    const slowestRunMs = performance.now() - start;
    if (!seen || !wanted) throw new RangeError('it was run on one square');
    const { share, words } = network.compare(seen, wanted);
    difference = words;
    // NaN is not the same, and compares false with everything.
    if (!(share <= 1)) {
      await running.release();
      continue;
    }
    if (!isMeasured || (batch === 1 && !hasRival)) return { running, precision, batch: 1, slowestRunMs };
    const gpuMs = await fastest(run(1, false), 3, onHeartbeat, wasmMs);
    if (gpuMs > wasmMs) {
      await running.release();
      return {
        reason: `It is slower here: ${gpuMs.toFixed(1)} ms a run, against ${wasmMs.toFixed(1)} ms on WASM.`,
      };
    }
    const batchMs = batch > 1 ? await fastest(run(batch, false), 3, onHeartbeat) : Infinity;
    const isFaster = batchMs < BATCH_GAIN * batch * gpuMs;
    return { running, precision, batch: isFaster ? batch : 1, slowestRunMs };
  }
  return {
    reason: `It computes something else than WASM: ${difference}.`,
  };
}

/** @param enough what takes more than ten times as long the first time is not timed again */
async function fastest(
  work: () => Promise<unknown>,
  times: number,
  onHeartbeat: () => void,
  enough = Infinity,
): Promise<number> {
  let best = Infinity;
  for (let time = 0; time < times; time++) {
    onHeartbeat();
    const start = performance.now();
    await work();
    best = Math.min(best, performance.now() - start);
    if (best > 10 * enough) break;
  }
  return best;
}
