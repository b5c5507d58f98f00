import type { Program, ProgramCall } from './compile.ts';
import type { Kernels } from './module.ts';

/** A call as one thread makes it. */
interface ThreadCall extends Pick<ProgramCall, 'units' | 'part' | 'parts' | 'output'> {
  /** @param from the first unit, `to` the one behind the last */
  make: (from: number, to: number) => void;
}

/** A network as one thread sees it. */
export interface Work {
  calls: readonly ThreadCall[];
  /** Of how many this thread is which: 0 is the one that the others help. */
  threads: number;
  thread: number;
  /**
   * For every call: how many of its parts are done, and for every thread which part of its share is next.
   */
  words: Int32Array;
}

/** What threads need of a program. */
export interface WorkPlan extends Pick<Program, 'calls' | 'threads'> {
  memory: Pick<Program['memory'], 'scratch'>;
}

/** How many words threads need to share out a call. */
export function wordsPerCall(threads: number): number {
  return 1 + threads;
}

/** Words by which threads share out a program. */
export function wordsFor({ calls, threads }: WorkPlan): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * wordsPerCall(threads) * calls.length);
}

/**
 * The same for a thread.
 * @param words those of {@link wordsFor}; of no use to a thread that makes all calls
 */
export function workOf(
  { calls, threads, memory: { scratch } }: WorkPlan,
  kernels: Kernels,
  thread = 0,
  words?: SharedArrayBuffer,
): Work {
  const room = scratch.address + thread * scratch.bytes;
  return {
    calls: calls.map((call) => threadCall(call, kernels, room)),
    threads,
    thread,
    words: words ? new Int32Array(words) : new Int32Array(),
  };
}

/**
 * A call with its arguments in one array for good: a run makes hundreds of parts, and an array for each was
 * most of the garbage of a followed frame. All are whole numbers; −0 is made 0, since with one of it
 * browsers keep all as floating point, and make an object of each in every call.
 */
function threadCall(
  { kernel, arguments: given, units, part, parts, output }: ProgramCall,
  kernels: Kernels,
  room: number,
): ThreadCall {
  const call = kernels[kernel];
  const all = [...given, room, 0, units].map((value) => value | 0);
  const at = given.length + 1;
  return {
    units,
    part,
    parts,
    output,
    make(from, to) {
      all[at] = from;
      all[at + 1] = to;
      Reflect.apply(call, undefined, all);
    },
  };
}

/** Makes all calls, but for those that are there for outputs that nobody wants. */
export function workAlone({ calls }: Work, isWanted: (output: string) => boolean): void {
  for (const { make, units, output } of calls) {
    if (output === undefined || isWanted(output)) make(0, units);
  }
}

/*
 * Several threads walk the same list of calls, and take its calls' parts as they come to them: first those of
 * their own share, which is about where their share of the call before was, so that what they read is in
 * their core's cache; then what others have left of theirs. One that other programs keep from running takes
 * fewer, and one that has not even woken holds nobody up. A call begins when all parts of the one before are
 * done.
 *
 * The words of next parts have the number of the run in their upper half, so that a thread that
 * is late takes nothing of the next run's.
 */

const RUN_SHIFT = 16;
const PART_MASK = 0xffff;

/** Numbers that runs have, one after the other: what fits into the upper half of a word. 0 is no run's. */
export const RUNS = 0x7fff;

/**
 * How often it is looked whether others are done, before the thread sleeps
 * until they are: some tens of microseconds.
 */
const LOOKS = 4000;

/** For so long a thread sleeps at a time, in milliseconds, before it looks whether it is still to wait. */
export const NAP_MS = 50;

/** Makes the words ready for a run, before other threads are told of it. */
export function openRun(
  { calls, threads, words }: Work,
  run: number,
  isWanted: (output: string) => boolean,
): void {
  let doneAt = -wordsPerCall(threads);
  for (const { output, parts } of calls) {
    doneAt += wordsPerCall(threads);
    const isDone = output !== undefined && !isWanted(output);
    Atomics.store(words, doneAt, isDone ? parts : 0);
    for (let thread = 0; thread < threads; thread++) {
      const next = isDone ? parts : startOfShare(thread, threads, parts);
      Atomics.store(words, doneAt + 1 + thread, (run << RUN_SHIFT) | next);
    }
  }
}

/** The first part of a thread's share. */
function startOfShare(thread: number, threads: number, parts: number): number {
  return Math.floor((thread * parts) / threads);
}

/** How a thread works beside others. */
export interface Teamwork {
  /**
   * Whether to go on with the run.
   * @param naps how often in a row this thread has slept without any part being done
   */
  isGoingOn: (naps: number) => boolean;
  /** A part failed. It is counted as done when this returns, so that nobody waits for it. */
  onFailure: (error: unknown) => void;
}

/** Makes calls until all are made, beside other threads. */
export function workTogether(work: Work, run: number, { isGoingOn, onFailure }: Teamwork): void {
  const { calls, threads, thread, words } = work;
  let doneAt = -wordsPerCall(threads);
  for (const { make, units, part, parts } of calls) {
    doneAt += wordsPerCall(threads);
    for (let other = 0; other < threads; other++) {
      const whose = (thread + other) % threads;
      const nextAt = doneAt + 1 + whose;
      const end = startOfShare(whose + 1, threads, parts);
      for (let k = takePart(words, nextAt, run, end); k >= 0; k = takePart(words, nextAt, run, end)) {
        try {
          make(k * part, Math.min(units, (k + 1) * part));
        } catch (error) {
          onFailure(error);
        }
        if (Atomics.add(words, doneAt, 1) + 1 === parts) Atomics.notify(words, doneAt);
      }
    }
    if (!waitForAll(words, doneAt, parts, isGoingOn)) return;
  }
}

/** The part of a share that is now this thread's, or -1 where none is left. */
function takePart(words: Int32Array, at: number, run: number, end: number): number {
  for (;;) {
    const word = Atomics.load(words, at);
    const next = word & PART_MASK;
    if (word >>> RUN_SHIFT !== run || next >= end) return -1;
    if (Atomics.compareExchange(words, at, word, word + 1) === word) return next;
  }
}

/** @returns whether to go on with the next call */
function waitForAll(words: Int32Array, at: number, parts: number, isGoingOn: Teamwork['isGoingOn']): boolean {
  let naps = 0;
  for (let looks = 0; ; looks++) {
    const done = Atomics.load(words, at);
    if (done >= parts) return isGoingOn(0);
    if (looks < LOOKS) continue;
    if (!isGoingOn(naps)) return false;
    // Woken by whoever finishes the last part; parts that are finished before end it at once, to sleep again.
    naps = Atomics.wait(words, at, done, NAP_MS) === 'timed-out' ? naps + 1 : 0;
  }
}
