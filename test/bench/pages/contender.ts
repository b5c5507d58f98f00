/** What the pages of the comparison have in common. Each has a function `open` that loads one contender. */
import type { Collection } from './garbage.ts';

/** One call, from what the caller hands in to what it gets. */
export interface Call {
  /** Wall-clock milliseconds. */
  ms: number;
  /** Whether the answer has someone in it: nobody is found sooner than somebody. */
  found: boolean;
  /** Where the time went, in milliseconds, for contenders that tell. */
  stages?: Stages;
}

/**
 * The parts of a call. `decode`: the frame becomes pixels; `crop`: squares of them become model
 * inputs; `detector` and `landmarks`: the models' own runs, the copy of input and output to and from
 * WASM's memory among it (on WASM there is no other upload); `post`: what else the worker does;
 * `transfer`: from the page to the worker and back.
 */
export interface Stages {
  transfer: number;
  decode: number;
  crop: number;
  detector: number;
  landmarks: number;
  post: number;
}

/** A contender that is loaded. */
export interface Contender {
  /** Makes so many calls, one after the other. */
  call(task: string, count: number): Promise<Call[]>;
  /** Has that collected, and says how many bytes of WASM memory are in use; of those who can tell. */
  collect?(what: Collection): Promise<number>;
}

/** What LiteRT's page is opened with. */
export interface LiteRtOptions {
  /** By its name in `model-inputs.ts`. */
  model: string;
  threads: number;
}

/** What MediaPipe's page is opened with. */
export interface MediaPipeOptions {
  /** 0, 1 and 2: lite, full and heavy. */
  modelComplexity: 0 | 1 | 2;
  /** Whether the detector looks at every frame; otherwise only where it has lost the person. */
  detects: boolean;
}

/** Makes the calls. What is not part of a call is done in `prepare`, outside the clock. */
export async function timeCalls<Input>(
  count: number,
  prepare: () => Input | Promise<Input>,
  call: (input: Input) => Promise<boolean>,
): Promise<Call[]> {
  const calls: Call[] = [];
  for (let index = 0; index < count; index++) {
    // What the call before has left to do (closing ports, handing back frames) is not to be paid by the next.
    await new Promise((resolve) => setTimeout(resolve));
    const input = await prepare();
    const start = performance.now();
    const found = await call(input);
    calls.push({ ms: performance.now() - start, found });
  }
  return calls;
}

declare global {
  // oxlint-disable-next-line no-var -- only `var` declares a property of globalThis
  var benchContender: Contender | undefined;
}
