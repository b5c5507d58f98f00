import type { TrackedResult } from 'body21';
import { idsIn, pack, unpack } from './packed.ts';
import type { PackedFrame } from './packed.ts';

/** A frame and who is in it. */
export interface AnsweredFrame {
  /** When the frame begins, in milliseconds of the video's own clock. */
  timestamp: number;
  result: TrackedResult;
}

/** A stretch of time in which someone is there, in milliseconds. */
export interface Span {
  from: number;
  to: number;
}

/** Someone in a video, and when. */
export interface Appearance {
  id: number;
  spans: Span[];
  /** In how many frames. */
  frames: number;
}

/**
 * Two times of one frame may differ by so much, in milliseconds: browsers count in microseconds, files in
 * their own units.
 */
const SAME_TIME_MS = 1.5;

/**
 * Who is not seen for no longer than this, in milliseconds, was there all the same: a lane in crumbs says
 * nothing.
 */
const SHORT_GAP_MS = 250;

/**
 * The answers to a video's frames, in order of time. Only these are kept, never the frames, and packed: a
 * minute of 30 frames a second with two people takes less than 3 MB.
 */
export class Answers {
  #frames: PackedFrame[] = [];

  /** How many frames are answered. */
  get length(): number {
    return this.#frames.length;
  }

  /** When each of them begins, in milliseconds and in order. */
  get times(): number[] {
    return this.#frames.map(({ timestamp }) => timestamp);
  }

  get first(): AnsweredFrame | undefined {
    return answered(this.#frames[0]);
  }

  get last(): AnsweredFrame | undefined {
    return answered(this.#frames.at(-1));
  }

  /** Every frame's answer, one after the other. */
  *all(): Generator<AnsweredFrame, void, undefined> {
    for (const frame of this.#frames) yield { timestamp: frame.timestamp, result: unpack(frame) };
  }

  /** The highest number that anyone has; 0 where there is nobody. */
  get lastId(): number {
    let highest = 0;
    for (const frame of this.#frames) highest = Math.max(highest, ...idsIn(frame));
    return highest;
  }

  /** Takes a frame's answer in, in place of one of the same frame. */
  add({ timestamp, result }: AnsweredFrame): void {
    const at = this.#floor(timestamp);
    const isKnown = at >= 0 && timestamp - (this.#frames[at]?.timestamp ?? 0) <= SAME_TIME_MS;
    this.#frames.splice(isKnown ? at : at + 1, isKnown ? 1 : 0, pack(timestamp, result));
  }

  clear(): void {
    this.#frames = [];
  }

  /** The answer to the very frame that begins at this time, in milliseconds. */
  of(timestamp: number): AnsweredFrame | undefined {
    const frame = this.#frames[this.#floor(timestamp)];
    return frame && Math.abs(timestamp - frame.timestamp) <= SAME_TIME_MS ? answered(frame) : undefined;
  }

  /**
   * The answer to the frame that is shown at this time, where every frame was analysed from the first on.
   * @param frameMs how long the last frame is shown, in milliseconds
   */
  at(time: number, frameMs: number): AnsweredFrame | undefined {
    const at = this.#floor(time);
    const frame = this.#frames[at];
    if (!frame || (at === this.#frames.length - 1 && time - frame.timestamp >= frameMs)) return undefined;
    return answered(frame);
  }

  /**
   * Everyone, in order of their numbers, and when they are there.
   * @param frameMs how long a frame is shown, in milliseconds
   */
  appearances(frameMs: number): Appearance[] {
    const people = new Map<number, Appearance>();
    for (const frame of this.#frames) {
      const { timestamp } = frame;
      for (const id of idsIn(frame)) {
        const person = people.get(id) ?? { id, spans: [], frames: 0 };
        people.set(id, person);
        person.frames++;
        const span = person.spans.at(-1);
        if (span && timestamp - span.to <= SHORT_GAP_MS) span.to = timestamp + frameMs;
        else person.spans.push({ from: timestamp, to: timestamp + frameMs });
      }
    }
    return [...people.values()].toSorted((a, b) => a.id - b.id);
  }

  /** The last frame that begins at this time or before; -1 where none does. */
  #floor(timestamp: number): number {
    let [low, high] = [0, this.#frames.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#frames[middle]?.timestamp ?? Infinity) <= timestamp + SAME_TIME_MS) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function answered(frame: PackedFrame | undefined): AnsweredFrame | undefined {
  return frame && { timestamp: frame.timestamp, result: unpack(frame) };
}
