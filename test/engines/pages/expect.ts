/** What checks say, and how they compare answers. */
import { BODY_PARTS, BodyAnalysisClient } from 'body21';
import type { BodyAnalysisClientOptions, BodyAnalysisResult, ImageSource } from 'body21';
import golden from '../../support/golden.json';

/** Thrown by a check that this engine, or this machine, has not what is needed for. */
export class Skip extends Error {}

/** @throws Error with the message unless it holds */
export function must(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** What counts as the same answer in every engine: half a pixel, and a hundredth of a score. */
const SAME = { pixels: 0.5, score: 0.01 };

type People = Pick<BodyAnalysisResult, 'person_num' | 'person_info'>;

/** The name of a sample picture. */
export type SampleName = keyof typeof golden;

/** All sample pictures. */
export const SAMPLES = Object.keys(golden) as SampleName[];

/** @throws Error unless it is the answer that every backend gives to the sample */
export function mustBeGolden(result: BodyAnalysisResult, sample: SampleName): void {
  mustBeSame(result, golden[sample], sample);
}

/** @throws Error unless the same people are in the same places, as sure */
export function mustBeSame(result: People, expected: People, name: string): void {
  must(
    result.person_num === expected.person_num && result.person_info.length === expected.person_num,
    `${name}: ${result.person_num} people, not ${expected.person_num}`,
  );
  for (const [index, { body_parts, location }] of result.person_info.entries()) {
    const wanted = expected.person_info[index];
    must(wanted !== undefined, `${name}: there is no person ${index}`);
    for (const part of BODY_PARTS) {
      const [one, other] = [body_parts[part], wanted.body_parts[part]];
      const distance = Math.hypot(one.x - other.x, one.y - other.y);
      const where = `${name}, person ${index}, ${part}`;
      must(distance <= SAME.pixels, `${where}: ${distance.toFixed(2)} px off`);
      must(
        Math.abs(one.score - other.score) <= SAME.score,
        `${where}: score ${one.score}, not ${other.score}`,
      );
    }
    const [score, wantedScore] = [location.score, wanted.location.score];
    must(Math.abs(score - wantedScore) <= SAME.score, `${name}: score ${score}, not ${wantedScore}`);
  }
}

/** @throws Error unless it rejects; gives the reason */
export async function mustReject(promise: Promise<unknown>): Promise<unknown> {
  const [outcome] = await Promise.allSettled([promise]);
  must(outcome.status === 'rejected', 'it was answered where it should have been rejected');
  return outcome.reason;
}

/** The settings that the golden answers are those of. */
export const GOLDEN = {
  model: 'lite',
  quality: 'fast',
  backend: 'wasm',
  warmUp: false,
  // Two threads on cores that have other work wait for each other for long. Two checks ask for more.
  threads: 1,
} as const satisfies BodyAnalysisClientOptions;

/**
 * A client of a check's own, which is disposed of after it. Not by `using`, which WebKit does not know yet.
 */
export async function withClient(
  options: BodyAnalysisClientOptions,
  work: (client: BodyAnalysisClient) => Promise<void>,
): Promise<void> {
  const client = await BodyAnalysisClient.create(options);
  try {
    await work(client);
  } finally {
    client.dispose();
  }
}

let shared: Promise<BodyAnalysisClient> | undefined;

/** A client that checks have in common, with the settings of {@link GOLDEN}. */
export function goldenClient(): Promise<BodyAnalysisClient> {
  return (shared ??= BodyAnalysisClient.create(GOLDEN));
}

/** What that client answers. */
export async function answerTo(source: ImageSource): Promise<BodyAnalysisResult> {
  return (await goldenClient()).bodyAnalysis(source);
}

/** The bytes of a sample's file. */
export async function sampleBlob(sample: SampleName): Promise<Blob> {
  const response = await fetch(`/samples/${sample}.jpg`);
  must(response.ok, `there is no sample ${sample}`);
  return response.blob();
}

/** What was asked of both origins so far, by path. */
export async function requested(): Promise<string[]> {
  const response = await fetch('/requested');
  return (await response.json()) as string[];
}

/** A sample, decoded. */
export async function sampleBitmap(sample: SampleName): Promise<ImageBitmap> {
  return createImageBitmap(await sampleBlob(sample));
}

/** A canvas of that size in no document, and its context. */
export function canvasOf(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  must(context !== null, 'there is no 2D canvas');
  return [canvas, context];
}

/** Resolves after so many milliseconds. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @throws Error with the message where it takes longer than so many milliseconds */
export function within<T>(ms: number, promise: Promise<T>, message: string): Promise<T> {
  return Promise.race([
    promise,
    delay(ms).then(() => {
      throw new Error(message);
    }),
  ]);
}
