import type { BackendChoice, BackendInfo, LandmarkModel } from '../schema/loading.ts';
import { FIGURE_SQUARE } from './figure.ts';
import type { Gpu } from './gpu.ts';
import { LandmarkLooks } from './landmark-looks.ts';
import type { LandmarkBytes, LandmarkData } from './landmark-looks.ts';
import type { PictureSurface } from './picture.ts';

/**
 * How far landmarks may be from WASM's, in pixels of the model's input of 256, and the flag, a probability. Half
 * precision rounds coordinates over 128 to an eighth of a pixel.
 */
const SAME = { landmark: 0.5, flag: 0.01 };
/** x and y of each of the 39 points; z and two logits are not compared. */
const LANDMARK_SIZE = 5;

/** How many people a run takes where that is faster. */
const BATCH = 4;
/** A batch is used where it takes less than this share of the time of single runs. */
const BATCH_GAIN = 0.8;

/** The figure as each backend sees it. */
export interface Figures {
  gpu: PictureSurface;
  wasm: PictureSurface;
}

/** What came of trying the GPU: the model to use on it, or why WASM is better. */
export type Trial =
  | { looks: LandmarkLooks; precision: BackendInfo['precision']; batch: number; slowestRunMs: number }
  | { reason: string };

/**
 * Starts a landmark model on the GPU, and keeps it there if it gives what WASM gives; with `auto`, if it is also
 * faster, where WASM can take its place. Half precision comes first where the GPU has it.
 * @param onBeat told before every step
 * @throws BodyAnalysisError `gpu-failed` or `inference-failed`
 */
export async function tryGpu(
  gpu: Gpu,
  {
    name,
    bytes,
    choice,
    figures,
    hasRival,
  }: {
    name: LandmarkModel;
    bytes: LandmarkBytes;
    choice: BackendChoice;
    figures: Figures;
    /** Whether WASM can take the GPU's place. */
    hasRival: boolean;
  },
  onBeat: () => void,
): Promise<Trial> {
  const isMeasured = choice === 'auto';
  onBeat();
  const reference = await LandmarkLooks.start(name, bytes, { gpu: undefined });
  const lookOnWasm = () => reference.look(figures.wasm, [FIGURE_SQUARE], false);
  const [wanted] = await lookOnWasm();
  const wasmMs = isMeasured && hasRival ? await fastest(lookOnWasm, 3, onBeat) : Infinity;
  await reference.release();

  // On a program that acts as a GPU there is nothing to gain from more at once.
  const batch = isMeasured && !gpu.adapter.isSoftware ? BATCH : 1;
  let difference = Infinity;
  for (const precision of gpu.hasHalf ? (['float16', 'float32'] as const) : (['float32'] as const)) {
    onBeat();
    // oxlint-disable-next-line no-await-in-loop -- the second only where the first is not good enough
    const looks = await LandmarkLooks.start(name, bytes, { gpu, batch, precision });
    const look = (count: number, withMask: boolean) => () =>
      looks.look(
        figures.gpu,
        Array.from({ length: count }, () => FIGURE_SQUARE),
        withMask,
      );
    onBeat();
    const start = performance.now();
    // oxlint-disable-next-line no-await-in-loop
    const [seen] = await look(1, true)();
    const slowestRunMs = performance.now() - start;
    difference = worstDifference(seen, wanted);
    if (difference > 1) {
      // oxlint-disable-next-line no-await-in-loop
      await looks.release();
      continue;
    }
    if (!isMeasured) return { looks, precision, batch: 1, slowestRunMs };
    // oxlint-disable-next-line no-await-in-loop
    const gpuMs = await fastest(look(1, false), 3, onBeat, wasmMs);
    if (gpuMs > wasmMs) {
      // oxlint-disable-next-line no-await-in-loop
      await looks.release();
      return {
        reason: `It is slower here: ${gpuMs.toFixed(1)} ms for a look at a person, against ${wasmMs.toFixed(1)} ms on WASM.`,
      };
    }
    // oxlint-disable-next-line no-await-in-loop
    const batchMs = batch > 1 ? await fastest(look(batch, false), 3, onBeat) : Infinity;
    const isFaster = batchMs < BATCH_GAIN * batch * gpuMs;
    return { looks, precision, batch: isFaster ? batch : 1, slowestRunMs };
  }
  return {
    reason: `It computes something else than WASM: ${Number.isFinite(difference) ? `landmarks are off by ${(difference * SAME.landmark).toFixed(1)} px` : 'no numbers'}.`,
  };
}

/** The largest difference of two looks, in shares of what is allowed. */
function worstDifference(seen: LandmarkData | undefined, wanted: LandmarkData | undefined): number {
  if (!seen || !wanted) return Infinity;
  let worst = Math.abs(seen.flag - wanted.flag) / SAME.flag;
  for (const [index, value] of seen.landmarks.entries()) {
    if (index % LANDMARK_SIZE > 1) continue;
    worst = Math.max(worst, Math.abs(value - (wanted.landmarks[index] ?? Number.NaN)) / SAME.landmark);
  }
  // NaN compares false with everything, so it would pass for no difference.
  return Number.isNaN(worst) ? Infinity : worst;
}

/** @param enough what takes more than ten times as long the first time is not timed again */
async function fastest(
  work: () => Promise<unknown>,
  times: number,
  onBeat: () => void,
  enough = Infinity,
): Promise<number> {
  let best = Infinity;
  for (let time = 0; time < times; time++) {
    onBeat();
    const start = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- each is timed by itself
    await work();
    best = Math.min(best, performance.now() - start);
    if (best > 10 * enough) break;
  }
  return best;
}
