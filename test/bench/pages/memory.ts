/**
 * A page that drives itself, so that no debugger has to: a browser that is debugged keeps whatever a page has
 * loaded. It says each time that there is something to be measured, and goes on when that was done.
 */
import { open } from './body21.ts';
import type { Body21Options } from './body21.ts';
import { CameraClip } from './clip.ts';
import { collect } from './garbage.ts';
import type { Collection } from './garbage.ts';

/** What the page is opened with, as JSON in its address's hash. */
export interface MemoryOptions {
  /** Whom it tells, by an address. */
  reportUrl: string;
  library: Body21Options;
  /** After how many frames memory is measured, in rising order. */
  readings: readonly number[];
  /** What is collected each time before it is measured. */
  collection: Collection;
}

/** What it tells. */
export type MemoryReport =
  | { kind: 'before' }
  | { kind: 'reading'; wasm: number }
  | { kind: 'error'; words: string };

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of our own making
const { reportUrl, library, readings, collection } = JSON.parse(
  decodeURIComponent(location.hash.slice(1)),
) as MemoryOptions;

/** Resolves when it was measured. */
async function tell(report: MemoryReport): Promise<void> {
  await fetch(reportUrl, { method: 'POST', body: JSON.stringify(report) });
}

async function run(): Promise<void> {
  // The clip is not the library's.
  await CameraClip.open();
  collect(collection);
  await tell({ kind: 'before' });
  const contender = await open(library);
  let frames = 0;
  for (const wanted of readings) {
    await contender.call('track', wanted - frames);
    frames = wanted;
    await tell({ kind: 'reading', wasm: (await contender.collect?.(collection)) ?? 0 });
  }
}

run().catch((error: unknown) => tell({ kind: 'error', words: String(error) }));
